using KnowledgePay.Decisions.Scoring;
using KnowledgePay.Learning.Binning;
using KnowledgePay.Learning.Trees;

namespace KnowledgePay.Learning.Risk;

/// <summary>Fits the values of all bins of a scorecard together. A weight of evidence says what a bin means alone; beside the other features a part of that is told already, by some bins more than by others.</summary>
/// <remarks>
/// Minimises Σ log loss + ½·tie·p(1−p)·Σ (value − β·weight of evidence)² over the bins' values, the bins of a feature in the order of their weights of evidence. Newton steps feature by feature
/// (backfitting: Hastie and Tibshirani, <i>Generalized Additive Models</i>, 1990), each brought back into order by pooling adjacent violators (Barlow, Bartholomew, Bremner and Brunk 1972).
/// </remarks>
internal static class CardRefinement
{
    private const int SweepsMax = 50;

    /// <summary>Log-odds; a sweep that moves no bin further is the last.</summary>
    private const double Settled = 1e-4;

    /// <param name="bins">Of all features.</param>
    /// <param name="tie">Rows at the average rate whose information holds a bin to where it was.</param>
    /// <returns>A score without the features that have come to say the same of everybody.</returns>
    public static AdditiveScore Refine(AdditiveScore score, ReadOnlySpan<byte> outcomes, CodedColumns columns, IReadOnlyList<EvidenceBin>[] bins, double tie)
    {
        int rows = outcomes.Length, positives = 0;
        foreach (byte outcome in outcomes)
        {
            positives += outcome;
        }

        double rate = (double)positives / rows;
        double hold = tie * rate * (1 - rate);
        CardFeature[] features = [.. score.Functions.Select(function => new CardFeature(function, bins[function.Feature], columns))];
        var margins = new double[rows];
        Array.Fill(margins, score.Intercept);
        foreach (CardFeature feature in features)
        {
            feature.AddTo(margins);
        }

        for (int sweep = 0; sweep < SweepsMax; sweep++)
        {
            double moved = 0;
            foreach (CardFeature feature in features)
            {
                moved = Math.Max(moved, feature.Step(margins, outcomes, hold));
            }

            if (moved < Settled)
            {
                break;
            }
        }

        double same = features.Where(feature => feature.SaysNothing).Sum(feature => feature.Least);
        return new AdditiveScore(score.Intercept + same, [.. features.Where(feature => !feature.SaysNothing).Select(feature => feature.Function(rows))]);
    }

    private sealed class CardFeature
    {
        private readonly AdditiveFunction _from;
        private readonly byte[] _codes;
        private readonly int[] _binOf;
        private readonly double[] _start;
        private readonly double[] _values;
        private readonly int[] _order;

        public CardFeature(AdditiveFunction from, IReadOnlyList<EvidenceBin> bins, CodedColumns columns)
        {
            _from = from;
            _codes = columns.Codes[from.Feature];
            _binOf = new int[columns.Codings[from.Feature].Codes];
            Array.Fill(_binOf, bins.Count);
            // The last is of codes that no row here has; they stay where they are.
            _start = new double[bins.Count + 1];
            for (int bin = 0; bin < bins.Count; bin++)
            {
                foreach (int code in bins[bin].Codes)
                {
                    _binOf[code] = bin;
                    _start[bin] = from.ByCode[code];
                }
            }

            _start[^1] = Array.IndexOf(_binOf, bins.Count) is >= 0 and var unseen ? from.ByCode[unseen] : 0;
            _values = [.. _start];
            _order = [.. Enumerable.Range(0, bins.Count).OrderBy(bin => bins[bin].WeightOfEvidence).ThenBy(bin => bin)];
        }

        public double Least => _order.Min(bin => _values[bin]);

        public bool SaysNothing => _order.Max(bin => _values[bin]) - Least < 1e-9;

        public void AddTo(double[] margins)
        {
            for (int row = 0; row < margins.Length; row++)
            {
                margins[row] += _values[_binOf[_codes[row]]];
            }
        }

        /// <summary>One Newton step of this feature's bins, all else as it is.</summary>
        /// <returns>The largest change of a value.</returns>
        public double Step(double[] margins, ReadOnlySpan<byte> outcomes, double hold)
        {
            var gradient = new double[_values.Length];
            var weight = new double[_values.Length];
            for (int row = 0; row < margins.Length; row++)
            {
                double p = 1 / (1 + Math.Exp(-margins[row]));
                int bin = _binOf[_codes[row]];
                gradient[bin] += outcomes[row] - p;
                weight[bin] += p * (1 - p);
            }

            double[] next = [.. _values];
            foreach (int bin in _order)
            {
                weight[bin] += hold;
                next[bin] += (gradient[bin] - (hold * (_values[bin] - _start[bin]))) / weight[bin];
            }

            PoolViolators(next, weight);
            double largest = 0;
            var change = new double[_values.Length];
            for (int bin = 0; bin < change.Length; bin++)
            {
                change[bin] = next[bin] - _values[bin];
                _values[bin] = next[bin];
                largest = Math.Max(largest, Math.Abs(change[bin]));
            }

            if (largest > 0)
            {
                for (int row = 0; row < margins.Length; row++)
                {
                    margins[row] += change[_binOf[_codes[row]]];
                }
            }

            return largest;
        }

        public AdditiveFunction Function(int rows)
        {
            double[] values = [.. _binOf.Select(bin => _values[bin])];
            double sum = 0;
            foreach (byte code in _codes)
            {
                sum += values[code];
            }

            return AdditiveFunction.Table(_from.Feature, _from.Coding!, values, sum / rows);
        }

        private void PoolViolators(double[] next, double[] weight)
        {
            var blocks = new Stack<(double Value, double Weight, int Bins)>();
            foreach (int bin in _order)
            {
                (double Value, double Weight, int Bins) block = (next[bin], weight[bin], 1);
                while (blocks.TryPeek(out (double Value, double Weight, int Bins) before) && before.Value > block.Value)
                {
                    blocks.Pop();
                    double sum = before.Weight + block.Weight;
                    block = (((before.Value * before.Weight) + (block.Value * block.Weight)) / sum, sum, before.Bins + block.Bins);
                }

                blocks.Push(block);
            }

            int at = _order.Length;
            while (blocks.TryPop(out (double Value, double Weight, int Bins) block))
            {
                for (int i = 0; i < block.Bins; i++)
                {
                    next[_order[--at]] = block.Value;
                }
            }
        }
    }
}
