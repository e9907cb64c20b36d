using System.Runtime.InteropServices;
using System.Text;

namespace KnowledgePay.Learning.Tests.Onnx;

/// <summary>Writes small ONNX models (onnx.proto3, IR version 8, operator set 13): field numbers and wire types by hand.</summary>
internal sealed class OnnxFile
{
    public const int Float = 1;
    public const int Int64 = 7;

    private readonly MemoryStream _graph = new();
    private readonly List<(string Key, string Value)> _metadata = [];

    public OnnxFile()
    {
        Text(_graph, 2, "graph");
    }

    public OnnxFile Input(string name, int type, params object[] shape) => Value(11, name, type, shape);

    public OnnxFile Output(string name, int type, params object[] shape) => Value(12, name, type, shape);

    public OnnxFile Constant(string name, float[] values, params long[] shape)
    {
        var tensor = new MemoryStream();
        foreach (long size in shape)
        {
            Number(tensor, 1, size);
        }

        Number(tensor, 2, Float);
        Text(tensor, 8, name);
        Bytes(tensor, 9, MemoryMarshal.AsBytes<float>(values).ToArray());
        Bytes(_graph, 5, tensor.ToArray());
        return this;
    }

    /// <param name="attributes">A whole number, or several.</param>
    public OnnxFile Node(string operation, string[] inputs, string output, params (string Name, long[] Values)[] attributes)
    {
        var node = new MemoryStream();
        Array.ForEach(inputs, input => Text(node, 1, input));
        Text(node, 2, output);
        Text(node, 4, operation);
        foreach ((string name, long[] values) in attributes)
        {
            var attribute = new MemoryStream();
            Text(attribute, 1, name);
            if (values.Length == 1 && name is "axis" or "keepdims" or "to")
            {
                Number(attribute, 3, values[0]);
                Number(attribute, 20, 2);
            }
            else
            {
                Array.ForEach(values, value => Number(attribute, 8, value));
                Number(attribute, 20, 7);
            }

            Bytes(node, 5, attribute.ToArray());
        }

        Bytes(_graph, 1, node.ToArray());
        return this;
    }

    public OnnxFile Metadata(string key, string value)
    {
        _metadata.Add((key, value));
        return this;
    }

    public byte[] ToBytes()
    {
        var model = new MemoryStream();
        Number(model, 1, 8);
        Bytes(model, 7, _graph.ToArray());
        var operators = new MemoryStream();
        Text(operators, 1, "");
        Number(operators, 2, 13);
        Bytes(model, 8, operators.ToArray());
        foreach ((string key, string value) in _metadata)
        {
            var entry = new MemoryStream();
            Text(entry, 1, key);
            Text(entry, 2, value);
            Bytes(model, 14, entry.ToArray());
        }

        return model.ToArray();
    }

    /// <summary>The mean of the vectors of a history's items, ranked by product with every item's vector.</summary>
    /// <param name="vectors">items × d.</param>
    public static OnnxFile MeanOfVectors(float[] vectors, int items, object? length = null, bool towers = false)
    {
        int d = vectors.Length / items;
        OnnxFile file = new OnnxFile()
            .Input("history", Int64, "batch", length ?? "length")
            .Constant("vectors", vectors, items, d)
            .Node("Gather", ["vectors", "history"], "taken", ("axis", [0]))
            .Node("ReduceMean", ["taken"], towers ? "person" : "mean", ("axes", [1]), ("keepdims", [0]));
        return towers
            ? file.Node("Identity", ["vectors"], "items").Output("person", Float, "batch", d).Output("items", Float, items, d)
            : file.Node("Transpose", ["vectors"], "turned", ("perm", [1, 0])).Node("MatMul", ["mean", "turned"], "scores").Output("scores", Float, "batch", items);
    }

    private OnnxFile Value(int field, string name, int type, object[] shape)
    {
        var dimensions = new MemoryStream();
        foreach (object size in shape)
        {
            var dimension = new MemoryStream();
            if (size is string free)
            {
                Text(dimension, 2, free);
            }
            else
            {
                Number(dimension, 1, Convert.ToInt64(size, System.Globalization.CultureInfo.InvariantCulture));
            }

            Bytes(dimensions, 1, dimension.ToArray());
        }

        MemoryStream tensor = new(), any = new(), value = new();
        Number(tensor, 1, type);
        Bytes(tensor, 2, dimensions.ToArray());
        Bytes(any, 1, tensor.ToArray());
        Text(value, 1, name);
        Bytes(value, 2, any.ToArray());
        Bytes(_graph, field, value.ToArray());
        return this;
    }

    private static void Text(MemoryStream to, int field, string text) => Bytes(to, field, Encoding.UTF8.GetBytes(text));

    private static void Bytes(MemoryStream to, int field, byte[] bytes)
    {
        Varint(to, ((ulong)field << 3) | 2);
        Varint(to, (ulong)bytes.Length);
        to.Write(bytes);
    }

    private static void Number(MemoryStream to, int field, long number)
    {
        Varint(to, (ulong)field << 3);
        Varint(to, (ulong)number);
    }

    private static void Varint(MemoryStream to, ulong value)
    {
        while (value >= 0x80)
        {
            to.WriteByte((byte)(value | 0x80));
            value >>= 7;
        }

        to.WriteByte((byte)value);
    }
}
