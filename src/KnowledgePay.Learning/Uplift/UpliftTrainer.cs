using System.Text.Json.Nodes;
using KnowledgePay.Learning.Artefacts;
using KnowledgePay.Learning.BoostedTrees;
using KnowledgePay.Learning.Matrices;
using KnowledgePay.Learning.Measures;
using KnowledgePay.Learning.Simulation;
using KnowledgePay.Learning.Tables;

namespace KnowledgePay.Learning.Uplift;

/// <summary>How to learn uplift.</summary>
public sealed record UpliftSettings
{
    public required string Treatment { get; init; }

    public required string Outcome { get; init; }

    /// <summary>The treatment column's value for control; 0, or found by its name, when null.</summary>
    public string? Control { get; init; }

    /// <summary>The treatment column's value to compare with control; every other value when null.</summary>
    public string? Treated { get; init; }

    public ulong Seed { get; init; } = 1;
}

/// <summary>Learns an <see cref="UpliftModel"/>: every learner is judged on rows held out, by <see cref="QiniCurve"/>, and the best is learned again from all.</summary>
public static class UpliftTrainer
{
    private const int FoldCount = 5;
    private const int Repeats = 2;
    private const double TopShare = 0.1;
    private const double Unbalanced = 0.1;

    /// <summary>Standard deviations of a two-sided 5 % interval for the best of 16 learners (Bonferroni): the best of many looks better than it is.</summary>
    private const double SelectionDeviations = 2.955;

