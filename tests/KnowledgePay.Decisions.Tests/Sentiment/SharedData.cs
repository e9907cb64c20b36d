using System.Text;

namespace KnowledgePay.Decisions.Tests.Sentiment;

/// <summary>Data beside the repository, for tests that are skipped where it is not.</summary>
internal static class SharedData
{
    /// <summary>The path of <c>../shared/data/{file}</c> seen from the repository's root, or null.</summary>
    public static string? Find(string file)
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "KnowledgePay.Orleans.sln")))
            {
                string path = Path.Combine(at.FullName, "..", "shared", "data", file);
                return File.Exists(path) ? path : null;
            }
        }

        return null;
    }

    /// <summary>RFC 4180 rows, the header first.</summary>
    public static List<string[]> ReadCsv(string path)
    {
        var rows = new List<string[]>();
        var row = new List<string>();
        var field = new StringBuilder();
        bool quoted = false;
        string text = File.ReadAllText(path).TrimStart('\uFEFF');
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (quoted)
            {
                if (c != '"')
                {
                    field.Append(c);
                }
                else if (i + 1 < text.Length && text[i + 1] == '"')
                {
                    field.Append('"');
                    i++;
                }
                else
                {
                    quoted = false;
                }
            }
            else if (c == '"')
            {
                quoted = true;
            }
            else if (c is ',' or '\n')
            {
                row.Add(field.ToString().TrimEnd('\r'));
                field.Clear();
                if (c == '\n')
                {
                    rows.Add([.. row]);
                    row.Clear();
                }
            }
            else
            {
                field.Append(c);
            }
        }

        return rows;
    }
}
