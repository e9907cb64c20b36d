using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using KnowledgePay.Cli.Terminal;
using KnowledgePay.Learning.Files;
using KnowledgePay.Learning.ModelFiles;
using KnowledgePay.Learning.OffPolicy;

namespace KnowledgePay.Cli.Learning;

/// <summary><c>kpay evaluate policy</c>.</summary>
internal static class EvaluatePolicyCommand
{
    public static Command Make(CliConsole console)
    {
        var log = new Option<string>("--log") { Description = "CSV file of decisions that were made.", Required = true };
        var action = new Option<string>("--action") { Description = "Column with what was done.", Required = true };
        var reward = new Option<string>("--reward") { Description = "Column with what came of it, a number.", Required = true };
        var propensity = new Option<string>("--propensity") { Description = "Column with the probability with which it was chosen.", Required = true };
        var policy = new Option<string>("--policy")
        {
            Description = "uniform, logging, or a CSV file: action,probability with context columns where it depends on them; row,action,probability; or one probability of the taken action for each row.",
            Required = true,
        };
        var context = new Option<string[]>("--context") { Description = "Columns that describe the situation, separated by commas.", DefaultValueFactory = _ => [] };
        var least = new Option<double>("--min-effective-rows") { Description = "Refuse when the log is worth fewer rows of the policy's own.", DefaultValueFactory = _ => PolicyEvaluation.DefaultLeastEffective };
        var seed = LearnOptions.Seed();
        var output = new Option<string>("--out") { Description = "JSON file to write.", Required = true };
        var command = new Command("policy", "What a policy would have earned, from another policy's log.") { log, action, reward, propensity, policy, context, least, seed, output };
        command.SetAction((parsed, cancellation) =>
        {
            string actionColumn = parsed.GetValue(action)!;
            double leastEffective = parsed.GetValue(least);
            if (!(leastEffective >= 1))
            {
                throw new InputException($"--min-effective-rows {leastEffective.ToString(CultureInfo.InvariantCulture)}: expected 1 or more.");
            }

            DecisionLog decisions = DecisionLog.Read(
                parsed.GetValue(log)!, actionColumn, parsed.GetValue(reward)!, parsed.GetValue(propensity)!, LearnOptions.Names(parsed.GetValue(context)!), cancellation);
            TargetPolicy target = TargetPolicy.Of(parsed.GetValue(policy)!, decisions, actionColumn, cancellation);
            PolicyEvaluation found = PolicyEvaluation.Of(decisions, target, leastEffective, parsed.GetValue(seed));
            Report.WriteFile(parsed.GetValue(output)!, new JsonObject
            {
                ["policy"] = target.Name,
                ["rows"] = found.Rows,
                ["actions"] = found.Actions,
                ["loggingPolicy"] = new JsonObject { ["value"] = found.LoggingValue },
                ["effectiveSampleSize"] = Report.Number(found.EffectiveSampleSize, 3),
                ["meanWeight"] = Report.Number(found.MeanWeight),
                ["largestWeight"] = Report.Number(found.LargestWeight),
                ["zeroWeightShare"] = Report.Number(found.ZeroWeightShare),
                ["confidence"] = 0.95,
                ["ips"] = Json(found.InversePropensity),
                ["snips"] = Json(found.SelfNormalised),
                ["dm"] = found.DirectMethod is { } dm ? Json(dm) : null,
                ["dr"] = found.DoublyRobust is { } dr ? Json(dr) : null,
                ["seed"] = parsed.GetValue(seed),
            });
            console.Out.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"policy {target.Name}: IPS {found.InversePropensity.Value:G6} [{found.InversePropensity.Low:G4}, {found.InversePropensity.High:G4}], SNIPS {found.SelfNormalised.Value:G6}, DM {found.DirectMethod?.Value:G6}, DR {found.DoublyRobust?.Value:G6}; logged {found.LoggingValue:G6}; effective sample size {found.EffectiveSampleSize:F1} of {found.Rows}"));
            return Task.FromResult(0);
        });
        return command;
    }

    private static JsonObject Json(PolicyValue value) => new()
    {
        ["value"] = value.Value,
        ["low"] = value.Low,
        ["high"] = value.High,
        ["standardError"] = Report.Number(value.StandardError, 9),
    };
}
