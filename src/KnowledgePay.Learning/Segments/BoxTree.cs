using KnowledgePay.Learning.Numerics;

namespace KnowledgePay.Learning.Segments;

/// <summary>Rows in a binary tree of bounding boxes: split at the median of the widest side until a box holds few.</summary>
internal sealed class BoxTree
{
    private const int LeafRows = 24;

    private readonly DenseMatrix _sorted;
    private readonly List<Node> _nodes = [];
    private readonly List<double> _boxes = [];
    private readonly List<int> _nodeOfLeaf = [];
    private readonly int _width;
    private readonly double[] _box;

    public BoxTree(DenseMatrix rows)
    {
        _width = rows.Width;
        Order = [.. Enumerable.Range(0, rows.Rows)];
        if (rows.Rows > 0)
        {
            Build(rows, 0, rows.Rows);
        }

        _sorted = rows.Take(Order);
        _box = [.. _boxes];
    }

    /// <summary>The rows, leaf after leaf.</summary>
    public int[] Order { get; }

    /// <summary>Places in <see cref="Order"/>.</summary>
    public List<(int Start, int End)> Leaves { get; } = [];

    /// <summary>The row at a place in <see cref="Order"/>.</summary>
    public ReadOnlySpan<double> Row(int place) => _sorted[place];

    /// <summary>Leaves whose box is within reach of a leaf's, itself among them.</summary>
    public int[] LeavesWithin(int leaf, double squared)
    {
        var found = new List<int>();
        var open = new Stack<int>();
        open.Push(0);
        int own = _nodeOfLeaf[leaf];
        while (open.TryPop(out int node))
        {
            if (LeastBetween(own, node) > squared)
            {
                continue;
            }

            if (_nodes[node].Leaf >= 0)
            {
                found.Add(_nodes[node].Leaf);
            }
            else
            {
                open.Push(_nodes[node].Right);
                open.Push(_nodes[node].Left);
            }
        }

        return [.. found];
    }

    /// <summary>Least squared distance of a row to a leaf's box.</summary>
    public double LeastSquared(int leaf, ReadOnlySpan<double> row)
    {
        ReadOnlySpan<double> box = Box(_nodeOfLeaf[leaf]);
        double sum = 0;
        for (int j = 0; j < row.Length; j++)
        {
            double d = Math.Max(Math.Max(box[j] - row[j], row[j] - box[_width + j]), 0);
            sum += d * d;
        }

        // A hair less, so that rounding never leaves out a row that lies exactly at the edge.
        return sum * (1 - 1e-12);
    }

    /// <summary>Largest squared distance of a row in one leaf's box to one in the other's.</summary>
    public double MostSquared(int a, int b)
    {
        ReadOnlySpan<double> one = Box(_nodeOfLeaf[a]);
        ReadOnlySpan<double> two = Box(_nodeOfLeaf[b]);
        double sum = 0;
        for (int j = 0; j < _width; j++)
        {
            double d = Math.Max(two[_width + j] - one[j], one[_width + j] - two[j]);
            sum += d * d;
        }

        return sum * (1 + 1e-12);
    }

    private double LeastBetween(int a, int b)
    {
        ReadOnlySpan<double> one = Box(a);
        ReadOnlySpan<double> two = Box(b);
        double sum = 0;
        for (int j = 0; j < _width; j++)
        {
            double d = Math.Max(Math.Max(two[j] - one[_width + j], one[j] - two[_width + j]), 0);
            sum += d * d;
        }

        return sum * (1 - 1e-12);
    }

    private ReadOnlySpan<double> Box(int node) => _box.AsSpan(node * 2 * _width, 2 * _width);

    private int Build(DenseMatrix rows, int start, int end)
    {
        double[] box = new double[2 * _width];
        box.AsSpan(0, _width).Fill(double.PositiveInfinity);
        box.AsSpan(_width).Fill(double.NegativeInfinity);
        for (int at = start; at < end; at++)
        {
            ReadOnlySpan<double> row = rows[Order[at]];
            for (int j = 0; j < _width; j++)
            {
                box[j] = Math.Min(box[j], row[j]);
                box[_width + j] = Math.Max(box[_width + j], row[j]);
            }
        }

        int node = _nodes.Count;
        _nodes.Add(default);
        _boxes.AddRange(box);
        int widest = 0;
        for (int j = 1; j < _width; j++)
        {
            widest = box[_width + j] - box[j] > box[_width + widest] - box[widest] ? j : widest;
        }

        if (end - start <= LeafRows || !(box[_width + widest] > box[widest]))
        {
            _nodes[node] = new Node(-1, -1, Leaves.Count);
            Leaves.Add((start, end));
            _nodeOfLeaf.Add(node);
            return node;
        }

        double[] keys = new double[end - start];
        for (int at = start; at < end; at++)
        {
            keys[at - start] = rows[Order[at]][widest];
        }

        SortPart(keys, start, end);
        int middle = start + ((end - start) / 2);
        int left = Build(rows, start, middle);
        int right = Build(rows, middle, end);
        _nodes[node] = new Node(left, right, -1);
        return node;
    }

    private void SortPart(double[] keys, int start, int end)
    {
        int[] part = Order[start..end];
        Array.Sort(keys, part);
        part.CopyTo(Order, start);
    }

    private readonly record struct Node(int Left, int Right, int Leaf);
}
