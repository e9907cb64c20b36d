namespace KnowledgePay.Decisions.Recommending.Models;

/// <summary>A model of any kind: all of its items are scored.</summary>
internal sealed class WholeShortlister(IHistoryScorer scorer) : Shortlister
{
    public override Shortlist NewList() => new List(scorer);

    private sealed class List(IHistoryScorer scorer) : Shortlist
    {
        private readonly float[] _scores = new float[scorer.Items];
        private readonly ulong[] _keys = new ulong[scorer.Items];
        private int _history;

        public override void Read(ReadOnlySpan<HistoryEntry> history)
        {
            scorer.Score(history, _scores);
            _history = history.Length;
        }

        public override void Collect(int most, ref ItemBuffer into)
        {
            int n = 0;
            for (int item = 0; item < _scores.Length; item++)
            {
                if (float.IsFinite(_scores[item]))
                {
                    _keys[n++] = Selection.Key(_scores[item], item);
                }
            }

            Span<ulong> keys = _keys.AsSpan(0, n);
            Selection.MoveLargestFirst(keys, most + _history);
            foreach (ulong key in keys[..Math.Min(most + _history, n)])
            {
                into.Add(Selection.IdOf(key));
            }
        }

        public override float Score(int item) => _scores[item];

        public override ScoreMoments Moments()
        {
            double sum = 0, squares = 0;
            foreach (float score in _scores)
            {
                if (float.IsFinite(score))
                {
                    sum += score;
                    squares += (double)score * score;
                }
            }

            return new ScoreMoments(sum, squares);
        }
    }
}
