using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using KnowledgePay.Cli.CommandLine;
using KnowledgePay.Cli.Terminal;
using KnowledgePay.Decisions.Scoring;
using KnowledgePay.Learning.Evaluation;
using KnowledgePay.Learning.Files;
using KnowledgePay.Learning.Risk;
using KnowledgePay.Learning.Tables;

namespace KnowledgePay.Cli.Learning;

/// <summary><c>kpay learn risk</c>: the probability of a yes-or-no outcome from a table.</summary>
internal static class LearnRiskCommand
{
    public static Command Make(CliConsole console)
    {
        Option<string> table = TableArguments.Table();
        var label = new Option<string>("--label") { Description = "The column to predict.", Required = true };
        var positive = new Option<string?>("--positive") { Description = "The label's value whose probability is learned; when absent bad, yes, true or 1, else the rarer one." };
        Option<string[]> drop = TableArguments.Columns("--drop", "Columns not to use.");
        Option<string[]> guarded = TableArguments.Columns("--protected", "Columns that never enter the model; features that stand for them are reported.");
        Option<string[]> keep = TableArguments.Columns("--keep", "Columns to use although they look like ids or leaks.");
        Option<string[]> categorical = TableArguments.Columns("--categorical", "Columns of numbers to take as categories.");
        Option<string[]> special = TableArguments.Columns("--special", "Numbers that stand for something else (-1, 999): each in a bin of its own.");
        Option<string[]> monotone = TableArguments.Columns("--monotone", "feature=+1 (more of it never lowers the risk) or feature=-1, by commas.");
        var reweigh = new Option<string?>("--reweigh") { Description = "A protected column by which rows are reweighed, so that among what is learned from the outcome does not depend on it; report.json says what that left out." };
        var algorithm = new Option<string>("--algorithm") { Description = string.Join(", ", RiskTrainer.Algorithms) + ".", DefaultValueFactory = _ => "auto" };
        algorithm.AcceptOnlyFromAmong([.. RiskTrainer.Algorithms]);
        var points = new Option<double>("--base-points") { Description = "Points at the base odds.", DefaultValueFactory = _ => 600 };
        var odds = new Option<double>("--base-odds") { Description = "Good outcomes to one bad at the base points.", DefaultValueFactory = _ => 50 };
        var doubling = new Option<double>("--points-to-double") { Description = "Points by which the odds double.", DefaultValueFactory = _ => 20 };
        Option<ulong> seed = TableArguments.Seed();
        Option<string> output = TableArguments.Out("The model's directory; report.json is written beside the model.");
        var command = new Command("risk", "Learn the probability of a yes-or-no outcome: default, fraud, purchase.")
        {
            table, label, positive, drop, guarded, keep, categorical, special, monotone, reweigh, algorithm, points, odds, doubling, seed, output,
        };
        command.SetAction((parsed, cancellation) =>
        {
            string directory = parsed.GetValue(output)!;
            var roles = new ColumnRoles(
                parsed.GetValue(label)!, parsed.GetValue(positive), TableArguments.Names(parsed.GetValue(drop)), TableArguments.Names(parsed.GetValue(guarded)), TableArguments.Names(parsed.GetValue(keep)))
            {
                Reweigh = parsed.GetValue(reweigh),
            };
            var scale = new PointsScale(parsed.GetValue(points), parsed.GetValue(odds), parsed.GetValue(doubling));
            if (!(scale.BaseOdds > 0) || !(scale.PointsToDouble > 0))
            {
                throw new InputException("--base-odds and --points-to-double: expected numbers above 0.");
            }

            long started = console.Time.GetTimestamp();
            Table read = TableReader.Read(parsed.GetValue(table)!, new TableOptions { Categorical = TableArguments.Names(parsed.GetValue(categorical)), NamedBy = "--categorical" }, cancellation);
            PreparedRisk prepared = RiskPreparation.Prepare(read, roles, parsed.GetValue(seed));
            foreach (string warning in prepared.Quality.Warnings)
            {
                console.Error.WriteLine($"kpay: {warning}");
            }

            var settings = new RiskTraining
            {
                Algorithm = parsed.GetValue(algorithm)!,
                Seed = parsed.GetValue(seed),
                Specials = Specials(TableArguments.Names(parsed.GetValue(special))),
                Monotone = Monotone(NameValueList.Parse("--monotone", parsed.GetValue(monotone)!), prepared.Rows),
            };
            return ProgressDisplay.Run(console, "learning", progress =>
            {
                int done = 0;
                RiskTrainingResult result = RiskTrainer.Train(prepared.Rows, settings, (_, share) => progress.Report(share, ++done, "steps"), cancellation);
                RiskModel model = RiskModels.Of(prepared, result, scale, read);
                JsonObject report = RiskReport.Make(prepared, result, model, settings, console.Time.GetElapsedTime(started).TotalSeconds);
                RiskModelFile.Write(directory, model);
                ReportJson.Write(Path.Combine(directory, "report.json"), report);
                Say(console, prepared, result);
                return Task.FromResult(KpayCommandLine.Done);
            });
        });
        return command;
    }

    private static void Say(CliConsole console, PreparedRisk prepared, RiskTrainingResult result)
    {
        console.Out.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{prepared.Rows.Rows} rows, {prepared.Rows.Features.Count} features, {prepared.Label.Column} = '{prepared.Label.Positive}' in {prepared.Rows.Rate:P1} ({prepared.Label.Why})"));
        foreach ((string name, IReadOnlyList<BinaryMetrics> folds) in result.Nested)
        {
            console.Out.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{name,-14} nested cross-validation: AUC {folds.Average(fold => fold.Auc):0.0000}, Brier {folds.Average(fold => fold.Brier):0.0000}, log loss {folds.Average(fold => fold.LogLoss):0.0000}"));
        }

        BinaryMetrics own = result.Picked.OutOfFold;
        console.Out.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{result.Picked.Algorithm,-14} learned; out of fold: AUC {own.Auc:0.0000}, KS {own.Ks:0.000}, Brier {own.Brier:0.0000}, log loss {own.LogLoss:0.0000}, calibration error {own.CalibrationError:0.0000}"));
    }

    private static double[] Specials(string[] texts)
    {
        if (texts.Length > 8)
        {
            throw new InputException($"--special: {texts.Length} values; expected at most 8.");
        }

        return [.. texts.Select(text => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value)
            ? value
            : throw new InputException($"--special '{text}': expected a number."))];
    }

    private static int[]? Monotone(Dictionary<string, string> directions, RiskRows rows)
    {
        if (directions.Count == 0)
        {
            return null;
        }

        var signs = new int[rows.Features.Count];
        foreach ((string name, string direction) in directions)
        {
            int feature = rows.Features.ToList().FindIndex(feature => feature.Name == name);
            if (feature < 0 || rows.Features[feature].Levels is not null)
            {
                throw new InputException($"--monotone {name}: expected a numeric feature of the model.");
            }

            signs[feature] = direction is "1" or "+1" or "-1"
                ? (direction == "-1" ? -1 : 1)
                : throw new InputException($"--monotone {name}={direction}: expected +1 or -1.");
        }

        return signs;
    }
}
