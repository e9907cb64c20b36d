namespace KnowledgePay.Decisions.Recommending.Models;

/// <summary>A learned recommender as a pure function of a history: whoever has the model and the history gets the same scores, on files and in a grain.</summary>
/// <remarks>Safe for many threads at once. A person never seen in training is no special case: there is nothing but the history.</remarks>
public interface IHistoryScorer
{
    /// <summary>Items that the model ranks; ordinals are 0 to one below.</summary>
    int Items { get; }

    /// <summary>Writes a score for every item, higher is better; items of the history get scores too, which mean nothing.</summary>
    /// <param name="history">Oldest first, each item at most once.</param>
    /// <param name="scores">One for each item; overwritten.</param>
    void Score(ReadOnlySpan<HistoryEntry> history, Span<float> scores);
}
