using KnowledgePay.Learning.Artefacts;
using KnowledgePay.Learning.BoostedTrees;
using KnowledgePay.Learning.Matrices;
using KnowledgePay.Learning.Tables;

namespace KnowledgePay.Learning.Uplift;

/// <summary>A part of a boosted uplift: trees over the table's codes, and over a code that says "treated" where the learner asks for one.</summary>
/// <param name="Treat">Code of the treatment, 1 control or 2 treated; 0 when the trees do not know it.</param>
internal sealed record UpliftTrees(TreeSum Trees, double Base, double Scale, byte Treat);

/// <summary>The expected difference that the treatment makes to the outcome of a row.</summary>
/// <remarks>Linear learners come down to one coefficient a column; boosted ones to sums of trees.</remarks>
public sealed class UpliftModel
{
    public const string Kind = "uplift";
    private const int Format = 1;

    internal UpliftModel(string learner, TableEncoding encoding, double[]? coefficients, FeatureBins[] bins, UpliftTrees[] trees) =>
        (Learner, Encoding, Coefficients, Bins, Trees) = (learner, encoding, coefficients, bins, trees);

    /// <summary>For example <c>x-learner/ridge-100</c>.</summary>
    public string Learner { get; }

    internal TableEncoding Encoding { get; }

    /// <summary>Intercept, then by encoded column; null for a boosted learner.</summary>
    internal double[]? Coefficients { get; }

    internal FeatureBins[] Bins { get; }

    internal UpliftTrees[] Trees { get; }

    public TableOptions Options => Encoding.Options();

    public double[] Predict(Table table) => Coefficients is not null ? Linear(Encoding.Apply(table), Coefficients) : Boosted(BinnedTable.Of(table, Bins), Trees);

    internal static double[] Linear(DenseMatrix rows, double[] coefficients)
    {
        double[] sums = new double[rows.Rows];
        for (int i = 0; i < sums.Length; i++)
        {
            ReadOnlySpan<double> row = rows[i];
            double sum = coefficients[0];
            for (int j = 0; j < row.Length; j++)
            {
                sum += coefficients[j + 1] * row[j];
            }

            sums[i] = sum;
        }

        return sums;
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
        writer.Write(Coefficients is not null);
        if (Coefficients is not null)
        {
            writer.Write(Coefficients.AsSpan());
            return;
        }

        BinnedTable.Write(writer, Bins);
        writer.Write(Trees.Length);
        foreach (UpliftTrees part in Trees)
        {
            part.Trees.Write(writer);
            writer.Write(part.Base);
            writer.Write(part.Scale);
            writer.Write(part.Treat);
        }
    });

    public static UpliftModel Read(string directory) => BinaryPart.Read(directory, Kind, Format, (reader, _) =>
    {
        string learner = reader.ReadString();
        TableEncoding encoding = TableEncoding.Read(reader);
        if (reader.ReadBoolean())
        {
            double[] coefficients = reader.ReadDoubles();
            return coefficients.Length == encoding.Width + 1
                ? new UpliftModel(learner, encoding, coefficients, [], [])
                : throw new FormatException("The coefficients do not fit the columns.");
        }

        FeatureBins[] bins = BinnedTable.ReadFeatures(reader);
        var parts = new UpliftTrees[reader.ReadCount(21)];
        for (int i = 0; i < parts.Length; i++)
        {
            TreeSum trees = TreeSum.Read(reader, bins.Length + 1);
            parts[i] = new UpliftTrees(trees, reader.ReadDouble(), reader.ReadDouble(), reader.ReadByte());
        }

        return new UpliftModel(learner, encoding, null, bins, parts);
    });

    private static byte[] Filled(int rows, byte code)
    {
        byte[] codes = new byte[rows];
        Array.Fill(codes, code);
        return codes;
    }
}
