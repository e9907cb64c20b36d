using KnowledgePay.Learning.Files;

namespace KnowledgePay.Cli.CommandLine;

/// <summary>Lists such as <c>id=item,title=name</c>.</summary>
internal static class NameValueList
{
    /// <exception cref="InputException">An entry has no name or no value, or a name comes twice.</exception>
    public static Dictionary<string, string> Parse(string option, IEnumerable<string> texts)
    {
        var pairs = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string entry in texts.SelectMany(text => text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)))
        {
            int equals = entry.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0 || equals == entry.Length - 1)
            {
                throw new InputException($"{option} '{entry}': expected name=value.");
            }

            if (!pairs.TryAdd(entry[..equals], entry[(equals + 1)..]))
            {
                throw new InputException($"{option} '{entry}': '{entry[..equals]}' is given twice.");
            }
        }

        return pairs;
    }
}
