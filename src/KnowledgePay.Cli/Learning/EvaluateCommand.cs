using System.CommandLine;
using KnowledgePay.Cli.Terminal;

namespace KnowledgePay.Cli.Learning;

/// <summary><c>kpay evaluate</c>: how good predictions are, or a policy would be, from files.</summary>
internal static class EvaluateCommand
{
    public static Command Make(CliConsole console) => new("evaluate", "Measure predictions and policies from files.")
    {
        EvaluateRiskCommand.Make(console),
        EvaluateRecommenderCommand.Make(console),
        EvaluateRatingCommand.Make(console),
        EvaluatePolicyCommand.Make(console),
    };
}
