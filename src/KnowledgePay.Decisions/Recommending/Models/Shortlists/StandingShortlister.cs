namespace KnowledgePay.Decisions.Recommending.Models;

/// <summary>A model that says the same to everybody.</summary>
internal sealed class StandingShortlister : Shortlister
{
    /// <summary>Of its order no more is kept than any list asks for beside what a person may own.</summary>
    private const int Kept = 1_024;

    private readonly float[] _scores;
    private readonly int[] _best;
    private readonly ScoreMoments _moments;

    public StandingShortlister(float[] scores)
    {
        _scores = scores;
        ulong[] keys = [.. scores.Select(Selection.Key)];
        _best = [.. keys[..Selection.SortLargestFirst(keys, Kept)].Select(Selection.IdOf)];
        double sum = 0, squares = 0;
        foreach (float score in scores)
        {
            sum += score;
            squares += (double)score * score;
        }

        _moments = new ScoreMoments(sum, squares);
    }

    public override Shortlist NewList() => new List(this);

    private sealed class List(StandingShortlister model) : Shortlist
    {
        private int _history;

        public override void Read(ReadOnlySpan<HistoryEntry> history) => _history = history.Length;

        public override void Collect(int most, ref ItemBuffer into)
        {
            foreach (int item in model._best.AsSpan(0, Math.Min(model._best.Length, most + _history)))
            {
                into.Add(item);
            }
        }

        public override float Score(int item) => model._scores[item];

        public override ScoreMoments Moments() => model._moments;
    }
}
