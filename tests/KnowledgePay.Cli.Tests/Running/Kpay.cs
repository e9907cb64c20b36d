using KnowledgePay.Cli.CommandLine;
using KnowledgePay.Cli.Terminal;

namespace KnowledgePay.Cli.Tests.Running;

/// <summary>What a run of <c>kpay</c> gave.</summary>
internal sealed record KpayResult(int ExitCode, string Output, string Error)
{
    /// <summary>A count that the import prints, for example <c>accepted</c>.</summary>
    public long Count(string name) =>
        long.Parse(Output.Split('\n').Single(line => line.StartsWith(name + " ", StringComparison.Ordinal))[name.Length..].Trim(), System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>Runs the command line as a caller does, with its streams caught.</summary>
internal static class Kpay
{
    public static Task<KpayResult> Run(params string[] arguments) => Run(TestContext.Current.CancellationToken, arguments);

    public static async Task<KpayResult> Run(CancellationToken cancellation, params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        int code = await KpayCommandLine.Run(arguments, new CliConsole(TextWriter.Synchronized(output), TextWriter.Synchronized(error), false, TimeProvider.System), cancellation);
        return new KpayResult(code, output.ToString().ReplaceLineEndings("\n"), error.ToString().ReplaceLineEndings("\n"));
    }
}