    /// <exception cref="Files.InputException">The table is no trial, or nothing can be learned from it.</exception>
    public static (UpliftModel Model, JsonObject Report) Train(Table table, UpliftSettings settings, Action<double>? progress = null, CancellationToken cancellation = default)
    {
        TrialData trial = TrialData.Of(table, settings);
        TableEncoding encoding = TableEncoding.Learn(table, trial.Features, standardise: true, missingIndicators: true, trial.Quality);
        DenseMatrix rows = encoding.Apply(table).Take(trial.Rows);
        double imbalance = TrialData.LargestImbalance(rows, trial.Treated, encoding.Names, out string unlike);
        trial.Quality["largestImbalance"] = new JsonObject
        {
            ["column"] = unlike,
            ["deviations"] = Report.Number(imbalance, 4),
            ["note"] = imbalance > Unbalanced ? "the arms differ: the treatment was not given at random, so uplift may be confounded" : "as in a randomised trial",
        };
        BinnedTable whole = BinnedTable.Learn(
            table, encoding.Columns.Select(column => column.Name), BinnedTable.MostBins, Spread(trial, i => trial.Outcome[i]), Spread(trial, _ => 1), 20);
        BinnedTable codes = new(whole.Features, [.. whole.Codes.Select(column => trial.Rows.Select(row => column[row]).ToArray())], trial.Rows.Length);

        UpliftLearner[] learners = [.. UpliftLearner.All, UpliftLearner.Outcome];
        var held = new double[learners.Length][][];
        for (int l = 0; l < learners.Length; l++)
        {
            held[l] = [.. Enumerable.Range(0, Repeats).Select(_ => new double[rows.Rows])];
        }

        int[] strata = [.. trial.Treated.Select((t, i) => (t ? 2 : 0) + (trial.Outcome[i] > 0 ? 1 : 0))];
        int done = 0;
        for (int repeat = 0; repeat < Repeats; repeat++)
        {
            int[] fold = Folds.Stratified(strata, FoldCount, settings.Seed + (ulong)repeat);
            for (int f = 0; f < FoldCount; f++)
            {
                cancellation.ThrowIfCancellationRequested();
                int[] learn = Folds.Where(fold, other => other != f);
                int[] test = Folds.Where(fold, other => other == f);
                Parallel.For(0, learners.Length, l =>
                {
                    double[] predicted = learners[l].Ridge is null
                        ? UpliftModel.Boosted(codes, learners[l].FitTrees(codes, trial.Treated, trial.Outcome, learn, settings.Seed, cancellation))
                        : UpliftModel.Linear(rows, learners[l].FitLinear(rows, trial.Treated, trial.Outcome, learn));
                    foreach (int i in test)
                    {
                        held[l][repeat][i] = predicted[i];
                    }
                });
                progress?.Invoke((double)++done / ((Repeats * FoldCount) + 1));
            }
        }

        double[] qini = [.. held.Select(repeats => repeats.Average(scores => QiniCurve.Coefficient(scores, trial.Treated, trial.Outcome)))];
        int best = 0;
        for (int l = 1; l < UpliftLearner.All.Length; l++)
        {
            best = qini[l] > qini[best] ? l : best;
        }

        UpliftLearner chosen = learners[best];
        double[] mean = [.. Enumerable.Range(0, rows.Rows).Select(i => held[best].Average(scores => scores[i]))];
        (UpliftEstimate coefficient, UpliftEstimate top) = QiniCurve.Intervals(TopShare, mean, trial.Treated, trial.Outcome, settings.Seed);
        double selected = coefficient.Value - (SelectionDeviations * coefficient.Deviation);
        bool separable = selected > 0;
        int[] all = [.. Enumerable.Range(0, rows.Rows)];
        UpliftModel model = chosen.Ridge is null
            ? new UpliftModel(chosen.Name, encoding, null, [.. whole.Features], chosen.FitTrees(codes, trial.Treated, trial.Outcome, all, settings.Seed, cancellation))
            : new UpliftModel(chosen.Name, encoding, chosen.FitLinear(rows, trial.Treated, trial.Outcome, all), [], []);
        return (model, new JsonObject
        {
            ["kind"] = UpliftModel.Kind,
            ["seed"] = settings.Seed,
            ["dataQuality"] = trial.Quality,
            ["validation"] = new JsonObject
            {
                ["definition"] = "Qini × 100: area between the curve of gain per person, rows by falling predicted uplift, and the straight line that a random order gives; rows held out",
                ["folds"] = FoldCount,
                ["repeats"] = Repeats,
                ["qini"] = Json(coefficient, 100),
                ["upliftAtTenPercent"] = Json(top, 1),
                ["qiniLowAfterSelection"] = Report.Number(100 * selected, 5),
                ["averageEffect"] = trial.Quality["averageEffect"]!.DeepClone(),
                ["separable"] = separable,
                ["conclusion"] = separable
                    ? "who gains more and who gains less can be told apart"
                    : "nothing separable: the interval of the Qini coefficient, wide enough for the best of so many learners, holds zero",
            },
            ["hyperParameters"] = new JsonObject { ["learner"] = chosen.Name },
            ["tried"] = new JsonArray([.. learners.Select((learner, l) => new JsonObject
            {
                ["learner"] = learner.Name,
                ["qini"] = Report.Number(100 * qini[l], 4),
                ["upliftAtTenPercent"] = Report.Number(held[l].Average(scores => QiniCurve.At(TopShare, scores, trial.Treated, trial.Outcome)), 5),
            }).Append(Random(trial, settings.Seed))]),
        });
    }

    private static JsonObject Random(TrialData trial, ulong seed)
    {
        SeededRandom random = SeededRandom.For(seed, 0x0141, ulong.MaxValue);
        double[] scores = [.. trial.Treated.Select(_ => random.NextDouble())];
        return new JsonObject
        {
            ["learner"] = "random",
            ["qini"] = Report.Number(100 * QiniCurve.Coefficient(scores, trial.Treated, trial.Outcome), 4),
            ["upliftAtTenPercent"] = Report.Number(QiniCurve.At(TopShare, scores, trial.Treated, trial.Outcome), 5),
        };
    }

    private static JsonObject Json(UpliftEstimate estimate, double scale) => new()
    {
        ["value"] = Report.Number(scale * estimate.Value, 5),
        ["low"] = Report.Number(scale * estimate.Low, 5),
        ["high"] = Report.Number(scale * estimate.High, 5),
    };

    private static double[] Spread(TrialData trial, Func<int, double> value)
    {
        double[] byRow = new double[trial.Table.Rows];
        for (int i = 0; i < trial.Rows.Length; i++)
        {
            byRow[trial.Rows[i]] = value(i);
        }

        return byRow;
    }
}
