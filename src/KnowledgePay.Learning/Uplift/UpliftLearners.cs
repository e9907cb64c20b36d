using KnowledgePay.Learning.BoostedTrees;
using KnowledgePay.Learning.Evaluation;
using KnowledgePay.Learning.Numerics;
using KnowledgePay.Learning.Simulation;

namespace KnowledgePay.Learning.Uplift;

/// <summary>What a learner of uplift is given.</summary>
/// <param name="Rows">The table's columns as numbers, for regressions.</param>
/// <param name="Codes">The same as codes, for trees.</param>
/// <param name="Learn">Rows to learn from.</param>
internal sealed record UpliftSample(DenseMatrix Rows, BinnedTable Codes, bool[] Treated, double[] Outcome, int[] Learn, EffectResiduals Residuals, ulong Seed);

/// <summary>The ways to learn uplift (Künzel, Sekhon, Bickel and Yu, PNAS 2019; class transformation as Athey and Imbens 2015 have it; R-learner of Nie and Wager 2021).</summary>
/// <param name="Meta"><c>s-learner</c>, <c>t-learner</c>, <c>x-learner</c>, <c>class-transformation</c> or <c>r-learner</c>; <c>outcome-model</c> for reference.</param>
/// <param name="Base"><c>ridge</c>, <c>lasso</c>, <c>boosted</c> or <c>forest</c>.</param>
/// <param name="Strength">Of a regression its penalty; of trees their depth.</param>
internal sealed record UpliftLearner(string Meta, string Base, double Strength)
{
    private const int LassoBags = 30;
    private const int ForestTrees = 100;

