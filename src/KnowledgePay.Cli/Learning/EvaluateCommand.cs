using System.CommandLine;
using KnowledgePay.Cli.Terminal;

namespace KnowledgePay.Cli.Learning;

/// <summary><c>kpay evaluate</c>: figures of what a model or a policy did.</summary>
internal static class EvaluateCommand
{
    public static Command Make(CliConsole console) => new("evaluate", "Measure predictions and policies.")
    {
        EvaluateRiskCommand.Make(console),
        EvaluateRecommenderCommand.Make(console),
        EvaluateRatingCommand.Make(console),
    };
}
