using System.Text;

namespace KnowledgePay.Learning.Tables;

/// <summary>Free text, kept as UTF-8 end to end in blocks; read only when <see cref="TableOptions.Text"/> names the column.</summary>
public sealed class TextColumn : TableColumn
{
    private const int BlockBytes = 1 << 24;

    private readonly List<byte[]> _blocks = [];
    private readonly (int Block, int Start, int Length)[] _places;
    private int _used = BlockBytes;

    internal TextColumn(string name, int rows)
        : base(name, rows) => _places = new (int, int, int)[rows];

    /// <summary>The row's text as UTF-8; empty where there is none.</summary>
    public ReadOnlySpan<byte> Bytes(int row)
    {
        (int block, int start, int length) = _places[row];
        return length == 0 ? default : _blocks[block].AsSpan(start, length);
    }

    /// <summary>The row's text; empty where there is none.</summary>
    public string Text(int row) => Encoding.UTF8.GetString(Bytes(row));

    /// <summary>True for an empty field only: "NA" and "?" are texts here.</summary>
    public override bool IsMissing(int row) => _places[row].Length == 0;

    internal void Set(int row, ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty)
        {
            Missing++;
            return;
        }

        if (_blocks.Count == 0 || _used + text.Length > _blocks[^1].Length)
        {
            _blocks.Add(new byte[Math.Max(_blocks.Count == 0 ? 1 << 16 : BlockBytes, text.Length)]);
            _used = 0;
        }

        text.CopyTo(_blocks[^1].AsSpan(_used));
        _places[row] = (_blocks.Count - 1, _used, text.Length);
        _used += text.Length;
    }
}
