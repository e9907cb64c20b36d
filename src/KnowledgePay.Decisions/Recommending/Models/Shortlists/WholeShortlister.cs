namespace KnowledgePay.Decisions.Recommending.Models;

/// <summary>A model of any kind: all of its items are scored.</summary>
internal sealed class WholeShortlister(IHistoryScorer scorer) : Shortlister
{
    public override Shortlist NewList() => new List(scorer);

    private sealed class List(IHistoryScorer scorer) : Shortlist
    {
        private readonly float[] _scores = new float[scorer.Items];
        private ulong[] _keys = [];
        private int _history;

        public override void Read(ReadOnlySpan<HistoryEntry> history)
        {
            scorer.Score(history, _scores);
            _history = history.Length;
        }

        public override void Collect(int most, ref ItemBuffer into)
        {
            int wanted = most + _history;
            if (_keys.Length < LargestKeys.RoomFor(wanted))
            {
                _keys = new ulong[LargestKeys.RoomFor(wanted)];
            }

            var largest = new LargestKeys(_keys, wanted);
            for (int item = 0; item < _scores.Length; item++)
            {
                if (float.IsFinite(_scores[item]))
                {
                    largest.Add(_scores[item], item);
                }
            }

            foreach (ulong key in _keys.AsSpan(0, largest.Finish()))
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
