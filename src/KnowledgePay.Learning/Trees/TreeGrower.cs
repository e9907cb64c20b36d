using KnowledgePay.Decisions.Offers;
using KnowledgePay.Decisions.Scoring;

namespace KnowledgePay.Learning.Trees;

/// <summary>Grows one tree after another on histograms of codes; one thread each.</summary>
/// <remarks>With gradient −w·y and weight w a leaf is the mean of y and the gain that of Gini's index: the same grower serves forests and boosting.</remarks>
internal sealed class TreeGrower
{
    private readonly CodedColumns _columns;
    private readonly TreeSettings _settings;
    private readonly SplitSearch _search;
    private readonly int[] _offsets;
    private readonly Stack<double[]> _spare = new();
    private readonly int[] _features;
    private readonly int[] _right;
    private int _featureCount;
    private double[] _gradient = [];
    private double[] _weight = [];
    private int[] _rows = [];

    public TreeGrower(CodedColumns columns, TreeSettings settings)
    {
        (_columns, _settings, _search) = (columns, settings, new SplitSearch(settings));
        _offsets = new int[columns.Features + 1];
        for (int i = 0; i < columns.Features; i++)
        {
            _offsets[i + 1] = _offsets[i] + (2 * columns.Codings[i].Codes);
        }

        _features = [.. Enumerable.Range(0, columns.Features)];
        _right = new int[columns.Rows];
    }

    /// <summary>Adds a tree.</summary>
    /// <param name="rows">The rows to learn from; their order is changed.</param>
    /// <param name="featureShare">Share of the features that the tree may use.</param>
    /// <param name="covers">Weight of each row in covers, or null for 1.</param>
    public void Grow(TreeForest forest, double[] gradient, double[] weight, int[] rows, double featureShare, double[]? covers, ref SeededRandom random)
    {
        (_gradient, _weight, _rows) = (gradient, weight, rows);
        _featureCount = Math.Max(1, (int)Math.Ceiling(featureShare * _features.Length));
        Draw(_features.Length, _featureCount, ref random);
        Array.Sort(_features, 0, _featureCount);
        var total = default(NodeSums);
        foreach (int row in rows)
        {
            total = new NodeSums(total.Gradient + gradient[row], total.Weight + weight[row]);
        }

        forest.Roots.Add(forest.Nodes.Count);
        forest.Nodes.Add(default);
        double[]? histogram = _settings.FeaturesPerSplit == 0 ? Histogram(0, rows.Length) : null;
        GrowNode(forest, forest.Nodes.Count - 1, 0, rows.Length, total, histogram, 0, (double.NegativeInfinity, double.PositiveInfinity), 0, covers, ref random);
    }

    private (double Value, double Cover) GrowNode(
        TreeForest forest, int index, int start, int count, NodeSums total, double[]? histogram, int depth, (double Low, double High) bounds, double extraRidge, double[]? covers, ref SeededRandom random)
    {
        Split split = depth < _settings.Depth && total.Weight >= 2 * _settings.LeastWeight
            ? Find(start, count, total, histogram, bounds, ref random)
            : default;
        if (!(split.Gain > _settings.LeastGain))
        {
            Return(histogram);
            double cover = covers is null ? count : 0;
            for (int i = start; covers is not null && i < start + count; i++)
            {
                cover += covers[_rows[i]];
            }

            double value = _search.LeafValue(total, extraRidge, bounds);
            forest.Nodes[index] = new TreeNode(-1, 0, false, -1, 0, value, cover);
            return (value, cover);
        }

        int leftCount = Partition(start, count, split);
        (double Low, double High) leftBounds = bounds;
        (double Low, double High) rightBounds = bounds;
        int monotone = split.Categories is null && !(split.Threshold == _columns.Codings[split.Feature].Codes - 1) ? _settings.Monotone?[split.Feature] ?? 0 : 0;
        if (monotone != 0)
        {
            double middle = (_search.LeafValue(split.Left, 0, bounds) + _search.LeafValue(split.Right, 0, bounds)) / 2;
            (leftBounds.High, rightBounds.Low) = monotone > 0 ? (middle, middle) : (leftBounds.High, rightBounds.Low);
            (leftBounds.Low, rightBounds.High) = monotone < 0 ? (middle, middle) : (leftBounds.Low, rightBounds.High);
        }

        (double[]? leftHistogram, double[]? rightHistogram) = Children(histogram, start, leftCount, count, depth);
        int children = forest.Nodes.Count;
        forest.Nodes.Add(default);
        forest.Nodes.Add(default);
        int set = -1;
        double ridge = 0;
        if (split.Categories is { } categories)
        {
            set = forest.CategorySets.Count;
            forest.CategorySets.Add(categories);
            ridge = _settings.CategoryRidge;
        }

        (double Value, double Cover) left = GrowNode(forest, children, start, leftCount, split.Left, leftHistogram, depth + 1, leftBounds, ridge, covers, ref random);
        (double Value, double Cover) right = GrowNode(forest, children + 1, start + leftCount, count - leftCount, split.Right, rightHistogram, depth + 1, rightBounds, ridge, covers, ref random);
        double covered = left.Cover + right.Cover;
        double mean = ((left.Value * left.Cover) + (right.Value * right.Cover)) / covered;
        forest.Nodes[index] = new TreeNode((short)split.Feature, split.Threshold, split.MissingLeft, set, children, mean, covered);
        return (mean, covered);
    }

