using System.Text.Json.Nodes;
using KnowledgePay.Learning.BoostedTrees;
using KnowledgePay.Learning.Evaluation;
using KnowledgePay.Learning.ModelFiles;
using KnowledgePay.Learning.Numerics;
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

    /// <summary>A mean that reaches this much of the best single learner's Qini is taken for as good: chance alone moves it by more.</summary>
    private const double AsGood = 0.95;

    private static readonly int[] MeansOf = [2, 3, 5];

    /// <summary>Standard deviations of a two-sided 5 % interval for the best of 22 learners and means (Bonferroni): the best of many looks better than it is.</summary>
    private const double SelectionDeviations = 3.05;

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
        BinnedTable bins = BinnedTable.Learn(
            table, encoding.Columns.Select(column => column.Name), BinnedTable.MostBins, Spread(trial, i => trial.Outcome[i]), Spread(trial, _ => 1), 20);
        BinnedTable codes = new(bins.Features, [.. bins.Codes.Select(column => trial.Rows.Select(row => column[row]).ToArray())], trial.Rows.Length);

        UpliftSample Sample(int[] learn, ulong seed) =>
            new(rows, codes, trial.Treated, trial.Outcome, learn, EffectResiduals.Of(rows, trial.Treated, trial.Outcome, learn, imbalance <= Unbalanced, seed), settings.Seed);
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
                UpliftSample sample = Sample(learn, settings.Seed + (ulong)repeat);
                Parallel.For(0, learners.Length, l =>
                {
                    double[] predicted = learners[l].Fit(sample, cancellation).Predict(rows, codes);
                    RankWithin(test, predicted, held[l][repeat]);
                });
                progress?.Invoke((double)++done / ((Repeats * FoldCount) + 1));
            }
        }

        double Qini(double[][] repeats) => repeats.Average(scores => QiniCurve.Coefficient(scores, trial.Treated, trial.Outcome));
        double[] qini = [.. held.Select(Qini)];
        (int[] chosen, double[][] chosenHeld) = Choose(held, qini, Qini);
        string name = string.Join(" + ", chosen.Select(l => learners[l].Name));
        double[] mean = [.. Enumerable.Range(0, rows.Rows).Select(i => chosenHeld.Average(scores => scores[i]))];
        (UpliftEstimate coefficient, UpliftEstimate top) = QiniCurve.Intervals(TopShare, mean, trial.Treated, trial.Outcome, settings.Seed);
        double selected = coefficient.Value - (SelectionDeviations * coefficient.Deviation);
        bool separable = selected > 0;
        int[] all = [.. Enumerable.Range(0, rows.Rows)];
        UpliftSample whole = Sample(all, settings.Seed);
        var model = new UpliftModel(name, encoding, [.. bins.Features], UpliftParts.Mean([.. chosen.Select(l => learners[l].Fit(whole, cancellation))]));
        return (model, new JsonObject
        {
            ["kind"] = UpliftModel.Kind,
            ["seed"] = settings.Seed,
            ["dataQuality"] = trial.Quality,
            ["validation"] = new JsonObject
            {
                ["definition"] = "Qini × 100: area between the curve of gain per person, rows by falling predicted uplift (by place within their fold), and the straight line that a random order gives; rows held out",
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
            ["hyperParameters"] = new JsonObject { ["learner"] = name },
            ["tried"] = new JsonArray([.. learners.Select((learner, l) => new JsonObject
            {
                ["learner"] = learner.Name,
                ["qini"] = Report.Number(100 * qini[l], 4),
                ["upliftAtTenPercent"] = Report.Number(held[l].Average(scores => QiniCurve.At(TopShare, scores, trial.Treated, trial.Outcome)), 5),
            }).Append(Random(trial, settings.Seed))]),
        });
    }

    /// <summary>Writes each row's place among the fold's rows, 0 to 1, equal scores sharing theirs.</summary>
    /// <remarks>Scores of different folds come from different models: a fold that gains much by chance was left out by the model that scores it, which then says little for it. Places do not carry that.</remarks>
    private static void RankWithin(int[] rows, double[] scores, double[] places)
    {
        int[] order = [.. rows];
        double[] keys = [.. rows.Select(i => scores[i])];
        Array.Sort(keys, order);
        for (int at = 0; at < order.Length;)
        {
            int end = at;
            while (end < order.Length && keys[end] == keys[at])
            {
                end++;
            }

            for (int k = at; k < end; k++)
            {
                places[order[k]] = (at + end) / 2.0 / order.Length;
            }

            at = end;
        }
    }

    /// <summary>The best learner, or the mean of the best few of different kinds where that is as good: a mean is the steadier on people not seen.</summary>
    private static (int[] Learners, double[][] Held) Choose(double[][][] held, double[] qini, Func<double[][], double> judge)
    {
        // The best of each kind: variants of one kind say the same.
        int[] kinds =
        [
            .. Enumerable.Range(0, UpliftLearner.All.Length)
                .GroupBy(l => (UpliftLearner.All[l].Meta, UpliftLearner.All[l].Base))
                .Select(kind => kind.MaxBy(l => qini[l]))
                .OrderByDescending(l => qini[l]),
        ];
        (int[] Learners, double[][] Held, double Qini) best = ([kinds[0]], held[kinds[0]], qini[kinds[0]]);
        foreach (int few in MeansOf)
        {
            int[] some = kinds[..Math.Min(few, kinds.Length)];
            double[][] mean = [.. Enumerable.Range(0, Repeats).Select(r => Enumerable.Range(0, held[0][r].Length).Select(i => some.Average(l => held[l][r][i])).ToArray())];
            double value = judge(mean);
            best = value >= AsGood * best.Qini ? (some, mean, value) : best;
        }

        return (best.Learners, best.Held);
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
