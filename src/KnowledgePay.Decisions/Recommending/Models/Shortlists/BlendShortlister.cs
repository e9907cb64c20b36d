namespace KnowledgePay.Decisions.Recommending.Models;

/// <summary>The parts of a blend, each with the mean and deviation of its scores: what any part ranks high is looked at by all.</summary>
/// <param name="weightsFor">Weights by the length of a history; null for a history of which the first part alone speaks, as it is.</param>
internal sealed class BlendShortlister(int items, Shortlister[] parts, Func<int, float[]?> weightsFor) : Shortlister
{
    /// <summary>From how many items, evenly spread, the deviation of a blend is told where it is itself a part of one.</summary>
    private const int Sampled = 2_048;

    public override Shortlist NewList() => new List(items, [.. parts.Select(part => part.NewList())], weightsFor);

    private sealed class List(int items, Shortlist[] parts, Func<int, float[]?> weightsFor) : Shortlist
    {
        private readonly float[] _shifts = new float[parts.Length];
        private readonly float[] _scales = new float[parts.Length];
        private float[] _ofPart = [];
        private bool _alone;
        private double _ofHistory;

        public override void Read(ReadOnlySpan<HistoryEntry> history)
        {
            float[]? weights = weightsFor(history.Length);
            _alone = weights is null;
            Array.Clear(_shifts);
            Array.Clear(_scales);
            if (weights is null)
            {
                parts[0].Read(history);
                _scales[0] = 1;
                return;
            }

            for (int p = 0; p < parts.Length; p++)
            {
                if (weights[p] != 0)
                {
                    parts[p].Read(history);
                    (float shift, float scale) = Standard(parts[p], history);
                    (_shifts[p], _scales[p]) = (shift, weights[p] * scale);
                }
            }

            _ofHistory = 0;
            foreach (HistoryEntry entry in history)
            {
                _ofHistory += Score(entry.Item);
            }
        }

        /// <summary>Of each part what it keeps itself, and how it is standardised.</summary>
        public override int StateSize
        {
            get
            {
                int size = 2 * parts.Length;
                foreach (Shortlist part in parts)
                {
                    size += part.StateSize;
                }

                return size;
            }
        }

        public override void Save(Span<float> state)
        {
            int at = 0;
            for (int p = 0; p < parts.Length; p++)
            {
                (state[at], state[at + 1]) = (_shifts[p], _scales[p]);
                if (_scales[p] != 0)
                {
                    parts[p].Save(state.Slice(at + 2, parts[p].StateSize));
                }

                at += 2 + parts[p].StateSize;
            }
        }

        /// <summary>The sum over the history is not kept: it is asked for once, when the list is made.</summary>
        public override void Restore(ReadOnlySpan<float> state, ReadOnlySpan<HistoryEntry> history)
        {
            int at = 0;
            _alone = weightsFor(history.Length) is null;
            _ofHistory = double.NaN;
            for (int p = 0; p < parts.Length; p++)
            {
                (_shifts[p], _scales[p]) = (state[at], state[at + 1]);
                if (_scales[p] != 0)
                {
                    parts[p].Restore(state.Slice(at + 2, parts[p].StateSize), history);
                }

                at += 2 + parts[p].StateSize;
            }
        }

        public override void Collect(int most, ref ItemBuffer into)
        {
            for (int p = 0; p < parts.Length; p++)
            {
                if (_scales[p] > 0)
                {
                    parts[p].Collect(most, ref into);
                }
            }
        }

        public override float Score(int item)
        {
            float sum = 0;
            for (int p = 0; p < parts.Length; p++)
            {
                if (_scales[p] != 0)
                {
                    sum += _scales[p] * (parts[p].Score(item) + _shifts[p]);
                }
            }

            return sum;
        }

        public override void Score(ReadOnlySpan<int> items, Span<float> scores)
        {
            if (_ofPart.Length < items.Length)
            {
                _ofPart = new float[items.Length];
            }

            scores.Clear();
            Span<float> ofPart = _ofPart.AsSpan(0, items.Length);
            for (int p = 0; p < parts.Length; p++)
            {
                if (_scales[p] != 0)
                {
                    parts[p].Score(items, ofPart);
                    for (int i = 0; i < items.Length; i++)
                    {
                        scores[i] += _scales[p] * (ofPart[i] + _shifts[p]);
                    }
                }
            }
        }

        public override ScoreMoments Moments()
        {
            if (_alone)
            {
                return parts[0].Moments();
            }

            int sampled = Math.Min(items, Sampled);
            double squares = 0;
            for (int i = 0; i < sampled; i++)
            {
                float score = Score((int)((long)i * items / sampled));
                squares += (double)score * score;
            }

            return new ScoreMoments(_ofHistory, squares * items / sampled);
        }

        /// <summary>Standardised parts add up to nothing but what the history's items have.</summary>
        public override double Sum() => _alone ? parts[0].Sum() : _ofHistory;

        /// <summary>What brings a part's scores to mean 0 and deviation 1 over the items that the history does not hold (<see cref="BlendScorer.Standardise"/>).</summary>
        private (float Shift, float Scale) Standard(Shortlist part, ReadOnlySpan<HistoryEntry> history)
        {
            (double sum, double squares) = part.Moments();
            foreach (HistoryEntry entry in history)
            {
                double score = part.Score(entry.Item);
                sum -= score;
                squares -= score * score;
            }

            return BlendScorer.Standard(sum, squares, items - history.Length);
        }
    }
}
