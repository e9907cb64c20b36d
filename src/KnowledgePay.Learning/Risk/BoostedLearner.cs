using KnowledgePay.Decisions.Offers;
using KnowledgePay.Decisions.Scoring;
using KnowledgePay.Learning.Binning;
using KnowledgePay.Learning.Trees;

namespace KnowledgePay.Learning.Risk;

/// <summary>Gradient boosting of log loss by Newton steps on histograms (Friedman 2001; Chen and Guestrin 2016), rows and features drawn for each tree.</summary>
/// <remarks>How many trees, and how they grow, is what cross-validated log loss says.</remarks>
internal sealed class BoostedLearner : IRiskLearner
{
    private const int RoundsMax = 800;
    private const int CheckEvery = 5;
    private const int Patience = 60;

    public string Algorithm => "boosted";

    public FittedTerm Fit(RiskTask task)
    {
        BoostingSettings[] candidates = Candidates(task.Tuning);
        int folds = task.Folds.Folds;
        var paths = new ValidationPath[candidates.Length * folds];
        var parts = new (CodedColumns Columns, RiskRows Train, RiskRows Validate)[folds];
        Parallel.For(0, folds, task.Parallel, fold =>
        {
            (int[] train, int[] validate) = task.Folds.Split(fold);
            RiskRows learn = task.Tuning.Take(train);
            parts[fold] = (FineBinning.Code(learn, task.Specials, task.Seed), learn, task.Tuning.Take(validate));
        });
        Parallel.For(0, paths.Length, task.Parallel, i =>
        {
            (CodedColumns columns, RiskRows train, RiskRows validate) = parts[i % folds];
            paths[i] = Validate(columns, train, validate, candidates[i / folds], task, (ulong)i);
        });

        (int Candidate, int Checkpoint, double Loss) best = (0, 0, double.PositiveInfinity);
        for (int candidate = 0; candidate < candidates.Length; candidate++)
        {
            ReadOnlySpan<ValidationPath> own = paths.AsSpan(candidate * folds, folds);
            int checkpoints = 0;
            foreach (ValidationPath path in own)
            {
                checkpoints = Math.Max(checkpoints, path.Loss.Count);
            }

            for (int checkpoint = 0; checkpoint < checkpoints; checkpoint++)
            {
                double loss = 0;
                foreach (ValidationPath path in own)
                {
                    loss += path.Loss[Math.Min(checkpoint, path.Loss.Count - 1)] * path.Margins[0].Length;
                }

                if (loss < best.Loss)
                {
                    best = (candidate, checkpoint, loss);
                }
            }
        }

        var outOfFold = new double[task.Tuning.Rows];
        for (int fold = 0; fold < folds; fold++)
        {
            ValidationPath path = paths[(best.Candidate * folds) + fold];
            double[] margins = path.Margins[Math.Min(best.Checkpoint, path.Margins.Count - 1)];
            int[] rows = task.Folds.Split(fold).Validate;
            for (int i = 0; i < rows.Length; i++)
            {
                outOfFold[rows[i]] = margins[i];
            }
        }

        BoostingSettings chosen = candidates[best.Candidate];
        int rounds = (best.Checkpoint + 1) * CheckEvery;
        int bags = task.All.Rows < 5_000 ? 4 : 2;
        return new FittedTerm(Algorithm, Grow(task, chosen, rounds, bags), outOfFold, new Dictionary<string, double>
        {
            ["trees"] = rounds * bags,
            ["bags"] = bags,
            ["learningRate"] = chosen.LearningRate,
            ["depth"] = chosen.Tree.Depth,
            ["leastLeafWeight"] = chosen.Tree.LeastWeight,
            ["ridge"] = chosen.Tree.Ridge,
            ["rowShare"] = chosen.RowShare,
            ["featureShare"] = chosen.FeatureShare,
        });
    }

