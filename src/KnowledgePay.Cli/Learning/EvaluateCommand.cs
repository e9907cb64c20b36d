using System.CommandLine;
using KnowledgePay.Cli.Terminal;

namespace KnowledgePay.Cli.Learning;

/// <summary><c>kpay evaluate …</c>: how good predictions or policies are.</summary>
internal static class EvaluateCommand
{
    public static Command Make(CliConsole console) => new("evaluate", "Say how good predictions are.")
    {
        EvaluateRiskCommand.Make(console),
    };
}
