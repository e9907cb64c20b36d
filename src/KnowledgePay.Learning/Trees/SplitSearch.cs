using KnowledgePay.Decisions.Scoring;

namespace KnowledgePay.Learning.Trees;

/// <summary>The best cut of a node, from sums of first and second derivatives by code (Chen and Guestrin 2016, equation 7).</summary>
internal sealed class SplitSearch(TreeSettings settings)
{
    private readonly int[] _order = new int[FeatureCoding.CodesMax];
    private readonly double[] _rank = new double[FeatureCoding.CodesMax];

    /// <param name="sums">Gradient and weight by code, one after the other.</param>
    /// <param name="total">Of the node.</param>
    /// <param name="bounds">What a leaf's value may be, from monotone splits above.</param>
    public void Try(int feature, bool ordered, ReadOnlySpan<double> sums, NodeSums total, (double Low, double High) bounds, ref Split best)
    {
        if (ordered)
        {
            TryThresholds(feature, sums, total, bounds, ref best);
        }
        else
        {
            TryCategories(feature, sums, total, bounds, ref best);
        }
    }

    public double LeafValue(NodeSums sums, double extraRidge, (double Low, double High) bounds) =>
        Math.Clamp(-sums.Gradient / (sums.Weight + settings.Ridge + extraRidge), bounds.Low, bounds.High);

    private void TryThresholds(int feature, ReadOnlySpan<double> sums, NodeSums total, (double Low, double High) bounds, ref Split best)
    {
        int codes = sums.Length / 2;
        var missing = new NodeSums(sums[0], sums[1]);
        int monotone = settings.Monotone?[feature] ?? 0;
        var left = default(NodeSums);
        for (int code = 1; code < codes - 1; code++)
        {
            double weight = sums[(2 * code) + 1];
            if (weight == 0 && code > 1)
            {
                continue;
            }

            left = new NodeSums(left.Gradient + sums[2 * code], left.Weight + weight);
            NodeSums right = total - left;
            if (missing.Weight > 0)
            {
                Consider(feature, (byte)code, true, left + missing, right - missing, total, monotone, bounds, ref best);
                Consider(feature, (byte)code, false, left, right, total, monotone, bounds, ref best);
            }
            else
            {
                Consider(feature, (byte)code, left.Weight >= right.Weight, left, right, total, monotone, bounds, ref best);
            }
        }

        if (missing.Weight > 0)
        {
            // All that is present against what is missing.
            Consider(feature, (byte)(codes - 1), false, total - missing, missing, total, 0, bounds, ref best);
        }
    }

    private void Consider(int feature, byte threshold, bool missingLeft, NodeSums left, NodeSums right, NodeSums total, int monotone, (double Low, double High) bounds, ref Split best)
    {
        if (left.Weight < settings.LeastWeight || right.Weight < settings.LeastWeight)
        {
            return;
        }

        double gain;
        if (settings.Monotone is null)
        {
            gain = Gain(left, 0) + Gain(right, 0) - Gain(total, 0);
        }
        else
        {
            double below = LeafValue(left, 0, bounds);
            double above = LeafValue(right, 0, bounds);
            if (monotone * (above - below) < 0)
            {
                return;
            }

            gain = GainOf(left, below) + GainOf(right, above) - GainOf(total, LeafValue(total, 0, bounds));
        }

        if (gain > best.Gain)
        {
            best = new Split(feature, gain, threshold, missingLeft, null, left, right);
        }
    }

    /// <summary>Categories in the order of their value: the best subset is a prefix of it (Fisher 1958), up to the smoothing.</summary>
    private void TryCategories(int feature, ReadOnlySpan<double> sums, NodeSums total, (double Low, double High) bounds, ref Split best)
    {
        int present = 0;
        for (int code = 0; code < sums.Length / 2; code++)
        {
            double weight = sums[(2 * code) + 1];
            if (weight > 0)
            {
                _rank[present] = sums[2 * code] / (weight + settings.Ridge + settings.CategoryRidge);
                _order[present++] = code;
            }
        }

        Array.Sort(_rank, _order, 0, present);
        var left = default(NodeSums);
        for (int i = 0; i < present - 1; i++)
        {
            left = new NodeSums(left.Gradient + sums[2 * _order[i]], left.Weight + sums[(2 * _order[i]) + 1]);
            NodeSums right = total - left;
            if (left.Weight < settings.LeastWeight || right.Weight < settings.LeastWeight)
            {
                continue;
            }

            double extra = settings.CategoryRidge;
            double gain = settings.Monotone is null
                ? Gain(left, extra) + Gain(right, extra) - Gain(total, 0)
                : GainOf(left, LeafValue(left, extra, bounds)) + GainOf(right, LeafValue(right, extra, bounds)) - GainOf(total, LeafValue(total, 0, bounds));
            if (gain > best.Gain)
            {
                var set = default(CodeSet);
                for (int k = 0; k <= i; k++)
                {
                    set.Add(_order[k]);
                }

                best = new Split(feature, gain, 0, set.Contains(0), set, left, right);
            }
        }
    }

    private double Gain(NodeSums sums, double extraRidge) => sums.Gradient * sums.Gradient / (sums.Weight + settings.Ridge + extraRidge);

    /// <summary>Twice what a leaf of this value gains.</summary>
    private double GainOf(NodeSums sums, double value) => -((2 * sums.Gradient * value) + ((sums.Weight + settings.Ridge) * value * value));
}

/// <summary>Sums of first and second derivatives over the rows of a node.</summary>
internal readonly record struct NodeSums(double Gradient, double Weight)
{
    public static NodeSums operator +(NodeSums a, NodeSums b) => new(a.Gradient + b.Gradient, a.Weight + b.Weight);

    public static NodeSums operator -(NodeSums a, NodeSums b) => new(a.Gradient - b.Gradient, a.Weight - b.Weight);
}

/// <param name="Categories">The codes that go left, or null for a threshold.</param>
internal readonly record struct Split(int Feature, double Gain, byte Threshold, bool MissingLeft, CodeSet? Categories, NodeSums Left, NodeSums Right)
{
    public bool GoesLeft(byte code) => Categories is { } set ? set.Contains(code) : code == 0 ? MissingLeft : code <= Threshold;
}
