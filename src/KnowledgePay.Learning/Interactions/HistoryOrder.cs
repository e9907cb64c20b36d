using KnowledgePay.Decisions.Recommending.Models;

namespace KnowledgePay.Learning.Interactions;

/// <summary>Whether the order of histories says anything.</summary>
public static class HistoryOrder
{
    /// <summary>A typical history that is shorter than this was made in one sitting, where what comes after what is chance or a page's layout.</summary>
    public static readonly TimeSpan OneSitting = TimeSpan.FromDays(1);

    /// <summary>Numbers up to a million, read as seconds: nobody took a course in January 1970.</summary>
    private const long LastNumber = 1_000_000_000;

    /// <summary>The span from the oldest to the newest item of the middle one of all histories of at least three; null without times.</summary>
    public static TimeSpan? TypicalSpan(InteractionMatrix matrix)
    {
        var spans = new List<long>();
        for (int user = 0; user < matrix.Users; user++)
        {
            ReadOnlySpan<HistoryEntry> row = matrix.Row(user);
            if (row.Length >= 3 && row[0].Time != HistoryEntry.NoTime && row[^1].Time != HistoryEntry.NoTime)
            {
                spans.Add(row[^1].Time - row[0].Time);
            }
        }

        spans.Sort();
        return spans.Count == 0 ? null : TimeSpan.FromMilliseconds(spans[spans.Count / 2]);
    }

    /// <summary>Whether histories have times and took their time, or have numbers of a sequence in the place of times.</summary>
    public static bool SaysWhatFollows(InteractionMatrix matrix) => TypicalSpan(matrix) is { } span && (span >= OneSitting || AreNumbers(matrix));

    private static bool AreNumbers(InteractionMatrix matrix)
    {
        foreach (HistoryEntry entry in matrix.Entries)
        {
            if (entry.Time > LastNumber)
            {
                return false;
            }
        }

        return true;
    }
}
