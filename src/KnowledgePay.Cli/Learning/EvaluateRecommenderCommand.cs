using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using KnowledgePay.Cli.CommandLine;
using KnowledgePay.Cli.Terminal;
using KnowledgePay.Learning.Files;
using KnowledgePay.Learning.Interactions;
using KnowledgePay.Learning.Ranking;
using KnowledgePay.Learning.Recommenders;

namespace KnowledgePay.Cli.Learning;

/// <summary><c>kpay evaluate recommender</c>: recommendations against what people took afterwards.</summary>
internal static class EvaluateRecommenderCommand
{
    public static Command Make(CliConsole console)
    {
        var recommendations = new Option<string>("--recs") { Description = "CSV: user,rank,item[,score].", Required = true };
        var test = new Option<string>("--test") { Description = "CSV: user,item; all of its users count, also those without a recommendation.", Required = true };
        var cuts = new Option<string>("--k") { Description = "Cuts, for example 10,20.", DefaultValueFactory = _ => "10,20" };
        var output = new Option<string?>("--out") { Description = "Write the figures as JSON too." };
        var command = new Command("recommender", "Recall, NDCG, precision, hit rate and MRR of recommendations.") { recommendations, test, cuts, output };
        command.SetAction((parsed, _) =>
        {
            int[] ks = Cuts(parsed.GetValue(cuts)!);
            InteractionSet held = InteractionsFile.Read(parsed.GetValue(test)!);
            RankingMetrics[] figures = RecommendationLists.Evaluate(parsed.GetValue(recommendations)!, held, ks);
            for (int at = 0; at < ks.Length; at++)
            {
                RankingMetrics f = figures[at];
                console.Out.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"k={ks[at]} recall={f.Recall:F5} ndcg={f.Ndcg:F5} precision={f.Precision:F5} hitRate={f.HitRate:F5} mrr={f.Mrr:F5} users={f.Users}"));
            }

            if (parsed.GetValue(output) is { } path)
            {
                File.WriteAllText(path, JsonSerializer.Serialize(
                    ks.Select((k, at) => new { k, recall = figures[at].Recall, ndcg = figures[at].Ndcg, precision = figures[at].Precision, hitRate = figures[at].HitRate, mrr = figures[at].Mrr, users = figures[at].Users })) + "\n");
            }

            return Task.FromResult(KpayCommandLine.Done);
        });
        return command;
    }

    private static int[] Cuts(string text) =>
    [
        .. text.Split(',', StringSplitOptions.TrimEntries).Select(cut => int.TryParse(cut, NumberStyles.None, CultureInfo.InvariantCulture, out int k) && k is >= 1 and <= RankingMetrics.LargestCut
            ? k
            : throw new InputException($"--k '{text}': expected numbers from 1 to {RankingMetrics.LargestCut} with commas between them.")),
    ];
}
