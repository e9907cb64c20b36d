using KnowledgePay.Learning.Evaluation;
using KnowledgePay.Learning.Simulation;

namespace KnowledgePay.Learning.BoostedTrees;

/// <summary>A tree as arrays: a node with a feature sends codes up to its threshold to <c>Left</c>, others to <c>Left + 1</c>; one without is a leaf.</summary>
internal readonly record struct BoostedNode(short Feature, byte Threshold, int Left, float Value);

/// <summary>Trees whose leaves are summed.</summary>
internal sealed class TreeSum(List<BoostedNode[]> trees)
{
    public IReadOnlyList<BoostedNode[]> Trees => trees;

    public double[] Sum(BinnedTable table)
    {
        double[] sum = new double[table.Rows];
        Parallel.For(0, (table.Rows + 4095) / 4096, block =>
        {
            int end = Math.Min(table.Rows, (block + 1) * 4096);
            foreach (BoostedNode[] tree in trees)
            {
                for (int row = block * 4096; row < end; row++)
                {
                    sum[row] += Leaf(tree, table.Codes, row);
                }
            }
        });
        return sum;
    }

    public static float Leaf(BoostedNode[] tree, byte[][] codes, int row)
    {
        int at = 0;
        while (tree[at].Feature >= 0)
        {
            at = tree[at].Left + (codes[tree[at].Feature][row] <= tree[at].Threshold ? 0 : 1);
        }

        return tree[at].Value;
    }

    /// <summary>Of one row.</summary>
    public double Sum(ReadOnlySpan<byte> codes)
    {
        double sum = 0;
        foreach (BoostedNode[] tree in trees)
        {
            int at = 0;
            while (tree[at].Feature >= 0)
            {
                at = tree[at].Left + (codes[tree[at].Feature] <= tree[at].Threshold ? 0 : 1);
            }

            sum += tree[at].Value;
        }

        return sum;
    }

    public void Write(BinaryWriter writer)
    {
        writer.Write(trees.Count);
        foreach (BoostedNode[] tree in trees)
        {
            writer.Write(tree.Length);
            foreach (BoostedNode node in tree)
            {
                writer.Write(node.Feature);
                writer.Write(node.Threshold);
                writer.Write(node.Left);
                writer.Write(node.Value);
            }
        }
    }

    public static TreeSum Read(BinaryReader reader, int features)
    {
        int count = reader.ReadInt32();
        var trees = new List<BoostedNode[]>();
        for (int t = 0; t < count; t++)
        {
            var tree = new BoostedNode[reader.ReadInt32()];
            for (int i = 0; i < tree.Length; i++)
            {
                tree[i] = new BoostedNode(reader.ReadInt16(), reader.ReadByte(), reader.ReadInt32(), reader.ReadSingle());
                if (tree[i].Feature >= features || (tree[i].Feature >= 0 && (tree[i].Left <= i || tree[i].Left + 1 >= tree.Length)))
                {
                    throw new FormatException("A tree points outside itself.");
                }
            }

            trees.Add(tree);
        }

        return new TreeSum(trees);
    }
}

/// <summary>Second-order gradient boosting on histograms of codes (Friedman 2001; Chen and Guestrin 2016), for any loss that has two derivatives.</summary>
/// <remarks>Level by level; the histogram of a larger child is its parent's less its sibling's; features side by side. Sums are made in the order of the rows, so that the same seed gives the same trees to the bit on any number of cores.</remarks>
internal sealed class TreeBooster
{
    private readonly BinnedTable _table;
    private readonly BoostingSettings _settings;
    private readonly int[] _offset;
    private readonly int[] _rows;
    private readonly int[] _scratch;
    private readonly double[] _gradient;
    private readonly double[] _curvature;

    private TreeBooster(BinnedTable table, BoostingSettings settings)
    {
        (_table, _settings) = (table, settings);
        _offset = new int[table.Features.Count + 1];
        for (int f = 0; f < table.Features.Count; f++)
        {
            _offset[f + 1] = _offset[f] + (2 * table.Features[f].Codes);
        }

        _rows = new int[table.Rows];
        _scratch = new int[table.Rows];
        _gradient = new double[table.Rows];
        _curvature = new double[table.Rows];
    }

    /// <param name="score">The starting score by row; brought forward as trees are added, for all rows of the table.</param>
    /// <param name="learn">Rows to learn from.</param>
    /// <param name="derivatives">Fills the first and second derivative of the loss by score, for the rows to learn from.</param>
    /// <param name="validationLoss">Loss on other rows by the scores so far, for early stopping; null for none. Trees after the best round are dropped.</param>
    public static TreeSum Fit(
        BinnedTable table, BoostingSettings settings, double[] score, int[] learn, Action<double[], double[], double[]> derivatives, Func<double[], double>? validationLoss, CancellationToken cancellation)
    {
        var booster = new TreeBooster(table, settings);
        var trees = new List<BoostedNode[]>();
        SeededRandom random = SeededRandom.For(settings.Seed, 0xB057, 0);
        double best = validationLoss?.Invoke(score) ?? 0;
        int bestRounds = 0;
        int[] features = [.. Enumerable.Range(0, table.Features.Count)];
        for (int round = 0; round < settings.Rounds; round++)
        {
            cancellation.ThrowIfCancellationRequested();
            derivatives(score, booster._gradient, booster._curvature);
            int count = 0;
            foreach (int row in learn)
            {
                if (settings.RowShare >= 1 || random.NextDouble() < settings.RowShare)
                {
                    booster._rows[count++] = row;
                }
            }

            Folds.Shuffle(features, random);
            int[] use = features[..Math.Max(1, (int)Math.Ceiling(settings.FeatureShare * features.Length))];
            Array.Sort(use);
            BoostedNode[] tree = booster.Grow(count, use);
            trees.Add(tree);
            Parallel.For(0, (table.Rows + 8191) / 8192, block =>
            {
                int end = Math.Min(table.Rows, (block + 1) * 8192);
                for (int row = block * 8192; row < end; row++)
                {
                    score[row] += TreeSum.Leaf(tree, table.Codes, row);
                }
            });
            if (validationLoss is not null)
            {
                double loss = validationLoss(score);
                if (loss < best)
                {
                    (best, bestRounds) = (loss, round + 1);
                }
                else if (round + 1 - bestRounds >= settings.Patience)
                {
                    break;
                }
            }
        }

        return new TreeSum(validationLoss is null ? trees : trees[..bestRounds]);
    }

