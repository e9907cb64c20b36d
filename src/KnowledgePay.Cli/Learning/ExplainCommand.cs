using System.CommandLine;
using System.Globalization;
using KnowledgePay.Cli.CommandLine;
using KnowledgePay.Cli.Terminal;
using KnowledgePay.Learning.Explaining;
using KnowledgePay.Learning.Files;
using KnowledgePay.Learning.ModelFiles;
using KnowledgePay.Learning.Risk;

namespace KnowledgePay.Cli.Learning;

/// <summary><c>kpay explain</c>: what each feature adds to each row's prediction.</summary>
internal static class ExplainCommand
{
    public static Command Make(CliConsole console)
    {
        var model = new Option<string>("--model") { Description = "The model's directory.", Required = true };
        Option<string> table = TableArguments.Table();
        var method = new Option<string>("--method") { Description = "shap: exact Shapley values; lime: a local linear model, with its fit and stability.", DefaultValueFactory = _ => "shap" };
        method.AcceptOnlyFromAmong("shap", "lime");
        Option<string> output = TableArguments.Out("row,base,<feature>…,prediction in log-odds; base + the features' sum is the prediction. With lime also fit,stability.");
        var counterfactuals = new Option<string?>("--counterfactuals") { Description = "Also write here what would have brought each row's probability down: row,probability,reached,counterfactual,feature,from,to." };
        var target = new Option<double?>("--target") { Description = "The probability that counterfactuals come down to; the training rate when absent." };
        Option<string[]> unchangeable = TableArguments.Columns("--fixed", "Features that a person cannot change.");
        Option<ulong> seed = TableArguments.Seed();
        var command = new Command("explain", "What each feature adds to each row's prediction.") { model, table, method, output, counterfactuals, target, unchangeable, seed };
        command.SetAction((parsed, cancellation) =>
        {
            string directory = parsed.GetValue(model)!;
            if (ModelDirectory.KindOf(directory) is var kind && kind != RiskModelFile.Kind)
            {
                throw new InputException($"{directory}: holds a model of kind '{kind}'; expected '{RiskModelFile.Kind}'.");
            }

            RiskModel risk = RiskModelFile.Read(directory);
            RiskTable rows = risk.Read(parsed.GetValue(table)!, cancellation);
            bool lime = parsed.GetValue(method) == "lime";
            return ProgressDisplay.Run(console, "explaining", progress =>
            {
                WriteContributions(parsed.GetValue(output)!, risk, rows, lime, parsed.GetValue(seed), progress, cancellation);
                console.Out.WriteLine($"{rows.Rows} rows explained by {parsed.GetValue(method)}");
                if (parsed.GetValue(counterfactuals) is { } path)
                {
                    double goal = parsed.GetValue(target) ?? Decisions.Scoring.LogOddsModel.Probability(risk.Scorer.Base);
                    int reached = WriteCounterfactuals(path, risk, rows, goal, TableArguments.Names(parsed.GetValue(unchangeable)), progress, cancellation);
                    console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{reached} rows above {goal:0.0000} have a counterfactual below it"));
                }

                return Task.FromResult(KpayCommandLine.Done);
            });
        });
        return command;
    }

    private static void WriteContributions(string path, RiskModel risk, RiskTable rows, bool lime, ulong seed, ProgressDisplay progress, CancellationToken cancellation)
    {
        string[] names = [.. risk.Features.Select(feature => feature.Name)];
        using var writer = new CsvWriter(path, ["row", "base", .. names, "prediction", .. lime ? new[] { "fit", "stability" } : []]);
        RowBlocks.Run(
            rows.Rows,
            row => Explain(risk, rows, row, lime, seed),
            (row, explained) =>
            {
                writer.Write(row);
                foreach (double number in explained)
                {
                    writer.Write(number);
                }

                writer.EndRow();
            },
            done => progress.Report((double)done / rows.Rows, done, "rows"),
            cancellation);
        writer.Complete();
    }

    /// <summary>Base, contributions, prediction, and for LIME fit and stability.</summary>
    private static double[] Explain(RiskModel risk, RiskTable rows, int row, bool lime, ulong seed)
    {
        var values = new double[rows.Features];
        rows.Row(row, values);
        double prediction = risk.Scorer.LogOdds(values);
        if (lime)
        {
            LocalExplanation local = LocalSurrogate.Explain(risk, values, seed ^ (ulong)row);
            return [local.Base, .. local.Contributions, prediction, local.Fit, local.Stability];
        }

        var contributions = new double[rows.Features];
        risk.Scorer.Contributions(values, contributions);
        return [risk.Scorer.Base, .. contributions, prediction];
    }

    private static int WriteCounterfactuals(string path, RiskModel risk, RiskTable rows, double target, string[] unchangeable, ProgressDisplay progress, CancellationToken cancellation)
    {
        if (!(target > 0 && target < 1))
        {
            throw new InputException(string.Create(CultureInfo.InvariantCulture, $"--target {target}: expected a probability between 0 and 1."));
        }

        foreach (string name in unchangeable)
        {
            if (!risk.Features.Any(feature => feature.Name == name))
            {
                throw new InputException($"--fixed {name}: expected a feature of the model: {string.Join(", ", risk.Features.Select(feature => feature.Name))}.");
            }
        }

        bool[] isFixed = [.. risk.Features.Select(feature => unchangeable.Contains(feature.Name))];
        int reached = 0;
        using var writer = new CsvWriter(path, "row", "probability", "reached", "counterfactual", "feature", "from", "to");
        RowBlocks.Run(
            rows.Rows,
            row =>
            {
                var values = new double[rows.Features];
                rows.Row(row, values);
                return (Own: Decisions.Scoring.LogOddsModel.Probability(risk.Scorer.LogOdds(values)), Found: Counterfactuals.Find(risk, values, target, isFixed));
            },
            (row, pair) =>
            {
                reached += pair.Found.Reached && pair.Found.Changes.Count > 0 ? 1 : 0;
                foreach (FeatureChange change in pair.Found.Changes)
                {
                    RiskFeature feature = risk.Features[change.Feature];
                    writer.Write(row);
                    writer.Write(pair.Own);
                    writer.Write(pair.Found.Reached ? "true" : "false");
                    writer.Write(pair.Found.Probability);
                    writer.Write(feature.Name);
                    writer.Write(FeatureText.Of(feature, change.From));
                    writer.Write(FeatureText.Of(feature, change.To));
                    writer.EndRow();
                }
            },
            done => progress.Report((double)done / rows.Rows, done, "counterfactuals"),
            cancellation);
        writer.Complete();
        return reached;
    }
}