    public string Name => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Meta}/{Base}-{Strength:G}");

    public static readonly UpliftLearner[] All =
    [
        .. new[] { "s-learner", "t-learner", "x-learner", "class-transformation" }.SelectMany(meta => new[]
        {
            new UpliftLearner(meta, "ridge", 10), new UpliftLearner(meta, "ridge", 1000), new UpliftLearner(meta, "boosted", 3),
        }),
        new("r-learner", "ridge", 1000),
        new("r-learner", "lasso", 1),
        new("r-learner", "lasso", 2),
        new("r-learner", "boosted", 1),
        new("r-learner", "boosted", 2),
        new("r-learner", "forest", 4),
    ];

    public static readonly UpliftLearner Outcome = new("outcome-model", "ridge", 100);

    public UpliftParts Fit(UpliftSample sample, CancellationToken cancellation) => Base is "boosted" or "forest"
        ? new UpliftParts(new double[sample.Rows.Width + 1], FitTrees(sample, cancellation))
        : new UpliftParts(FitLinear(sample), []);

    /// <summary>Coefficients of the uplift: intercept, then by column.</summary>
    private double[] FitLinear(UpliftSample sample)
    {
        (DenseMatrix rows, _, bool[] treated, double[] outcome, int[] learn, EffectResiduals residuals, _) = sample;
        double ridge = Strength;
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

            case "r-learner":
                {
                    if (Base == "lasso")
                    {
                        return BaggedLasso(sample);
                    }

                    (double[] gram, double[] right, _) = residuals.Sums(rows, learn);
                    return SolveRidge(gram, right, ridge * share * (1 - share));
                }

            case "class-transformation":
                return Regress(rows, learn, i => Transformed(treated[i], outcome[i], share), ridge);
            default:
                return Single(rows, treated, outcome, learn, share, ridge);
        }
    }

    /// <summary>Trees whose scaled sum is the uplift.</summary>
    private UpliftTrees[] FitTrees(UpliftSample sample, CancellationToken cancellation)
    {
        (_, BinnedTable table, bool[] treated, double[] outcome, int[] learn, EffectResiduals residuals, ulong seed) = sample;
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

            case "r-learner" when Base == "forest":
                return GrowEffects(table, learn, residuals, (int)Strength, seed, cancellation);
            case "r-learner":
                return [BoostEffect(table, learn, residuals, (int)Strength, seed, cancellation)];
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
        var system = new LeastSquares(rows.Width + 1);
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
        var system = new LeastSquares((2 * width) + 2);
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

    /// <summary>The mean over halves of the rows: a column counts by how often it stands out.</summary>
    private double[] BaggedLasso(UpliftSample sample)
    {
        double[] mean = new double[sample.Rows.Width + 1];
        for (int bag = 0; bag < LassoBags; bag++)
        {
            int[] half = Half(sample.Learn, sample.Seed, bag);
            (double[] gram, double[] right, double square) = sample.Residuals.Sums(sample.Rows, half);
            double[] one = EffectLasso.Fit(gram, right, square, half.Length, Strength);
            for (int j = 0; j < mean.Length; j++)
            {
                mean[j] += one[j] / LassoBags;
            }
        }

        return mean;
    }

    private static int[] Half(int[] learn, ulong seed, int bag)
    {
        int[] half = [.. learn];
        Folds.Shuffle(half, SeededRandom.For(seed, 0x8A6, (ulong)bag));
        half = half[..((half.Length + 1) / 2)];
        Array.Sort(half);
        return half;
    }

    /// <summary>The mean of many trees, each on a half of the rows.</summary>
    private static UpliftTrees[] GrowEffects(BinnedTable table, int[] learn, EffectResiduals residuals, int depth, ulong seed, CancellationToken cancellation)
    {
        var forest = new UpliftTrees[ForestTrees];
        for (int bag = 0; bag < ForestTrees; bag++)
        {
            int[] half = Half(learn, seed, bag);
            double mass = half.Sum(i => residuals.Treatment[i] * residuals.Treatment[i]);
            double centre = mass > 0 ? half.Sum(i => residuals.Treatment[i] * residuals.Outcome[i]) / mass : 0;
            var settings = new BoostingSettings { Rounds = 1, Depth = depth, LearningRate = 1, LeastWeight = mass / 30, Ridge = mass / 30, RowShare = 1, FeatureShare = 0.6, Seed = seed + (ulong)bag };
            TreeSum tree = TreeBooster.Fit(table, settings, new double[table.Rows], half, (score, gradient, curvature) =>
            {
                foreach (int i in half)
                {
                    double t = residuals.Treatment[i];
                    gradient[i] = -t * (residuals.Outcome[i] - (t * (centre + score[i])));
                    curvature[i] = t * t;
                }
            }, null, cancellation);
            forest[bag] = new UpliftTrees(tree, centre, 1.0 / ForestTrees, 0);
        }

        return forest;
    }

    private static double[] SolveRidge(double[] gram, double[] right, double ridge)
    {
        int size = right.Length;
        for (int j = 1; j < size; j++)
        {
            gram[(j * size) + j] += ridge;
        }

        Cholesky.SolveUpper(gram, size, right);
        return right;
    }

    /// <summary>Small trees on Σ ½·(ỹ − t̃·τ)²: each leaf needs many rows, since an effect is a difference of means.</summary>
    private static UpliftTrees BoostEffect(BinnedTable table, int[] learn, EffectResiduals residuals, int depth, ulong seed, CancellationToken cancellation)
    {
        double mass = 0;
        double sum = 0;
        foreach (int i in learn)
        {
            mass += residuals.Treatment[i] * residuals.Treatment[i];
            sum += residuals.Treatment[i] * residuals.Outcome[i];
        }

        double centre = mass > 0 ? sum / mass : 0;
        var settings = new BoostingSettings
        {
            Rounds = 60,
            Depth = depth,
            LearningRate = 0.05,
            LeastWeight = mass / 30,
            Ridge = mass / 50,
            RowShare = 0.7,
            FeatureShare = 0.8,
            Seed = seed,
        };
        TreeSum trees = TreeBooster.Fit(table, settings, new double[table.Rows], learn, (score, gradient, curvature) =>
        {
            foreach (int i in learn)
            {
                double t = residuals.Treatment[i];
                gradient[i] = -t * (residuals.Outcome[i] - (t * (centre + score[i])));
                curvature[i] = t * t;
            }
        }, null, cancellation);
        return new UpliftTrees(trees, centre, 1, 0);
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
