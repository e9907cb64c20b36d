using KnowledgePay.Decisions.Recommending.Models;

namespace KnowledgePay.Learning.Interactions;

/// <summary>Brings rows in any order into histories: by user, oldest first, each item once.</summary>
internal sealed class HistorySorting(InteractionQuality quality)
{
    public InteractionMatrix Sort(int users, int items, ReadOnlySpan<int> userOf, ReadOnlySpan<HistoryEntry> rows)
    {
        var starts = new int[users + 1];
        foreach (int user in userOf)
        {
            starts[user + 1]++;
        }

        for (int u = 0; u < users; u++)
        {
            starts[u + 1] += starts[u];
        }

        int[] next = starts[..^1];
        var entries = new HistoryEntry[rows.Length];
        for (int k = 0; k < rows.Length; k++)
        {
            entries[next[userOf[k]]++] = rows[k];
        }

        var seenBy = new int[items];
        Array.Fill(seenBy, -1);
        int kept = 0;
        for (int u = 0; u < users; u++)
        {
            (int from, int to) = (starts[u], starts[u + 1]);
            starts[u] = kept;
            Span<HistoryEntry> row = entries.AsSpan(from, to - from);
            SortByTime(row);

            // The latest row of a pair is the one that counts: found from the back, then put at the front in order.
            int write = row.Length;
            for (int k = row.Length - 1; k >= 0; k--)
            {
                if (seenBy[row[k].Item] != u)
                {
                    seenBy[row[k].Item] = u;
                    row[--write] = row[k];
                }
            }

            quality.Duplicates += write;
            Span<HistoryEntry> distinct = row[write..];
            distinct.CopyTo(entries.AsSpan(kept));
            kept += distinct.Length;
        }

        starts[users] = kept;
        return new InteractionMatrix(items, starts, entries);
    }

    private void SortByTime(Span<HistoryEntry> row)
    {
        bool sorted = true;
        for (int k = 0; k < row.Length; k++)
        {
            if (row[k].Time == HistoryEntry.NoTime)
            {
                continue;
            }

            DateTimeOffset at = DateTimeOffset.FromUnixTimeMilliseconds(row[k].Time);
            quality.Earliest = quality.Earliest is { } earliest && earliest <= at ? earliest : at;
            quality.Latest = quality.Latest is { } latest && latest >= at ? latest : at;
            if (k > 0 && row[k].Time < row[k - 1].Time)
            {
                quality.OutOfOrder++;
            }
        }

        for (int k = 1; k < row.Length && sorted; k++)
        {
            sorted = row[k].Time >= row[k - 1].Time;
        }

        if (sorted)
        {
            return;
        }

        // Equal times keep the order of the file.
        HistoryEntry[] before = row.ToArray();
        int[] order = new int[row.Length];
        for (int k = 0; k < row.Length; k++)
        {
            order[k] = k;
        }

        Array.Sort(order, (a, b) => before[a].Time != before[b].Time ? before[a].Time.CompareTo(before[b].Time) : a.CompareTo(b));
        for (int k = 0; k < row.Length; k++)
        {
            row[k] = before[order[k]];
        }
    }
}