    private BoostedNode[] Grow(int count, int[] features)
    {
        var nodes = new List<BoostedNode> { default };
        (double g, double h) = Sums(0, count);
        var level = new List<Open> { new(0, 0, count, g, h, Histogram(0, count, features)) };
        for (int depth = 0; level.Count > 0; depth++)
        {
            var next = new List<Open>();
            foreach (Open open in level)
            {
                Split split = depth < _settings.Depth ? Best(open, features) : default;
                if (split.Gain <= 1e-9)
                {
                    nodes[open.Node] = new BoostedNode(-1, 0, 0, (float)(-_settings.LearningRate * open.Gradient / (open.Curvature + _settings.Ridge)));
                    continue;
                }

                int left = nodes.Count;
                nodes.Add(default);
                nodes.Add(default);
                nodes[open.Node] = new BoostedNode((short)split.Feature, (byte)split.Threshold, left, 0);
                int middle = Partition(open.Start, open.End, split);
                bool isLast = depth + 1 == _settings.Depth;
                double[] leftHistogram = [];
                double[] rightHistogram = [];
                if (!isLast)
                {
                    bool leftSmaller = middle - open.Start <= open.End - middle;
                    double[] small = leftSmaller ? Histogram(open.Start, middle, features) : Histogram(middle, open.End, features);
                    double[] large = open.Histogram;
                    for (int i = 0; i < large.Length; i++)
                    {
                        large[i] -= small[i];
                    }

                    (leftHistogram, rightHistogram) = leftSmaller ? (small, large) : (large, small);
                }

                next.Add(new Open(left, open.Start, middle, split.Gradient, split.Curvature, leftHistogram));
                next.Add(new Open(left + 1, middle, open.End, open.Gradient - split.Gradient, open.Curvature - split.Curvature, rightHistogram));
            }

            level = next;
        }

        return [.. nodes];
    }

    private (double Gradient, double Curvature) Sums(int start, int end)
    {
        double g = 0;
        double h = 0;
        for (int at = start; at < end; at++)
        {
            g += _gradient[_rows[at]];
            h += _curvature[_rows[at]];
        }

        return (g, h);
    }

    private double[] Histogram(int start, int end, int[] features)
    {
        double[] histogram = new double[_offset[^1]];
        if (end - start < 2_000)
        {
            foreach (int feature in features)
            {
                Accumulate(feature, start, end, histogram);
            }
        }
        else
        {
            Parallel.ForEach(features, feature => Accumulate(feature, start, end, histogram));
        }

        return histogram;
    }

    private void Accumulate(int feature, int start, int end, double[] histogram)
    {
        Span<double> own = histogram.AsSpan(_offset[feature], _offset[feature + 1] - _offset[feature]);
        byte[] codes = _table.Codes[feature];
        ReadOnlySpan<int> rows = _rows.AsSpan(start, end - start);
        foreach (int row in rows)
        {
            int at = 2 * codes[row];
            own[at] += _gradient[row];
            own[at + 1] += _curvature[row];
        }
    }

    private Split Best(in Open open, int[] features)
    {
        double ridge = _settings.Ridge;
        double before = open.Gradient * open.Gradient / (open.Curvature + ridge);
        var best = default(Split);
        foreach (int feature in features)
        {
            ReadOnlySpan<double> own = open.Histogram.AsSpan(_offset[feature], _offset[feature + 1] - _offset[feature]);
            double g = 0;
            double h = 0;
            for (int code = 0; code < (own.Length / 2) - 1; code++)
            {
                g += own[2 * code];
                h += own[(2 * code) + 1];
                if (h < _settings.LeastWeight || own[(2 * code) + 1] == 0)
                {
                    continue;
                }

                double rightH = open.Curvature - h;
                if (rightH < _settings.LeastWeight)
                {
                    break;
                }

                double rightG = open.Gradient - g;
                double gain = (g * g / (h + ridge)) + (rightG * rightG / (rightH + ridge)) - before;
                if (gain > best.Gain)
                {
                    best = new Split(feature, code, gain, g, h);
                }
            }
        }

        return best;
    }

    /// <summary>Brings the rows that go left to the front, each side in the order it had.</summary>
    private int Partition(int start, int end, in Split split)
    {
        byte[] codes = _table.Codes[split.Feature];
        int left = start;
        int right = 0;
        for (int at = start; at < end; at++)
        {
            int row = _rows[at];
            if (codes[row] <= split.Threshold)
            {
                _rows[left++] = row;
            }
            else
            {
                _scratch[right++] = row;
            }
        }

        _scratch.AsSpan(0, right).CopyTo(_rows.AsSpan(left));
        return left;
    }

    private readonly record struct Open(int Node, int Start, int End, double Gradient, double Curvature, double[] Histogram);

    private readonly record struct Split(int Feature, int Threshold, double Gain, double Gradient, double Curvature);
}
