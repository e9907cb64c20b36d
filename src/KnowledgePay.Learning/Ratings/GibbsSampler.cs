using KnowledgePay.Decisions.Recommending.Models;
using KnowledgePay.Learning.Simulation;

namespace KnowledgePay.Learning.Ratings;

/// <summary>Draws from the posterior of a factor model whose user and item vectors are sums over features.</summary>
/// <remarks>
/// <c>r ~ N(w₀ + Σ_a x_ua·b_a + Σ_c x_ic·b_c + Σ_f (Σ_a x_ua·v_af)(Σ_c x_ic·v_cf), 1/α)</c>: a Bayesian factorisation machine (Rendle 2012) without products inside a block.
/// A user's features are the id and, as in SVD++ (Koren 2008), the items rated, each 1/√n; an item's likewise the users who rated it.
/// Each coefficient is drawn from its normal conditional in turn. With sums by row (<c>S₂ = Σ o²</c>, <c>S₁ = Σ o·e</c> over the row's ratings, o the other side's factor)
/// a column costs its cells and not its ratings (Rendle 2013, relational blocks): a sweep is (d+1)·(4·ratings + 4·cells) operations.
/// Means and precisions of each group and factor are drawn too (Gamma(½, ½) and N(0, 1/λ) hyperpriors).
/// </remarks>
internal sealed class GibbsSampler
{
    private readonly RatingTable _table;
    private readonly SeededRandom _random;
    private readonly float[] _error;
    private readonly Side _users;
    private readonly Side _items;
    private readonly int _dimensions;
    private double _mean;
    private double _alpha = 1;

    public GibbsSampler(RatingTable table, FeatureBlock users, FeatureBlock items, int dimensions, SeededRandom random)
    {
        (_table, _dimensions, _random) = (table, dimensions, random);
        _users = new Side(users, dimensions, random);
        _items = new Side(items, dimensions, random);
        _mean = table.Ratings.Average(rating => (double)rating);
        _error = new float[table.Count];
        for (int s = 0; s < _error.Length; s++)
        {
            _error[s] = table.Ratings[s] - Predicted(s);
        }
    }

    /// <summary>One sweep over all coefficients.</summary>
    public void Sweep()
    {
        double squares = 0, sum = 0;
        foreach (float error in _error)
        {
            squares += (double)error * error;
            sum += error;
        }

        int n = _error.Length;
        _alpha = Gamma((1 + n) / 2.0, (1 + squares) / 2);
        double precision = (_alpha * n) + 1e-4, shift = (_alpha * sum / precision) + (_random.Normal() / Math.Sqrt(precision));
        _mean += shift;
        for (int s = 0; s < n; s++)
        {
            _error[s] -= (float)shift;
        }

        for (int f = 0; f <= _dimensions; f++)
        {
            DrawFactor(_users, _items, f, byItem: false);
            DrawFactor(_items, _users, f, byItem: true);
        }
    }

    /// <summary>Where the chain is now.</summary>
    public RatingDraw Draw() => new((float)_mean, _users.RowsWithUnknown(), _items.RowsWithUnknown());

    private float Predicted(int s)
    {
        int u = _table.UserOf[s], i = _table.ItemOf[s];
        double sum = _mean + _users.Sums[0][u] + _items.Sums[0][i];
        for (int f = 1; f <= _dimensions; f++)
        {
            sum += (double)_users.Sums[f][u] * _items.Sums[f][i];
        }

        return (float)sum;
    }

    /// <summary>Factor 0 is the bias: the other side's factor is then 1.</summary>
    private void DrawFactor(Side own, Side other, int f, bool byItem)
    {
        int[] starts = byItem ? _table.ItemStarts : _table.UserStarts;
        int[] otherOf = byItem ? _table.UserOf : _table.ItemOf;
        int[] order = _table.ByItem;
        float[] factor = other.Sums[f];
        float[] sums = own.Sums[f];
        float[] s1 = own.S1, s2 = own.S2, before = own.Before;
        sums.CopyTo(before, 0);
        for (int row = 0; row < sums.Length; row++)
        {
            float linear = 0, square = 0;
            for (int k = starts[row]; k < starts[row + 1]; k++)
            {
                int s = byItem ? order[k] : k;
                float o = f == 0 ? 1 : factor[otherOf[s]];
                linear += o * _error[s];
                square += o * o;
            }

            (s1[row], s2[row]) = (linear, square);
        }

        for (int group = 0; group < own.Block.Groups; group++)
        {
            DrawGroup(own, group, f);
        }

        for (int row = 0; row < sums.Length; row++)
        {
            float moved = sums[row] - before[row];
            for (int k = starts[row]; k < starts[row + 1]; k++)
            {
                int s = byItem ? order[k] : k;
                _error[s] -= moved * (f == 0 ? 1 : factor[otherOf[s]]);
            }
        }
    }

