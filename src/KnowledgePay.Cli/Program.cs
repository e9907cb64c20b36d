using KnowledgePay.Cli.CommandLine;
using KnowledgePay.Cli.Terminal;

return await KpayCommandLine.Run(args, CliConsole.OfProcess(), CancellationToken.None).ConfigureAwait(false);
