using KnowledgePay.Decisions.Scoring;
using KnowledgePay.Learning.Binning;
using KnowledgePay.Learning.Trees;

namespace KnowledgePay.Learning.Risk;

/// <summary>Fits the values of all bins of a scorecard together. A weight of evidence says what a bin means alone; beside the other features a part of that is told already, by some bins more than by others.</summary>
/// <remarks>
/// Minimises Σ log loss + ½·tie·p(1−p)·Σ (value − β·weight of evidence)² over the bins' values, the bins of a feature in the order of their weights of evidence: local scoring (Hastie and Tibshirani,
/// <i>Generalized Additive Models</i>, 1990), rounds of Newton's quadratic of the loss, each minimised feature by feature, and each feature brought back into order by pooling adjacent violators
/// (Barlow, Bartholomew, Bremner and Brunk 1972). A round that does not lower what is minimised is taken back and is the last.
/// </remarks>
internal static class CardRefinement
{
    private const int RoundsMax = 20;
    private const int Sweeps = 4;

    /// <summary>Log-odds; a round that moves no bin further is the last.</summary>
    private const double Settled = 1e-3;

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

        var gradient = new double[rows];
        var curvature = new double[rows];
        double before = double.PositiveInfinity;
        for (int round = 0; round <= RoundsMax; round++)
        {
            double loss = Derive(margins, outcomes, gradient, curvature) + features.Sum(feature => feature.Penalty(hold));
            if (!(loss < before))
            {
                foreach (CardFeature feature in features)
                {
                    feature.TakeBack();
                }

                break;
            }

            if (round == RoundsMax)
            {
                break;
            }

            before = loss;
            foreach (CardFeature feature in features)
            {
                feature.Begin(curvature, hold);
            }

            for (int sweep = 0; sweep < Sweeps; sweep++)
            {
                foreach (CardFeature feature in features)
                {
                    feature.Step(margins, gradient, curvature, hold);
                }
            }

            if (features.Length == 0 || features.Max(feature => feature.Moved) < Settled)
            {
                break;
            }
        }

        double same = features.Where(feature => feature.SaysNothing).Sum(feature => feature.Least);
        return new AdditiveScore(score.Intercept + same, [.. features.Where(feature => !feature.SaysNothing).Select(feature => feature.Function(rows))]);
    }

    /// <summary>Fills both spans with the derivatives of the log loss by margin (the first with its sign turned).</summary>
    /// <returns>The log loss.</returns>
    private static double Derive(double[] margins, ReadOnlySpan<byte> outcomes, double[] gradient, double[] curvature)
    {
        double loss = 0;
        for (int row = 0; row < margins.Length; row++)
        {
            double odds = Math.Exp(-Math.Abs(margins[row]));
            double p = margins[row] >= 0 ? 1 / (1 + odds) : odds / (1 + odds);
            gradient[row] = outcomes[row] - p;
            curvature[row] = p * (1 - p);
            loss += Math.Max(margins[row], 0) - (margins[row] * outcomes[row]) + Math.Log(1 + odds);
        }

        return loss;
    }

    private sealed class CardFeature
    {
        private readonly AdditiveFunction _from;
        private readonly byte[] _codes;
        private readonly int[] _binOf;
        private readonly double[] _start;
        private readonly double[] _values;
        private readonly double[] _last;
        private readonly double[] _weights;
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
            _last = [.. _start];
            _weights = new double[_start.Length];
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

        /// <summary>How far this round moved a value at most.</summary>
        public double Moved => _values.Zip(_last, (now, before) => Math.Abs(now - before)).Max();

        public double Penalty(double hold) => hold / 2 * _order.Sum(bin => (_values[bin] - _start[bin]) * (_values[bin] - _start[bin]));

        /// <summary>Begins a round.</summary>
        public void Begin(double[] curvature, double hold)
        {
            _values.CopyTo(_last, 0);
            Array.Fill(_weights, hold);
            for (int row = 0; row < curvature.Length; row++)
            {
                _weights[_binOf[_codes[row]]] += curvature[row];
            }
        }

        /// <summary>To where the last round began.</summary>
        public void TakeBack() => _last.CopyTo(_values, 0);

        /// <summary>Minimises the round's quadratic by this feature's bins, all else as it is.</summary>
        public void Step(double[] margins, double[] gradient, double[] curvature, double hold)
        {
            Span<double> sums = stackalloc double[_values.Length], change = stackalloc double[_values.Length];
            sums.Clear();
            for (int row = 0; row < margins.Length; row++)
            {
                sums[_binOf[_codes[row]]] += gradient[row];
            }

            double[] next = [.. _values];
            foreach (int bin in _order)
            {
                next[bin] += (sums[bin] - (hold * (_values[bin] - _start[bin]))) / _weights[bin];
            }

            PoolViolators(next, _weights);
            bool moves = false;
            for (int bin = 0; bin < change.Length; bin++)
            {
                change[bin] = next[bin] - _values[bin];
                _values[bin] = next[bin];
                moves |= change[bin] != 0;
            }

            for (int row = 0; moves && row < margins.Length; row++)
            {
                double by = change[_binOf[_codes[row]]];
                margins[row] += by;
                gradient[row] -= curvature[row] * by;
            }
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