    private void DrawGroup(Side own, int group, int f)
    {
        float[] values = own.Values[f], sums = own.Sums[f];
        (int from, int to) = own.Block.GroupColumns(group);
        (double mean, double lambda) = DrawPrior(values.AsSpan(from, to - from), own.Means[f][group], own.Precisions[f][group]);
        own.Means[f][group] = mean;
        own.Precisions[f][group] = lambda;
        for (int column = from; column < to; column++)
        {
            double linear = 0, square = 0;
            for (int k = own.Starts[column]; k < own.Starts[column + 1]; k++)
            {
                float x = own.Weights[k];
                int row = own.Rows[k];
                linear += x * own.S1[row];
                square += x * x * own.S2[row];
            }

            double precision = lambda + (_alpha * square);
            double centre = ((lambda * mean) + (_alpha * (linear + (values[column] * square)))) / precision;
            var drawn = (float)(centre + (_random.Normal() / Math.Sqrt(precision)));
            float moved = drawn - values[column];
            values[column] = drawn;
            for (int k = own.Starts[column]; k < own.Starts[column + 1]; k++)
            {
                float step = moved * own.Weights[k];
                int row = own.Rows[k];
                sums[row] += step;
                own.S1[row] -= step * own.S2[row];
            }
        }
    }

    private (double Mean, double Precision) DrawPrior(ReadOnlySpan<float> values, double mean, double lambda)
    {
        double sum = 0;
        foreach (float value in values)
        {
            sum += value;
        }

        double precision = lambda * (values.Length + 1);
        mean = (lambda * sum / precision) + (_random.Normal() / Math.Sqrt(precision));
        double squares = mean * mean;
        foreach (float value in values)
        {
            squares += (value - mean) * (value - mean);
        }

        return (mean, Gamma((values.Length + 2) / 2.0, (1 + squares) / 2));
    }

    /// <summary>Gamma with shape and rate (Marsaglia and Tsang 2000); shape at least 1.</summary>
    private double Gamma(double shape, double rate)
    {
        double d = shape - (1.0 / 3), c = 1 / Math.Sqrt(9 * d);
        while (true)
        {
            double x = _random.Normal(), v = 1 + (c * x);
            if (v <= 0)
            {
                continue;
            }

            v = v * v * v;
            if (Math.Log(1 - _random.NextDouble()) < (0.5 * x * x) + d - (d * v) + (d * Math.Log(v)))
            {
                return d * v / rate;
            }
        }
    }

    /// <summary>Coefficients of one side, by factor; factor 0 is the bias.</summary>
    private sealed class Side
    {
        public Side(FeatureBlock block, int dimensions, SeededRandom random)
        {
            Block = block;
            (Starts, Rows, Weights) = block.Compact();
            (S1, S2, Before) = (new float[block.Rows], new float[block.Rows], new float[block.Rows]);
            Values = new float[dimensions + 1][];
            Sums = new float[dimensions + 1][];
            Means = new double[dimensions + 1][];
            Precisions = new double[dimensions + 1][];
            for (int f = 0; f <= dimensions; f++)
            {
                Values[f] = new float[block.Columns];
                Sums[f] = new float[block.Rows];
                Means[f] = new double[block.Groups];
                Precisions[f] = new double[block.Groups];
                Array.Fill(Precisions[f], 1);
                for (int column = 0; column < block.Columns; column++)
                {
                    Values[f][column] = f == 0 ? 0 : (float)random.Normal() * 0.1f;
                    for (int k = Starts[column]; k < Starts[column + 1]; k++)
                    {
                        Sums[f][Rows[k]] += Values[f][column] * Weights[k];
                    }
                }
            }
        }

        public FeatureBlock Block { get; }

        public int[] Starts { get; }

        public int[] Rows { get; }

        public float[] Weights { get; }

        public float[][] Values { get; }

        public float[][] Sums { get; }

        public double[][] Means { get; }

        public double[][] Precisions { get; }

        public float[] S1 { get; }

        public float[] S2 { get; }

        public float[] Before { get; }

        /// <summary>Rows of bias and factors; the last is the prior mean of an id that nothing is known of.</summary>
        public float[] RowsWithUnknown()
        {
            int width = Sums.Length;
            var rows = new float[(Block.Rows + 1) * width];
            for (int f = 0; f < width; f++)
            {
                for (int row = 0; row < Block.Rows; row++)
                {
                    rows[(row * width) + f] = Sums[f][row];
                }

                rows[(Block.Rows * width) + f] = (float)Means[f][0];
            }

            return rows;
        }
    }
}
