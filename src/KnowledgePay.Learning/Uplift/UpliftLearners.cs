using KnowledgePay.Learning.BoostedTrees;
using KnowledgePay.Learning.Matrices;
using KnowledgePay.Learning.Numbers;

namespace KnowledgePay.Learning.Uplift;

/// <summary>The ways to learn uplift (Künzel, Sekhon, Bickel and Yu, PNAS 2019; class transformation as Athey and Imbens 2015 have it), each on ridge regression or on boosted trees.</summary>
/// <param name="Meta"><c>s-learner</c>, <c>t-learner</c>, <c>x-learner</c> or <c>class-transformation</c>; <c>outcome-model</c> for reference.</param>
/// <param name="Ridge">Penalty of the regression; null for trees.</param>
internal sealed record UpliftLearner(string Meta, double? Ridge)
{
    public string Name => Ridge is { } ridge ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Meta}/ridge-{ridge:G}") : $"{Meta}/boosted";

    public static readonly UpliftLearner[] All =
    [
        .. new[] { "s-learner", "t-learner", "x-learner", "class-transformation" }.SelectMany(meta => new[] { new UpliftLearner(meta, 10), new UpliftLearner(meta, 100), new UpliftLearner(meta, 1000), new UpliftLearner(meta, null) }),
    ];

    public static readonly UpliftLearner Outcome = new("outcome-model", 100);

    /// <summary>Coefficients of the uplift: intercept, then by column.</summary>
    public double[] FitLinear(DenseMatrix rows, bool[] treated, double[] outcome, int[] learn)
    {
        double ridge = Ridge!.Value;
        double share = Share(treated, learn);
        switch (Meta)
        {
            case "outcome-model":
                return Regress(rows, learn, i => outcome[i], ridge);
            case "t-learner":
                {
                    double[] one = Regress(rows, [.. learn.Where(i => treated[i])], i => outcome[i], ridge);
                    double[] zero = Regress(rows, [.. learn.Where(i => !treated[i])], i => outcome[i], ridge);
                    return [.. one.Select((c, j) => c - zero[j])];
                }

            case "x-learner":
                {
                    int[] ones = [.. learn.Where(i => treated[i])];
                    int[] zeros = [.. learn.Where(i => !treated[i])];
                    double[] one = Regress(rows, ones, i => outcome[i], ridge);
                    double[] zero = Regress(rows, zeros, i => outcome[i], ridge);
                    double[] byOne = UpliftModel.Linear(rows, one);
                    double[] byZero = UpliftModel.Linear(rows, zero);
                    double[] effectOnTreated = Regress(rows, ones, i => outcome[i] - byZero[i], ridge);
                    double[] effectOnControl = Regress(rows, zeros, i => byOne[i] - outcome[i], ridge);
                    return [.. effectOnTreated.Select((c, j) => (share * effectOnControl[j]) + ((1 - share) * c))];
                }

            case "class-transformation":
                return Regress(rows, learn, i => Transformed(treated[i], outcome[i], share), ridge);
            default:
                return Single(rows, treated, outcome, learn, share, ridge);
        }
    }

    /// <summary>Trees whose scaled sum is the uplift.</summary>
    public UpliftTrees[] FitTrees(BinnedTable table, bool[] treated, double[] outcome, int[] learn, ulong seed, CancellationToken cancellation)
    {
        double share = Share(treated, learn);
        int[] ones = [.. learn.Where(i => treated[i])];
        int[] zeros = [.. learn.Where(i => !treated[i])];
        (TreeSum Trees, double Base) Fit(BinnedTable codes, int[] rows, Func<int, double> target, ulong part) => Boost(codes, rows, target, seed + part, cancellation);
        switch (Meta)
        {
            case "t-learner":
                {
                    (TreeSum one, double oneBase) = Fit(table, ones, i => outcome[i], 0);
                    (TreeSum zero, double zeroBase) = Fit(table, zeros, i => outcome[i], 1);
                    return [new UpliftTrees(one, oneBase, 1, 0), new UpliftTrees(zero, zeroBase, -1, 0)];
                }

            case "x-learner":
                {
                    (TreeSum one, double oneBase) = Fit(table, ones, i => outcome[i], 0);
                    (TreeSum zero, double zeroBase) = Fit(table, zeros, i => outcome[i], 1);
                    double[] byOne = one.Sum(table);
                    double[] byZero = zero.Sum(table);
                    (TreeSum onTreated, double treatedBase) = Fit(table, ones, i => outcome[i] - zeroBase - byZero[i], 2);
                    (TreeSum onControl, double controlBase) = Fit(table, zeros, i => oneBase + byOne[i] - outcome[i], 3);
                    return [new UpliftTrees(onTreated, treatedBase, 1 - share, 0), new UpliftTrees(onControl, controlBase, share, 0)];
                }

            case "class-transformation":
                {
                    (TreeSum trees, double trunk) = Fit(table, learn, i => Transformed(treated[i], outcome[i], share), 0);
                    return [new UpliftTrees(trees, trunk, 1, 0)];
                }

            default:
                {
                    (TreeSum trees, double trunk) = Fit(UpliftModel.WithTreatment(table, [.. treated.Select(t => (byte)(t ? 2 : 1))]), learn, i => outcome[i], 0);
                    return [new UpliftTrees(trees, trunk, 1, 2), new UpliftTrees(trees, trunk, -1, 1)];
                }
        }
    }

    private static double Share(bool[] treated, int[] learn) => (double)learn.Count(i => treated[i]) / learn.Length;

    /// <summary>A target whose mean, given the row, is the uplift.</summary>
    private static double Transformed(bool treated, double outcome, double share) => treated ? outcome / share : -outcome / (1 - share);

    private static double[] Regress(DenseMatrix rows, int[] learn, Func<int, double> target, double ridge)
    {
        var system = new NormalEquations(rows.Width + 1);
        double[] row = new double[rows.Width + 1];
        row[0] = 1;
        foreach (int i in learn)
        {
            rows[i].CopyTo(row.AsSpan(1));
            system.Add(row, target(i), 1);
        }

        return system.Solve(ridge, free: 1);
    }

    /// <summary>One regression with the treatment and its products with every column.</summary>
    private static double[] Single(DenseMatrix rows, bool[] treated, double[] outcome, int[] learn, double share, double ridge)
    {
        int width = rows.Width;
        var system = new NormalEquations((2 * width) + 2);
        double[] row = new double[(2 * width) + 2];
        foreach (int i in learn)
        {
            double t = (treated[i] ? 1 : 0) - share;
            row[0] = 1;
            row[1] = t;
            for (int j = 0; j < width; j++)
            {
                row[j + 2] = rows[i][j];
                row[width + j + 2] = t * rows[i][j];
            }

            system.Add(row, outcome[i], 1);
        }

        double[] all = system.Solve(ridge, free: 2);
        double[] uplift = new double[width + 1];
        uplift[0] = all[1];
        all.AsSpan(width + 2).CopyTo(uplift.AsSpan(1));
        return uplift;
    }

    private static (TreeSum Trees, double Base) Boost(BinnedTable table, int[] learn, Func<int, double> target, ulong seed, CancellationToken cancellation)
    {
        double[] wanted = new double[table.Rows];
        double mean = 0;
        foreach (int i in learn)
        {
            wanted[i] = target(i);
            mean += wanted[i] / learn.Length;
        }

        var settings = new BoostingSettings
        {
            Rounds = 80,
            Depth = 3,
            LearningRate = 0.05,
            LeastWeight = Math.Max(20, learn.Length / 100.0),
            Ridge = Math.Max(10, learn.Length / 200.0),
            RowShare = 0.7,
            FeatureShare = 0.8,
            Seed = seed,
        };
        TreeSum trees = TreeBooster.Fit(table, settings, new double[table.Rows], learn, (score, gradient, curvature) =>
        {
            foreach (int i in learn)
            {
                gradient[i] = mean + score[i] - wanted[i];
                curvature[i] = 1;
            }
        }, null, cancellation);
        return (trees, mean);
    }
}
