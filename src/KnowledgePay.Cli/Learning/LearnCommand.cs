using System.CommandLine;
using KnowledgePay.Cli.Terminal;

namespace KnowledgePay.Cli.Learning;

/// <summary><c>kpay learn</c>.</summary>
internal static class LearnCommand
{
    public static Command Make(CliConsole console) => new("learn", "Learn a model from files.")
    {
        LearnRiskCommand.Make(console),
        LearnRecommenderCommand.Make(console),
        LearnSegmentsCommand.Make(console),
        LearnDemandCommand.Make(console),
        LearnPremiumCommand.Make(console),
        LearnSentimentCommand.Make(console),
        LearnUpliftCommand.Make(console),
    };
}
