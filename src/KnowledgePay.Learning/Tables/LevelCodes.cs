using System.Text;

namespace KnowledgePay.Learning.Tables;

/// <summary>Gives each name that a column has a code, without making a string of a name that it has seen.</summary>
internal sealed class LevelCodes(int rows)
{
    private readonly int[] _codes = new int[rows];
    private readonly Dictionary<string, int> _known = new(StringComparer.Ordinal);
    private readonly List<string> _levels = [];
    private char[] _text = new char[64];

    public void Set(int row, bool missing, ReadOnlySpan<byte> name)
    {
        if (missing)
        {
            _codes[row] = -1;
            return;
        }

        if (name.Length > _text.Length)
        {
            _text = new char[name.Length];
        }

        ReadOnlySpan<char> text = _text.AsSpan(0, Encoding.UTF8.GetChars(name, _text));
        Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> known = _known.GetAlternateLookup<ReadOnlySpan<char>>();
        if (!known.TryGetValue(text, out int code))
        {
            code = _levels.Count;
            _levels.Add(text.ToString());
            _known.Add(_levels[code], code);
        }

        _codes[row] = code;
    }

    public CategoricalColumn ToColumn(string name) => new(name, _codes, _levels);
}
