using System.CommandLine;
using KnowledgePay.Cli.Terminal;

namespace KnowledgePay.Cli.Learning;

/// <summary><c>kpay predict …</c>: what a learned model says of a file.</summary>
internal static class PredictCommand
{
    public static Command Make(CliConsole console) => new("predict", "Score a file with a learned model.")
    {
        PredictRiskCommand.Make(console),
    };
}
