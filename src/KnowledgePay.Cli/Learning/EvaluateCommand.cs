using System.CommandLine;
using KnowledgePay.Cli.Terminal;

namespace KnowledgePay.Cli.Learning;

/// <summary><c>kpay evaluate</c>: how good something would be, from files.</summary>
internal static class EvaluateCommand
{
    public static Command Make(CliConsole console) => new("evaluate", "Judge by data, without trying.")
    {
        EvaluateRiskCommand.Make(console),
        EvaluateRecommenderCommand.Make(console),
        EvaluateRatingCommand.Make(console),
        EvaluatePolicyCommand.Make(console),
    };
}
