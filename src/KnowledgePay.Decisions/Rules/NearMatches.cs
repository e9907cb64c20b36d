namespace KnowledgePay.Decisions.Rules;

/// <summary>Names that somebody who wrote another name may have meant.</summary>
internal static class NearMatches
{
    private const int LongestName = 64;

    /// <summary>At most three names within an edit distance of a third of the length, nearest first, or names that contain the written one.</summary>
    public static string[] Of(string written, IEnumerable<string> names)
    {
        if (written.Length is 0 or > LongestName)
        {
            return [];
        }

        int far = Math.Max(2, written.Length / 3);
        return [.. names
            .Select(name => (name, distance: name.Contains(written, StringComparison.OrdinalIgnoreCase) ? 1 : Distance(written, name)))
            .Where(n => n.distance <= far)
            .OrderBy(n => n.distance).ThenBy(n => n.name, StringComparer.Ordinal)
            .Take(3).Select(n => n.name)];
    }

    /// <summary>Levenshtein distance, ignoring case.</summary>
    private static int Distance(string a, string b)
    {
        Span<int> row = stackalloc int[LongestName + 1];
        if (b.Length > LongestName)
        {
            return int.MaxValue;
        }

        for (int j = 0; j <= b.Length; j++)
        {
            row[j] = j;
        }

        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int cost = char.ToUpperInvariant(a[i - 1]) == char.ToUpperInvariant(b[j - 1]) ? 0 : 1;
                int next = Math.Min(Math.Min(row[j] + 1, row[j - 1] + 1), diagonal + cost);
                diagonal = row[j];
                row[j] = next;
            }
        }

        return row[b.Length];
    }
}
