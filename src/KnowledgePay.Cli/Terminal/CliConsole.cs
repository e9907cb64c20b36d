namespace KnowledgePay.Cli.Terminal;

/// <summary>Where a run of <c>kpay</c> writes, and its clock.</summary>
/// <param name="IsTerminal">Whether <paramref name="Error"/> is a terminal on which a progress bar can move.</param>
public sealed record CliConsole(TextWriter Out, TextWriter Error, bool IsTerminal, TimeProvider Time)
{
    public static CliConsole OfProcess() => new(Console.Out, Console.Error, !Console.IsErrorRedirected, TimeProvider.System);
}
