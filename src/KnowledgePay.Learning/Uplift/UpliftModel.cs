using KnowledgePay.Learning.BoostedTrees;
using KnowledgePay.Learning.ModelFiles;
using KnowledgePay.Learning.Numerics;
using KnowledgePay.Learning.Tables;

namespace KnowledgePay.Learning.Uplift;

/// <summary>A part of a boosted uplift: trees over the table's codes, and over a code that says "treated" where the learner asks for one.</summary>
/// <param name="Treat">Code of the treatment, 1 control or 2 treated; 0 when the trees do not know it.</param>
internal sealed record UpliftTrees(TreeSum Trees, double Base, double Scale, byte Treat);

/// <summary>What a learner comes down to: a sum of columns and of trees.</summary>
/// <param name="Coefficients">Intercept, then by encoded column.</param>
internal sealed record UpliftParts(double[] Coefficients, UpliftTrees[] Trees)
{
    /// <summary>By row of the table that both are made of.</summary>
    public double[] Predict(DenseMatrix rows, BinnedTable codes)
    {
        double[] sums = Trees.Length > 0 ? UpliftModel.Boosted(codes, Trees) : new double[rows.Rows];
        if (Coefficients.Any(c => c != 0))
        {
            double[] linear = UpliftModel.Linear(rows, Coefficients);
            for (int i = 0; i < sums.Length; i++)
            {
                sums[i] += linear[i];
            }
        }

        return sums;
    }

    /// <summary>The mean of several.</summary>
    public static UpliftParts Mean(IReadOnlyList<UpliftParts> parts) => new(
        [.. parts[0].Coefficients.Select((_, j) => parts.Average(part => part.Coefficients[j]))],
        [.. parts.SelectMany(part => part.Trees).Select(trees => trees with { Scale = trees.Scale / parts.Count })]);
}

/// <summary>The expected difference that the treatment makes to the outcome of a row.</summary>
/// <remarks>Linear learners come down to one coefficient a column; boosted ones to sums of trees; the mean of several learners to both.</remarks>
public sealed class UpliftModel
{
    public const string Kind = "uplift";
    private const int Format = 2;

    internal UpliftModel(string learner, TableEncoding encoding, FeatureBins[] bins, UpliftParts parts) =>
        (Learner, Encoding, Bins, Parts) = (learner, encoding, bins, parts);

    /// <summary>For example <c>x-learner/ridge-1000</c>, or several with + between them.</summary>
    public string Learner { get; }

    internal TableEncoding Encoding { get; }

    internal FeatureBins[] Bins { get; }

    internal UpliftParts Parts { get; }

    public TableOptions Options => Encoding.Options();

    public double[] Predict(Table table) => Parts.Predict(Encoding.Apply(table), BinnedTable.Of(table, Bins));

    /// <summary>Of one row.</summary>
    /// <param name="row">By encoded column.</param>
    /// <param name="codes">By feature of <see cref="Bins"/>, and room for one more.</param>
    internal double Predict(ReadOnlySpan<double> row, Span<byte> codes)
    {
        double sum = Linear(row, Parts.Coefficients);
        foreach (UpliftTrees part in Parts.Trees)
        {
            codes[^1] = part.Treat;
            sum += part.Scale * (part.Base + part.Trees.Sum(codes));
        }

        return sum;
    }

    internal static double[] Linear(DenseMatrix rows, double[] coefficients)
    {
        double[] sums = new double[rows.Rows];
        for (int i = 0; i < sums.Length; i++)
        {
            sums[i] = Linear(rows[i], coefficients);
        }

        return sums;
    }

    private static double Linear(ReadOnlySpan<double> row, double[] coefficients)
    {
        double sum = coefficients[0];
        for (int j = 0; j < row.Length; j++)
        {
            sum += coefficients[j + 1] * row[j];
        }

        return sum;
    }

    internal static double[] Boosted(BinnedTable table, IReadOnlyList<UpliftTrees> parts)
    {
        double[] sums = new double[table.Rows];
        foreach (UpliftTrees part in parts)
        {
            double[] one = part.Trees.Sum(part.Treat == 0 ? table : WithTreatment(table, Filled(table.Rows, part.Treat)));
            for (int i = 0; i < sums.Length; i++)
            {
                sums[i] += part.Scale * (part.Base + one[i]);
            }
        }

        return sums;
    }

    internal static BinnedTable WithTreatment(BinnedTable table, byte[] treatment) =>
        new([.. table.Features, new FeatureBins("treatment", [0.5], null, null)], [.. table.Codes, treatment], table.Rows);

    public void Write(string directory) => BinaryPart.Write(directory, Kind, Format, writer =>
    {
        writer.Write(Learner);
        Encoding.Write(writer);
        writer.WriteArray<double>(Parts.Coefficients);
        BinnedTable.Write(writer, Bins);
        writer.Write(Parts.Trees.Length);
        foreach (UpliftTrees part in Parts.Trees)
        {
            part.Trees.Write(writer);
            writer.Write(part.Base);
            writer.Write(part.Scale);
            writer.Write(part.Treat);
        }
    });

    public static UpliftModel Read(string directory) => BinaryPart.Read(directory, Kind, Format, (reader, format) =>
    {
        string learner = reader.ReadString();
        TableEncoding encoding = TableEncoding.Read(reader);

        // Format 1 had either coefficients or trees, and a flag before them.
        bool either = format == 1;
        bool linear = !either || reader.ReadBoolean();
        double[] coefficients = linear ? reader.ReadArray<double>() : new double[encoding.Width + 1];
        if (coefficients.Length != encoding.Width + 1)
        {
            throw new FormatException("The coefficients do not fit the columns.");
        }

        if (either && linear)
        {
            return new UpliftModel(learner, encoding, [], new UpliftParts(coefficients, []));
        }

        FeatureBins[] bins = BinnedTable.ReadFeatures(reader);
        var trees = new UpliftTrees[reader.ReadCount(21)];
        for (int i = 0; i < trees.Length; i++)
        {
            TreeSum sum = TreeSum.Read(reader, bins.Length + 1);
            trees[i] = new UpliftTrees(sum, reader.ReadDouble(), reader.ReadDouble(), reader.ReadByte());
        }

        return new UpliftModel(learner, encoding, bins, new UpliftParts(coefficients, trees));
    });

    private static byte[] Filled(int rows, byte code)
    {
        byte[] codes = new byte[rows];
        Array.Fill(codes, code);
        return codes;
    }
}
