namespace KnowledgePay.Decisions.Recommending.Models;

/// <summary>A model whose items that nobody took have the scores of their nearest by content.</summary>
internal sealed class ColdShortlister : Shortlister
{
    private readonly Shortlister _inner;
    private readonly ColdItemScorer _cold;
    private readonly int[] _coldOf;
    private readonly int[] _nearStarts;
    private readonly int[] _near;

    public ColdShortlister(Shortlister inner, ColdItemScorer cold)
    {
        (_inner, _cold) = (inner, cold);
        _coldOf = new int[cold.Items];
        Array.Fill(_coldOf, -1);
        _nearStarts = new int[cold.Items + 1];
        for (int c = 0; c < cold.Cold.Length; c++)
        {
            _coldOf[cold.Cold[c]] = c;
        }

        foreach (int neighbour in cold.Neighbours)
        {
            _nearStarts[neighbour + 1]++;
        }

        for (int item = 0; item < cold.Items; item++)
        {
            _nearStarts[item + 1] += _nearStarts[item];
        }

        _near = new int[cold.Neighbours.Length];
        int[] next = _nearStarts[..^1];
        for (int c = 0; c < cold.Cold.Length; c++)
        {
            for (int k = cold.Starts[c]; k < cold.Starts[c + 1]; k++)
            {
                _near[next[cold.Neighbours[k]]++] = cold.Cold[c];
            }
        }
    }

    public override Shortlist NewList() => new List(this, _inner.NewList());

    private sealed class List(ColdShortlister model, Shortlist inner) : Shortlist
    {
        private ItemBuffer _found;

        public override void Read(ReadOnlySpan<HistoryEntry> history) => inner.Read(history);

        public override int StateSize => inner.StateSize;

        public override void Save(Span<float> state) => inner.Save(state);

        public override void Restore(ReadOnlySpan<float> state, ReadOnlySpan<HistoryEntry> history) => inner.Restore(state, history);

        /// <summary>The inner model's, and the cold items that are near one of those.</summary>
        public override void Collect(int most, ref ItemBuffer into)
        {
            _found.Clear();
            inner.Collect(most, ref _found);
            foreach (int item in _found.Items)
            {
                if (model._coldOf[item] < 0)
                {
                    into.Add(item);
                }
            }

            int added = 0;
            foreach (int item in _found.Items)
            {
                for (int k = model._nearStarts[item]; k < model._nearStarts[item + 1] && added < 2 * most; k++, added++)
                {
                    into.Add(model._near[k]);
                }
            }
        }

        /// <summary>One that nothing is near is where it does no harm: below all that counts.</summary>
        public override float Score(int item)
        {
            int c = model._coldOf[item];
            if (c < 0)
            {
                return inner.Score(item);
            }

            double sum = 0, weight = 0;
            for (int k = model._cold.Starts[c]; k < model._cold.Starts[c + 1]; k++)
            {
                sum += (double)model._cold.Cosines[k] * inner.Score(model._cold.Neighbours[k]);
                weight += model._cold.Cosines[k];
            }

            return weight > 0 ? (float)(sum / weight) : float.NegativeInfinity;
        }

        public override void Score(ReadOnlySpan<int> items, Span<float> scores)
        {
            inner.Score(items, scores);
            for (int i = 0; i < items.Length; i++)
            {
                if (model._coldOf[items[i]] >= 0)
                {
                    scores[i] = Score(items[i]);
                }
            }
        }

        /// <summary>The inner model's: what it says of cold items itself is not what they score, but they are few or low.</summary>
        public override ScoreMoments Moments() => inner.Moments();

        public override double Sum() => inner.Sum();
    }
}
