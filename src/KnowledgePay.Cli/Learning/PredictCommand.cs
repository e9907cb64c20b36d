using System.CommandLine;
using KnowledgePay.Cli.Terminal;

namespace KnowledgePay.Cli.Learning;

/// <summary><c>kpay predict</c>.</summary>
internal static class PredictCommand
{
    public static Command Make(CliConsole console) => new("predict", "Apply a learned model to files.")
    {
        PredictRiskCommand.Make(console),
        PredictRecommenderCommand.Make(console),
        PredictRatingCommand.Make(console),
        PredictPremiumCommand.Make(console),
        PredictSentimentCommand.Make(console),
        PredictUpliftCommand.Make(console),
    };
}
