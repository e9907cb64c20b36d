using System.Numerics.Tensors;

namespace KnowledgePay.Decisions.Recommending.Models;

/// <summary>A model that leads from the items of a history to a few others each: only those have a score that is not 0.</summary>
/// <param name="decay">Of the weight, from an item of the history to the one before it.</param>
/// <param name="damped">The model whose damping is put on the sums; null for none.</param>
internal sealed class SparseShortlister(int[] starts, int[] targets, float[] weights, float decay, ItemNeighbourScorer? damped) : Shortlister
{
    private const float NegligibleWeight = TransitionScorer.NegligibleWeight;

    public static SparseShortlister Of(ItemNeighbourScorer scorer) =>
        new(scorer.Starts, scorer.Neighbours, scorer.Weights, 1, scorer.InflowExponent > 0 ? scorer : null);

    public static SparseShortlister Of(TransitionScorer scorer) => new(scorer.Starts, scorer.Followers, scorer.Weights, scorer.Decay, null);

    public override Shortlist NewList() => new List(this, starts.Length - 1);

    private sealed class List(SparseShortlister model, int items) : Shortlist
    {
        private readonly float[] _sums = new float[items];
        private int[] _touched = [];
        private float[] _values = [];
        private ulong[] _keys = [];
        private int _count;
        private HistoryEntry[] _history = [];
        private int _historyLength;
        private bool _isRead;
        private ulong[] _asked = [];
        private int[] _askedPlaces = [];
        private float[] _factors = [];

        /// <summary>Nothing is kept: of few items the rows of the history can be asked.</summary>
        public override void Restore(ReadOnlySpan<float> state, ReadOnlySpan<HistoryEntry> history)
        {
            if (_history.Length < history.Length)
            {
                _history = new HistoryEntry[history.Length];
            }

            history.CopyTo(_history);
            (_historyLength, _isRead) = (history.Length, false);
        }

        public override void Read(ReadOnlySpan<HistoryEntry> history)
        {
            _isRead = true;
            foreach (int item in _touched.AsSpan(0, _count))
            {
                _sums[item] = 0;
            }

            _count = 0;
            float weight = 1;
            for (int l = history.Length - 1; l >= 0 && weight > NegligibleWeight; l--, weight *= model.Decay)
            {
                Lead(history[l].Item, weight);
            }

            if (_values.Length < _count)
            {
                _values = new float[_touched.Length];
            }

            ReadOnlySpan<int> touched = _touched.AsSpan(0, _count);
            Span<float> values = _values.AsSpan(0, _count);
            if (model.Damped is { } damped)
            {
                damped.Damping(touched, history.Length, values);
                for (int i = 0; i < touched.Length; i++)
                {
                    values[i] = _sums[touched[i]] *= values[i];
                }
            }
            else
            {
                for (int i = 0; i < touched.Length; i++)
                {
                    values[i] = _sums[touched[i]];
                }
            }
        }

        public override void Collect(int most, ref ItemBuffer into)
        {
            ReadRestored();
            if (_keys.Length < LargestKeys.RoomFor(most))
            {
                _keys = new ulong[LargestKeys.RoomFor(most)];
            }

            var largest = new LargestKeys(_keys, most);
            largest.Add(_values.AsSpan(0, _count), _touched.AsSpan(0, _count));
            foreach (ulong key in _keys.AsSpan(0, largest.Finish()))
            {
                into.Add(Selection.IdOf(key));
            }
        }

        public override float Score(int item)
        {
            ReadRestored();
            return _sums[item];
        }

        public override void Score(ReadOnlySpan<int> items, Span<float> scores)
        {
            if (!_isRead)
            {
                LookUp(items, scores);
                return;
            }

            for (int i = 0; i < items.Length; i++)
            {
                scores[i] = _sums[items[i]];
            }
        }

        public override ScoreMoments Moments()
        {
            ReadRestored();
            ReadOnlySpan<float> values = _values.AsSpan(0, _count);
            return new ScoreMoments(TensorPrimitives.Sum(values), TensorPrimitives.SumOfSquares(values));
        }

        private void ReadRestored()
        {
            if (!_isRead)
            {
                Read(_history.AsSpan(0, _historyLength));
            }
        }

        /// <summary>Finds some items in the rows of the history: the sums of <see cref="Read"/>, in its order, with nothing written that another item needs.</summary>
        private void LookUp(ReadOnlySpan<int> items, Span<float> scores)
        {
            if (_askedPlaces.Length == 0)
            {
                _askedPlaces = new int[_sums.Length];
                _asked = new ulong[(_sums.Length / 64) + 1];
            }

            for (int i = 0; i < items.Length; i++)
            {
                _asked[items[i] >> 6] |= 1UL << items[i];
                _askedPlaces[items[i]] = i;
            }

            scores.Clear();
            float weight = 1;
            for (int l = _historyLength - 1; l >= 0 && weight > NegligibleWeight; l--, weight *= model.Decay)
            {
                int first = model.Starts[_history[l].Item], end = model.Starts[_history[l].Item + 1];
                for (int k = first; k < end; k++)
                {
                    int target = model.Targets[k];
                    if ((_asked[target >> 6] & (1UL << target)) != 0)
                    {
                        scores[_askedPlaces[target]] += weight * model.Weights[k];
                    }
                }
            }

            foreach (int item in items)
            {
                _asked[item >> 6] = 0;
            }

            if (model.Damped is { } damped)
            {
                if (_factors.Length < items.Length)
                {
                    _factors = new float[items.Length];
                }

                Span<float> factors = _factors.AsSpan(0, items.Length);
                damped.Damping(items, _historyLength, factors);
                TensorPrimitives.Multiply(scores, factors, scores);
            }
        }

        private void Lead(int from, float weight)
        {
            int first = model.Starts[from], end = model.Starts[from + 1];
            if (_touched.Length < _count + end - first)
            {
                Array.Resize(ref _touched, Math.Min(items, 2 * (_count + end - first)));
            }

            for (int k = first; k < end; k++)
            {
                int target = model.Targets[k];
                float added = weight * model.Weights[k];
                if (_sums[target] == 0 && added != 0)
                {
                    _touched[_count++] = target;
                }

                _sums[target] += added;
            }
        }
    }

    private int[] Starts => starts;

    private int[] Targets => targets;

    private float[] Weights => weights;

    private float Decay => decay;

    private ItemNeighbourScorer? Damped => damped;
}