    private static BoostingSettings[] Candidates(RiskRows data)
    {
        double rate = data.Rows < 5_000 ? 0.04 : data.Rows < 50_000 ? 0.06 : 0.1;
        double weight = data.Rows * data.Rate * (1 - data.Rate);
        double least = Math.Clamp(weight * 0.01, 1, 30);
        return
        [
            Settings(2, least),
            Settings(3, least),
            data.Rows < 5_000 ? Settings(4, 2 * least) : Settings(5, least),
        ];

        BoostingSettings Settings(int depth, double leaf) => new(
            rate,
            0.6,
            data.Features.Count > 3 ? 0.5 : 1,
            new TreeSettings { Depth = depth, LeastWeight = leaf, Ridge = 2, CategoryRidge = Math.Clamp(weight * 0.02, 0, 10) });
    }

    private static ValidationPath Validate(CodedColumns columns, RiskRows train, RiskRows validate, BoostingSettings settings, RiskTask task, ulong stream)
    {
        var boosting = new Boosting(columns, train, settings with { Tree = settings.Tree with { Monotone = task.Monotone } }, new SeededRandom(task.Seed, 0xB005 + stream));
        var path = new ValidationPath([], []);
        byte[][] codes = new byte[columns.Features][];
        for (int feature = 0; feature < codes.Length; feature++)
        {
            codes[feature] = new byte[validate.Rows];
            for (int row = 0; row < validate.Rows; row++)
            {
                codes[feature][row] = columns.Codings[feature].Code(validate.Value(row, feature));
            }
        }

        var margins = new double[validate.Rows];
        Array.Fill(margins, boosting.Intercept);
        double best = double.PositiveInfinity;
        int bestRound = 0;
        for (int round = 1; round <= RoundsMax && round - bestRound <= Patience; round++)
        {
            task.Cancellation.ThrowIfCancellationRequested();
            boosting.Step();
            boosting.Forest.AddLast(codes, margins);
            if (round % CheckEvery != 0)
            {
                continue;
            }

            double loss = LogLoss(margins, validate.Outcomes);
            path.Loss.Add(loss);
            path.Margins.Add([.. margins]);
            (best, bestRound) = loss < best ? (loss, round) : (best, bestRound);
        }

        return path;
    }

    private static TreeEnsemble Grow(RiskTask task, BoostingSettings settings, int rounds, int bags)
    {
        CodedColumns columns = FineBinning.Code(task.All, task.Specials, task.Seed);
        var forests = new Boosting[bags];
        Parallel.For(0, bags, task.Parallel, bag =>
        {
            var boosting = new Boosting(columns, task.All, settings with { Tree = settings.Tree with { Monotone = task.Monotone } }, new SeededRandom(task.Seed, 0xBA6 + (ulong)bag));
            for (int round = 0; round < rounds; round++)
            {
                task.Cancellation.ThrowIfCancellationRequested();
                boosting.Step();
            }

            forests[bag] = boosting;
        });
        var all = new TreeForest(columns);
        foreach (Boosting boosting in forests)
        {
            all.Append(boosting.Forest);
        }

        return all.ToEnsemble(all.Roots.Count, 1.0 / bags, forests[0].Intercept);
    }

    private static double LogLoss(double[] margins, byte[] outcomes)
    {
        double loss = 0;
        for (int i = 0; i < margins.Length; i++)
        {
            loss += Math.Max(margins[i], 0) - (margins[i] * outcomes[i]) + Math.Log(1 + Math.Exp(-Math.Abs(margins[i])));
        }

        return loss / margins.Length;
    }

    private readonly record struct ValidationPath(List<double> Loss, List<double[]> Margins);
}

/// <summary>How boosting proceeds.</summary>
/// <param name="RowShare">Share of the rows that each tree learns from.</param>
/// <param name="FeatureShare">Share of the features that each tree may use.</param>
internal sealed record BoostingSettings(double LearningRate, double RowShare, double FeatureShare, TreeSettings Tree);
