using KnowledgePay.Learning.ModelFiles;
using KnowledgePay.Learning.Numerics;
using KnowledgePay.Learning.Tables;

namespace KnowledgePay.Learning.Segments;

/// <summary>Assigns rows to learned segments: to the nearest centre (k-means), or to the cluster of the nearest core row within reach, else −1 (DBSCAN).</summary>
public sealed class SegmentModel
{
    public const string Kind = "segmenter";
    private const int Format = 1;

    internal SegmentModel(TableEncoding encoding, string algorithm, DenseMatrix points, int[] segmentOf, double reach, IReadOnlyList<string> names) =>
        (Encoding, Algorithm, Points, SegmentOf, Reach, Names) = (encoding, algorithm, points, segmentOf, reach, names);

    public TableEncoding Encoding { get; }

    public string Algorithm { get; }

    /// <summary>Names of the segments, by number.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Centres, or core rows.</summary>
    internal DenseMatrix Points { get; }

    /// <summary>Segment by point.</summary>
    internal int[] SegmentOf { get; }

    /// <summary>Largest distance to a point; infinite for centres.</summary>
    internal double Reach { get; }

    /// <summary>Segment by row.</summary>
    public int[] Assign(Table table)
    {
        DenseMatrix rows = Encoding.Apply(table);
        int[] segments = new int[rows.Rows];
        Parallel.For(0, rows.Rows, row =>
        {
            int nearest = KMeans.Nearest(Points, rows[row], out double squared);
            segments[row] = squared <= Reach * Reach ? SegmentOf[nearest] : Dbscan.Noise;
        });
        return segments;
    }

    public void Write(string directory) => BinaryPart.Write(directory, Kind, Format, writer =>
    {
        writer.Write(Algorithm);
        Encoding.Write(writer);
        writer.Write(Points.Rows);
        writer.WriteArray<double>(Points.Values);
        foreach (int segment in SegmentOf)
        {
            writer.Write(segment);
        }

        writer.Write(Reach);
        writer.WriteTexts(Names);
    });

    public static SegmentModel Read(string directory) => BinaryPart.Read(directory, Kind, Format, (reader, _) =>
    {
        string algorithm = reader.ReadString();
        TableEncoding encoding = TableEncoding.Read(reader);
        int rows = reader.ReadInt32();
        double[] values = reader.ReadArray<double>();
        var points = new DenseMatrix(rows, encoding.Width, values);
        int[] segments = new int[rows];
        foreach (ref int segment in segments.AsSpan())
        {
            segment = reader.ReadInt32();
        }

        return new SegmentModel(encoding, algorithm, points, segments, reader.ReadDouble(), reader.ReadTexts());
    });
}
