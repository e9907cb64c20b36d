using KnowledgePay.Decisions.Recommending.Models;
using KnowledgePay.Learning.Interactions;
using KnowledgePay.Learning.Items;
using KnowledgePay.Learning.Simulation;

namespace KnowledgePay.Learning.Ratings;

/// <summary>Learns ratings by Gibbs sampling; two chains, one a core, their draws averaged.</summary>
internal static class BayesianFactors
{
    private const int Chains = 2;

    /// <summary>Bytes of draws that a model keeps at most.</summary>
    private const long MostBytes = 128L << 20;

    /// <param name="settings">dimensions, sweeps, burnIn; implicit 0 leaves out who rated what.</param>
    public static RatingPosterior Learn(RatingTable table, RatingScale scale, ItemFeatures? features, RatingSettings settings, ulong seed)
    {
        int d = settings.Dimensions;
        long bytes = 4L * (table.Users + table.Items + 2) * (d + 1);
        int keptPerChain = (int)Math.Clamp(MostBytes / bytes / Chains, 2, settings.Sweeps - settings.BurnIn);
        var draws = new RatingDraw[Chains][];
        Parallel.For(0, Chains, chain =>
        {
            var sampler = new GibbsSampler(table, UserBlock(table, settings), ItemBlock(table, features, settings), d, SeededRandom.For(seed, 0x4769626273, (ulong)chain));
            var kept = new List<RatingDraw>();
            int after = settings.Sweeps - settings.BurnIn;
            for (int sweep = 0; sweep < settings.Sweeps; sweep++)
            {
                sampler.Sweep();
                int done = sweep - settings.BurnIn + 1;

                // Evenly over the sweeps after the burn-in.
                if (done > 0 && (long)done * keptPerChain / after > (long)(done - 1) * keptPerChain / after)
                {
                    kept.Add(sampler.Draw());
                }
            }

            draws[chain] = [.. kept];
        });
        return new RatingPosterior(table.Users, table.Items, d, (float)scale.Least, (float)scale.Greatest, [.. draws.SelectMany(chain => chain)]);
    }

    private static FeatureBlock UserBlock(RatingTable table, RatingSettings settings)
    {
        var block = new FeatureBlock(table.Users);
        if (settings.Implicit)
        {
            AddImplicit(block, table.Items, table.ItemStarts, k => table.UserOf[table.ByItem[k]], table.UserStarts);
        }

        return block;
    }

    private static FeatureBlock ItemBlock(RatingTable table, ItemFeatures? features, RatingSettings settings)
    {
        var block = new FeatureBlock(table.Items);
        if (settings.Implicit)
        {
            AddImplicit(block, table.Users, table.UserStarts, k => table.ItemOf[k], table.ItemStarts);
        }

        if (features is not null)
        {
            var columns = new List<(int, float)>[features.Count];
            for (int item = 0; item < Math.Min(features.Items, table.Items); item++)
            {
                ReadOnlySpan<int> own = features.FeaturesOf(item);
                for (int k = 0; k < own.Length; k++)
                {
                    (columns[own[k]] ??= []).Add((item, features.WeightsOf(item)[k]));
                }
            }

            foreach (List<(int, float)>? column in columns)
            {
                block.AddColumn(column ?? []);
            }

            block.EndGroup();
        }

        return block;
    }

    /// <summary>A column for each of the other side, with 1/√n for all that it has a rating with.</summary>
    private static void AddImplicit(FeatureBlock block, int others, int[] otherStarts, Func<int, int> rowAt, int[] rowStarts)
    {
        for (int other = 0; other < others; other++)
        {
            var cells = new (int, float)[otherStarts[other + 1] - otherStarts[other]];
            for (int k = 0; k < cells.Length; k++)
            {
                int row = rowAt(otherStarts[other] + k);
                cells[k] = (row, 1 / MathF.Sqrt(rowStarts[row + 1] - rowStarts[row]));
            }

            block.AddColumn(cells);
        }

        block.EndGroup();
    }
}

/// <param name="Implicit">Whether who rated what, whatever the stars, describes users and items.</param>
internal sealed record RatingSettings(int Dimensions, int Sweeps, int BurnIn, bool Implicit);