    private Split Find(int start, int count, NodeSums total, double[]? histogram, (double Low, double High) bounds, ref SeededRandom random)
    {
        var best = new Split { Gain = _settings.LeastGain };
        if (histogram is not null)
        {
            for (int i = 0; i < _featureCount; i++)
            {
                int feature = _features[i];
                _search.Try(feature, _columns.Ordered[feature], histogram.AsSpan(_offsets[feature].._offsets[feature + 1]), total, bounds, ref best);
            }

            return best;
        }

        // Features are drawn at each split: only theirs are summed.
        int tries = Math.Min(_settings.FeaturesPerSplit, _featureCount);
        Span<double> sums = stackalloc double[2 * FeatureCoding.CodesMax];
        for (int i = 0; i < _featureCount && (i < tries || best.Gain <= _settings.LeastGain); i++)
        {
            int pick = i + (int)(random.NextDouble() * (_featureCount - i));
            (_features[i], _features[pick]) = (_features[pick], _features[i]);
            int feature = _features[i];
            Span<double> own = sums[..(_offsets[feature + 1] - _offsets[feature])];
            own.Clear();
            Accumulate(feature, start, count, own);
            _search.Try(feature, _columns.Ordered[feature], own, total, bounds, ref best);
        }

        return best;
    }

    private double[] Histogram(int start, int count)
    {
        double[] histogram = Rent();
        for (int i = 0; i < _featureCount; i++)
        {
            int feature = _features[i];
            Accumulate(feature, start, count, histogram.AsSpan(_offsets[feature].._offsets[feature + 1]));
        }

        return histogram;
    }

    private void Accumulate(int feature, int start, int count, Span<double> sums)
    {
        byte[] codes = _columns.Codes[feature];
        foreach (int row in _rows.AsSpan(start, count))
        {
            int at = 2 * codes[row];
            sums[at] += _gradient[row];
            sums[at + 1] += _weight[row];
        }
    }

    /// <summary>Sums the smaller child's rows; the other is what is left of the parent's.</summary>
    private (double[]? Left, double[]? Right) Children(double[]? parent, int start, int leftCount, int count, int depth)
    {
        if (parent is null || depth + 1 >= _settings.Depth)
        {
            Return(parent);
            return (null, null);
        }

        bool leftIsSmaller = leftCount * 2 <= count;
        double[] small = leftIsSmaller ? Histogram(start, leftCount) : Histogram(start + leftCount, count - leftCount);
        for (int i = 0; i < _featureCount; i++)
        {
            int feature = _features[i];
            for (int at = _offsets[feature]; at < _offsets[feature + 1]; at += 2)
            {
                parent[at] -= small[at];
                double weight = parent[at + 1] - small[at + 1];

                // What rounding leaves of an empty bin must not pass for rows.
                (parent[at], parent[at + 1]) = weight > 1e-9 ? (parent[at], weight) : (0, 0);
            }
        }

        return leftIsSmaller ? (small, parent) : (parent, small);
    }

    private int Partition(int start, int count, Split split)
    {
        byte[] codes = _columns.Codes[split.Feature];
        int left = start;
        int right = 0;
        for (int i = start; i < start + count; i++)
        {
            int row = _rows[i];
            if (split.GoesLeft(codes[row]))
            {
                _rows[left++] = row;
            }
            else
            {
                _right[right++] = row;
            }
        }

        _right.AsSpan(0, right).CopyTo(_rows.AsSpan(left));
        return left - start;
    }

    private void Draw(int from, int count, ref SeededRandom random)
    {
        for (int i = 0; i < count && count < from; i++)
        {
            int pick = i + (int)(random.NextDouble() * (from - i));
            (_features[i], _features[pick]) = (_features[pick], _features[i]);
        }
    }

    private double[] Rent()
    {
        if (!_spare.TryPop(out double[]? histogram))
        {
            return new double[_offsets[^1]];
        }

        Array.Clear(histogram);
        return histogram;
    }

    private void Return(double[]? histogram)
    {
        if (histogram is not null)
        {
            _spare.Push(histogram);
        }
    }
}
