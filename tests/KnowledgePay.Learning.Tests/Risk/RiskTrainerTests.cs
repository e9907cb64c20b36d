using KnowledgePay.Decisions.Scoring;
using KnowledgePay.Learning.Evaluation;
using KnowledgePay.Learning.Files;
using KnowledgePay.Learning.Risk;
using KnowledgePay.Learning.Tables;

namespace KnowledgePay.Learning.Tests.Risk;

public sealed class RiskTrainerTests : IDisposable
{
    private static readonly PointsScale Scale = new(600, 50, 20);

    private readonly string _directory = Directory.CreateTempSubdirectory("kpay-risk-").FullName;

    public static TheoryData<string> Algorithms => ["logistic", "scorecard", "random-forest", "boosted", "ensemble"];

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void Every_kind_finds_what_is_there_and_explains_itself_exactly(string algorithm)
    {
        (PreparedRisk prepared, _) = KnownRisk.Prepare(_directory, 1500, 1);
        RiskFit fit = RiskTrainer.Train(prepared.Rows, new RiskTraining { Algorithm = algorithm }, cancellation: TestContext.Current.CancellationToken).Picked;

        // Other rows of the same world; the truth itself has an AUC there that nothing beats by more than chance.
        (PreparedRisk held, _) = KnownRisk.Prepare(_directory, 3000, 2);
        BinaryMetrics metrics = RiskTrainer.Evaluate(fit.Model, held.Rows);
        double[] truth = [.. Enumerable.Range(0, held.Rows.Rows).Select(row => KnownRisk.LogOdds(held.Rows.Value(row, 0), held.Rows.Value(row, 1), RegionOf(held.Rows, row)))];
        double best = BinaryMetrics.AucOf(truth, held.Rows.Outcomes);
        Assert.InRange(metrics.Auc, best - 0.04, best + 0.01);
        Assert.InRange(metrics.CalibrationError, 0, 0.05);
        Assert.InRange(fit.OutOfFold.Auc, metrics.Auc - 0.05, metrics.Auc + 0.05);

        var contributions = new double[fit.Model.Features];
        for (int row = 0; row < 40; row++)
        {
            double[] values = held.Rows.Row(row).ToArray();
            fit.Model.Contributions(values, contributions);
            Assert.Equal(fit.Model.LogOdds(values), fit.Model.Base + contributions.Sum(), 1e-9);
            double[] expected = ShapleyByDefinition.Of(fit.Model, values);
            for (int feature = 0; feature < expected.Length; feature++)
            {
                Assert.Equal(expected[feature], contributions[feature], 1e-9);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void A_stored_model_says_the_same_and_one_that_is_damaged_is_refused(string algorithm)
    {
        (PreparedRisk prepared, Table table) = KnownRisk.Prepare(_directory, 400, 3);
        RiskModel Learn() => RiskModels.Of(prepared, RiskTrainer.Train(prepared.Rows, new RiskTraining { Algorithm = algorithm, Seed = 9 }, cancellation: TestContext.Current.CancellationToken), Scale, table);
        string first = Path.Combine(_directory, "first"), again = Path.Combine(_directory, "again");
        RiskModel model = Learn();
        RiskModelFile.Write(first, model);
        RiskModelFile.Write(again, Learn());
        foreach (string file in Directory.GetFiles(first))
        {
            Assert.Equal(File.ReadAllBytes(file), File.ReadAllBytes(Path.Combine(again, Path.GetFileName(file))));
        }

        RiskModel loaded = RiskModelFile.Read(first);
        for (int row = 0; row < prepared.Rows.Rows; row++)
        {
            Assert.Equal(model.Scorer.LogOdds(prepared.Rows.Row(row)), loaded.Scorer.LogOdds(prepared.Rows.Row(row)));
        }

        Assert.Equal(model.Features.Select(feature => feature.Name), loaded.Features.Select(feature => feature.Name));
        foreach (string file in Directory.GetFiles(first))
        {
            byte[] bytes = File.ReadAllBytes(file);
            foreach (int kept in bytes.Length == 0 ? [] : (int[])[0, bytes.Length / 3, bytes.Length - 1])
            {
                File.WriteAllBytes(file, bytes[..kept]);
                InputException refused = Assert.Throws<InputException>(() => RiskModelFile.Read(first));
                Assert.Contains("first", refused.Message, StringComparison.Ordinal);
            }

            File.WriteAllBytes(file, bytes);
        }

        _ = RiskModelFile.Read(first);
    }

    [Theory]
    [InlineData("scorecard")]
    [InlineData("boosted")]
    public void A_direction_that_is_asked_for_is_kept(string algorithm)
    {
        (PreparedRisk prepared, _) = KnownRisk.Prepare(_directory, 1500, 4);
        RiskFit fit = RiskTrainer.Train(prepared.Rows, new RiskTraining { Algorithm = algorithm, Monotone = [1, -1, 0, 1, 0] }, cancellation: TestContext.Current.CancellationToken).Picked;
        for (int row = 0; row < 200; row++)
        {
            double[] values = prepared.Rows.Row(row).ToArray();
            foreach ((int feature, int sign) in (ReadOnlySpan<(int, int)>)[(0, 1), (1, -1), (3, 1)])
            {
                double[] moved = [.. values];
                double before = double.NegativeInfinity;
                for (int step = 0; step <= 60; step++)
                {
                    moved[feature] = step * 2;
                    double now = sign * fit.Model.LogOdds(moved);
                    Assert.True(now >= before - 1e-12, $"feature {feature} at {moved[feature]}");
                    before = now;
                }
            }
        }
    }

    [Fact]
    public void Of_all_kinds_the_one_is_picked_that_is_best_on_rows_that_its_choices_did_not_see()
    {
        (PreparedRisk prepared, _) = KnownRisk.Prepare(_directory, 600, 5);
        RiskTrainingResult result = RiskTrainer.Train(prepared.Rows, new RiskTraining { OuterFolds = 2 }, cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(["boosted", "ensemble", "logistic", "random-forest", "scorecard"], result.Nested.Keys.Order());
        Assert.Equal(result.Nested.MinBy(pair => pair.Value.Average(fold => fold.LogLoss)).Key, result.Picked.Algorithm);
    }

    [Fact]
    public void Rows_like_those_of_training_are_stable_and_others_are_found_by_what_moved()
    {
        (PreparedRisk prepared, Table table) = KnownRisk.Prepare(_directory, 2000, 6);
        RiskModel model = RiskModels.Of(prepared, RiskTrainer.Train(prepared.Rows, new RiskTraining { Algorithm = "boosted" }, cancellation: TestContext.Current.CancellationToken), Scale, table);
        RiskModelFile.Write(_directory, model);
        model = RiskModelFile.Read(_directory);

        IReadOnlyList<DriftFinding> Drift(string csv)
        {
            string path = Path.Combine(_directory, "now.csv");
            File.WriteAllText(path, csv);
            RiskTable rows = model.Read(path);
            var logOdds = new double[rows.Rows];
            var values = new double[rows.Features];
            for (int row = 0; row < rows.Rows; row++)
            {
                rows.Row(row, values);
                logOdds[row] = model.Scorer.LogOdds(values);
            }

            return PopulationDrift.Of(model, rows, logOdds);
        }

        Assert.Equal(["score", .. model.Features.Select(feature => feature.Name)], Drift(KnownRisk.Csv(1500, 7)).Select(one => one.Name));
        Assert.All(Drift(KnownRisk.Csv(1500, 7)), one => Assert.Equal(DriftVerdict.Stable, one.Verdict));
        Assert.All(Drift(KnownRisk.Csv(60, 8)), one => Assert.Equal(DriftVerdict.Stable, one.Verdict));

        // Twice as late, a region of its own, and no income any more.
        string moved = string.Join('\n', KnownRisk.Csv(1500, 9).Split('\n').Select((line, at) =>
        {
            string[] cells = line.Split(',');
            return at == 0 || cells.Length < 6 ? line : $"{int.Parse(cells[0], System.Globalization.CultureInfo.InvariantCulture) + 3},,r9,{cells[3]},{cells[4]},{cells[5]}";
        }));
        Dictionary<string, DriftFinding> found = Drift(moved).ToDictionary(one => one.Name);
        Assert.Equal(DriftVerdict.Shifted, found["score"].Verdict);
        Assert.Equal(DriftVerdict.Shifted, found["late"].Verdict);
        Assert.Equal(DriftVerdict.Shifted, found["region"].Verdict);
        Assert.Equal((DriftVerdict.Shifted, 1.0), (found["income"].Verdict, found["income"].MissingNow));
        Assert.Equal(DriftVerdict.Stable, found["tenure"].Verdict);
    }

    [Fact]
    public void An_index_is_what_its_definition_says()
    {
        // Training: a quarter each of 1, 2, 3 and 4. Now: half 1, half 4.
        double[] quantiles = [.. Enumerable.Range(0, 21).Select(i => 1 + Math.Min(3, (double)(i / 5)))];
        var marginal = new FeatureMarginal(quantiles, [], 0);
        var model = new RiskModel("logistic", new OutcomeLabel("bad", "1", ""), [new RiskFeature("x", null)], [marginal], new LogOddsModel(1, 0, []), Scale, []);
        string path = Path.Combine(_directory, "x.csv");
        File.WriteAllText(path, "x\n" + string.Concat(Enumerable.Range(0, 1000).Select(i => i % 2 == 0 ? "1\n" : "4\n")));
        DriftFinding one = PopulationDrift.Of(model, model.Read(path), new double[1000]).Single();
        double Part(double now, double then) => (now - then) * Math.Log(now / then);

        // 1 reaches up to between the fourth and the fifth twentieth, 2 to the ninth and a half, 3 to the fourteenth and a half.
        double expected = Part(0.5, 0.225) + (2 * Part(0.0005, 0.25)) + Part(0.5, 0.275);
        Assert.Equal(expected, one.Index, 1e-9);
        Assert.Equal(DriftVerdict.Shifted, one.Verdict);
    }

    [Fact]
    public void How_much_is_lost_with_a_column_by_noise_and_by_a_shift_is_measured()
    {
        (PreparedRisk prepared, _) = KnownRisk.Prepare(_directory, 1500, 10);
        LogOddsModel model = RiskTrainer.Train(prepared.Rows, new RiskTraining { Algorithm = "logistic" }, cancellation: TestContext.Current.CancellationToken).Picked.Model;
        Dictionary<string, RobustnessFinding> found = Robustness.Of(model, prepared.Rows, ["late", "region", "noise"], 3).ToDictionary(one => one.Change);
        Assert.Equal(["none", "missing late", "missing region", "missing noise", "noise 0.1", "noise 0.3", "shift +0.5", "shift -0.5"], found.Keys);
        BinaryMetrics whole = RiskTrainer.Evaluate(model, prepared.Rows);
        Assert.Equal((whole.Auc, whole.Brier, 0.0), (found["none"].Auc, found["none"].Brier, found["none"].MeanMove));
        Assert.True(found["missing late"].Auc < whole.Auc - 0.05 && found["missing region"].Auc < whole.Auc - 0.01);
        Assert.InRange(found["missing noise"].Auc, whole.Auc - 0.01, whole.Auc + 0.005);
        Assert.True(found["noise 0.1"].MeanMove < found["noise 0.3"].MeanMove && found["noise 0.3"].Auc < whole.Auc);
        Assert.True(found["shift +0.5"].CalibrationError > found["none"].CalibrationError);
        Assert.Equal(found.Values, Robustness.Of(model, prepared.Rows, ["late", "region", "noise"], 3));
    }

    private static int RegionOf(RiskRows rows, int row) => double.IsNaN(rows.Value(row, 2)) ? 0 : int.Parse(rows.Features[2].Levels![(int)rows.Value(row, 2)][1..], System.Globalization.CultureInfo.InvariantCulture);
}
