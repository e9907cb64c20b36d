using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using KnowledgePay.Cli.Terminal;
using KnowledgePay.Learning.Files;
using KnowledgePay.Learning.ModelFiles;
using KnowledgePay.Learning.PricingGames;

namespace KnowledgePay.Cli.Simulating;

/// <summary><c>kpay simulate pricing</c>: a pricing policy against a market whose demand it does not know.</summary>
internal static class SimulatePricingCommand
{
    /// <summary>Points of regret that are written at most; with more rounds a point is the mean of several.</summary>
    private const int MostPoints = 100_000;

    public static Command Make(CliConsole console)
    {
        var scenario = new Option<string?>("--scenario") { Description = "JSON file with the market; one course with elastic demand when absent." };
        var policy = new Option<string>("--policy") { Description = PricingGame.PoliciesExpected + ".", Required = true };
        var rounds = new Option<int>("--rounds") { Description = "Visitors.", Required = true };
        var seed = new Option<ulong>("--seed") { Description = "The same seed brings the same visitors.", Required = true };
        var output = new Option<string>("--out") { Description = "JSON file to write.", Required = true };
        var command = new Command("pricing", "Revenue, the oracle's revenue and regret by round of a pricing policy.") { scenario, policy, rounds, seed, output };
        command.SetAction(async (parsed, cancellation) =>
        {
            int count = parsed.GetValue(rounds);
            if (count is < 1 or > PricingGame.MostRounds)
            {
                throw new InputException($"--rounds {count}: expected 1 to {PricingGame.MostRounds}.");
            }

            PricingScenario market = parsed.GetValue(scenario) is { } path ? PricingScenario.Read(path) : new PricingScenario();
            string name = parsed.GetValue(policy)!;
            PricingOutcome outcome = await ProgressDisplay.Run(console, "simulate pricing", display => Task.Run(
                () => PricingGame.Play(market, name, count, parsed.GetValue(seed), share => display.Report(share, (long)(share * count), "visitors"), cancellation),
                cancellation)).ConfigureAwait(false);
            double regret = outcome.OracleMargin - outcome.ExpectedMargin;
            int each = (count + MostPoints - 1) / MostPoints;
            Report.WriteFile(parsed.GetValue(output)!, new JsonObject
            {
                ["policy"] = name,
                ["scenario"] = JsonSerializer.SerializeToNode(market, JsonSerializerOptions.Web),
                ["rounds"] = count,
                ["seed"] = parsed.GetValue(seed),
                ["sales"] = outcome.Sales,
                ["revenue"] = outcome.Revenue,
                ["margin"] = outcome.Margin,
                ["expectedRevenue"] = Report.Number(outcome.ExpectedRevenue, 2),
                ["expectedMargin"] = Report.Number(outcome.ExpectedMargin, 2),
                ["oracleRevenue"] = Report.Number(outcome.OracleRevenue, 2),
                ["oracleMargin"] = Report.Number(outcome.OracleMargin, 2),
                ["listMargin"] = Report.Number(outcome.ListMargin, 2),
                ["shareOfOracle"] = Report.Number(outcome.ExpectedMargin / outcome.OracleMargin),
                ["timesListPrice"] = Report.Number(outcome.ExpectedMargin / outcome.ListMargin),
                ["meanPrice"] = Report.Number(outcome.MeanPrice, 2),
                ["roundsByRung"] = new JsonArray([.. outcome.RoundsByRung.Select(n => (JsonNode?)n)]),
                ["regret"] = Report.Number(regret, 2),
                ["regretByTenth"] = Report.Numbers(Enumerable.Range(0, 10).Select(t => Mean(outcome.RegretByRound, (int)((long)t * count / 10), (int)((long)(t + 1) * count / 10))), 3),
                ["roundsPerPoint"] = each,
                ["regretByRound"] = Report.Numbers(Enumerable.Range(0, (count + each - 1) / each).Select(p => Mean(outcome.RegretByRound, p * each, Math.Min(count, (p + 1) * each))), 3),
            });
            console.Out.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"pricing {name}: {count} rounds, revenue {outcome.Revenue}, expected margin {outcome.ExpectedMargin / outcome.OracleMargin:P1} of the oracle's and {outcome.ExpectedMargin / outcome.ListMargin:F3} × list price, regret {regret:F0}"));
            return 0;
        });
        return command;
    }

    private static double Mean(double[] values, int from, int to)
    {
        double sum = 0;
        for (int i = from; i < to; i++)
        {
            sum += values[i];
        }

        return to > from ? sum / (to - from) : 0;
    }
}
