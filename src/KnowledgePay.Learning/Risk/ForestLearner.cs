using KnowledgePay.Decisions.Offers;
using KnowledgePay.Decisions.Scoring;
using KnowledgePay.Learning.Binning;
using KnowledgePay.Learning.Calibration;
using KnowledgePay.Learning.Evaluation;
using KnowledgePay.Learning.Trees;

namespace KnowledgePay.Learning.Risk;

/// <summary>A random forest of probability trees (Breiman 2001; Malley et al. 2012): bootstrap rows, features drawn at each split, leaves of a least size chosen out of bag.</summary>
/// <remarks>
/// A leaf says the log-odds of its smoothed rate, and trees are averaged in log-odds: the scale on which contributions add up and on which Platt's line calibrates. A line
/// in log-odds through averaged probabilities bends them at both ends.
/// </remarks>
internal sealed class ForestLearner : IRiskLearner
{
    private const int Depth = 16;

    /// <summary>Rows at the average rate that are added to each leaf.</summary>
    private const double LeafPrior = 4;

    public string Algorithm => "random-forest";

    public FittedTerm Fit(RiskTask task)
    {
        CodedColumns columns = FineBinning.Code(task.Tuning, task.Specials, task.Seed);
        int trial = task.Tuning.Rows < 5_000 ? 200 : 80;
        int final = task.Tuning.Rows < 5_000 ? 500 : 300;
        (TreeSettings Settings, double Loss, Grown Grown)? best = null;
        foreach (TreeSettings settings in Candidates(task.Tuning))
        {
            Grown grown = Grow(columns, task.Tuning, settings, 0, trial, task);
            double[] margins = grown.OutOfBag(task.Tuning.LogOdds);
            PlattScaling platt = PlattScaling.Fit(margins, task.Tuning.Outcomes);
            double[] probabilities = [.. margins.Select(margin => LogOddsModel.Probability(platt.LogOdds(margin)))];
            double loss = BinaryMetrics.Of(probabilities, task.Tuning.Outcomes).LogLoss;
            if (best is null || loss < best.Value.Loss)
            {
                best = (settings, loss, grown);
            }
        }

        TreeSettings chosen = best!.Value.Settings;
        Grown tuned = best.Value.Grown;
        tuned.Add(Grow(columns, task.Tuning, chosen, trial, final, task));
        TreeForest forest = tuned.Forest;
        double scale = (double)task.All.Rows / task.Tuning.Rows;
        if (scale > 1)
        {
            forest = Grow(FineBinning.Code(task.All, task.Specials, task.Seed), task.All, chosen with { LeastWeight = Math.Ceiling(chosen.LeastWeight * Math.Sqrt(scale)) }, 0, final, task).Forest;
        }

        return new FittedTerm(Algorithm, forest.ToEnsemble(final, 1.0 / final, 0), tuned.OutOfBag(task.Tuning.LogOdds), new Dictionary<string, double>
        {
            ["trees"] = final,
            ["leastLeafRows"] = chosen.LeastWeight,
            ["featuresPerSplit"] = chosen.FeaturesPerSplit,
            ["depth"] = Depth,
        });
    }

    private static IEnumerable<TreeSettings> Candidates(RiskRows data)
    {
        int features = data.Features.Count;
        int root = Math.Max(1, (int)Math.Round(Math.Sqrt(features)));
        int[] leaves = data.Rows < 5_000 ? [2, 4, 8] : [12, 30, 60];
        foreach (int leaf in leaves)
        {
            foreach (int tries in new[] { root, Math.Max(1, features / 3) }.Distinct())
            {
                yield return new TreeSettings { Depth = Depth, LeastWeight = leaf, Ridge = 0, FeaturesPerSplit = tries };
            }
        }
    }

    /// <summary>Trees <paramref name="from"/> up to <paramref name="to"/>; each has a random stream of its own, so that threads do not matter.</summary>
    private static Grown Grow(CodedColumns columns, RiskRows data, TreeSettings settings, int from, int to, RiskTask task)
    {
        const int Block = 10;
        int blocks = (to - from + Block - 1) / Block;
        var parts = new Grown[blocks];
        settings = settings with { Monotone = task.Monotone };
        Parallel.For(0, blocks, task.Parallel, block =>
        {
            var part = new Grown(new TreeForest(columns), new double[data.Rows], new int[data.Rows]);
            var grower = new TreeGrower(columns, settings);
            var gradient = new double[data.Rows];
            var weight = new double[data.Rows];
            for (int tree = from + (block * Block); tree < Math.Min(to, from + ((block + 1) * Block)); tree++)
            {
                task.Cancellation.ThrowIfCancellationRequested();
                var random = new SeededRandom(task.Seed, 0xF0E57 + (ulong)tree);
                Array.Clear(weight);
                for (int draw = 0; draw < data.Rows; draw++)
                {
                    weight[(int)(random.NextDouble() * data.Rows)]++;
                }

                var rows = new List<int>(data.Rows);
                for (int row = 0; row < data.Rows; row++)
                {
                    gradient[row] = -weight[row] * data.Outcomes[row];
                    if (weight[row] > 0)
                    {
                        rows.Add(row);
                    }
                }

                grower.Grow(part.Forest, gradient, weight, [.. rows], 1, weight, ref random);
                part.Forest.MapLast((rate, cover) =>
                {
                    double smoothed = ((rate * cover) + (LeafPrior * data.Rate)) / (cover + LeafPrior);
                    return Math.Log(smoothed / (1 - smoothed));
                });
                for (int row = 0; row < data.Rows; row++)
                {
                    if (weight[row] == 0)
                    {
                        part.Sums[row] += part.Forest.EvaluateLast(columns.Codes, row);
                        part.Counts[row]++;
                    }
                }
            }

            parts[block] = part;
        });
        Grown all = parts[0];
        foreach (Grown part in parts.Skip(1))
        {
            all.Add(part);
        }

        return all;
    }

    /// <param name="Sums">Of each row, the leaves of the trees that have not seen it.</param>
    private sealed record Grown(TreeForest Forest, double[] Sums, int[] Counts)
    {
        public void Add(Grown other)
        {
            Forest.Append(other.Forest);
            for (int row = 0; row < Sums.Length; row++)
            {
                Sums[row] += other.Sums[row];
                Counts[row] += other.Counts[row];
            }
        }

        /// <param name="otherwise">For a row that every tree has seen.</param>
        public double[] OutOfBag(double otherwise)
        {
            var margins = new double[Sums.Length];
            for (int row = 0; row < margins.Length; row++)
            {
                margins[row] = Counts[row] == 0 ? otherwise : Sums[row] / Counts[row];
            }

            return margins;
        }
    }
}
