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

        public override void Read(ReadOnlySpan<HistoryEntry> history)
        {
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
                _keys = new ulong[_touched.Length];
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
            Span<ulong> keys = _keys.AsSpan(0, _count);
            for (int i = 0; i < keys.Length; i++)
            {
                keys[i] = Selection.Key(_values[i], _touched[i]);
            }

            Selection.MoveLargestFirst(keys, most);
            foreach (ulong key in keys[..Math.Min(most, keys.Length)])
            {
                into.Add(Selection.IdOf(key));
            }
        }

        public override float Score(int item) => _sums[item];

        public override ScoreMoments Moments()
        {
            ReadOnlySpan<float> values = _values.AsSpan(0, _count);
            return new ScoreMoments(TensorPrimitives.Sum(values), TensorPrimitives.SumOfSquares(values));
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
