using KnowledgePay.Cli.CommandLine;
using KnowledgePay.Learning.Files;

namespace KnowledgePay.Cli.Importing;

/// <summary>Which column of the file makes which field, and what stands in where the file has nothing.</summary>
internal sealed class FieldMap
{
    private readonly Dictionary<string, string> _columns;
    private readonly Dictionary<string, string> _defaults;

    /// <exception cref="InputException">A field is none of <paramref name="fields"/>.</exception>
    public FieldMap(IEnumerable<string> map, IEnumerable<string> defaults, IReadOnlyCollection<string> fields)
    {
        _columns = NameValueList.Parse("--map", map);
        _defaults = NameValueList.Parse("--default", defaults);
        Check("--map", _columns.Keys, fields);
        Check("--default", _defaults.Keys, fields);
    }

    /// <summary>True when the caller said which columns to read.</summary>
    public bool IsExplicit => _columns.Count > 0;

    public string? ColumnOf(string field) => _columns.GetValueOrDefault(field);

    public string? Default(string field) => _defaults.GetValueOrDefault(field);

    private static void Check(string option, IEnumerable<string> given, IReadOnlyCollection<string> fields)
    {
        foreach (string field in given)
        {
            if (!fields.Contains(field))
            {
                throw new InputException($"{option} names the field '{field}'; expected one of {string.Join(", ", fields)}.");
            }
        }
    }
}
