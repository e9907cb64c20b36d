using KnowledgePay.Learning.ModelFiles;
using KnowledgePay.Learning.Tables;

namespace KnowledgePay.Learning.BoostedTrees;

/// <summary>A table as codes, by column and then by row.</summary>
internal sealed record BinnedTable(IReadOnlyList<FeatureBins> Features, byte[][] Codes, int Rows)
{
    public const int MostBins = 250;

    /// <summary>Learns the bins of columns and codes the table by them.</summary>
    /// <param name="target">Total by row of what is predicted, for the order of names; only of the rows to learn from (others 0).</param>
    /// <param name="weight">Exposure by row, 0 for rows not to learn from.</param>
    /// <param name="shrinkage">Exposure by which a name's mean leans on that of all.</param>
    public static BinnedTable Learn(Table table, IEnumerable<string> columns, int mostBins, double[] target, double[] weight, double shrinkage)
    {
        FeatureBins[] features = [.. columns.Select(name => table.Find(name) switch
        {
            NumericColumn numbers => FeatureBins.OfNumbers(name, numbers.ToArray(), mostBins),
            CategoricalColumn names => FeatureBins.OfNames(names, target, weight, mostBins, shrinkage),
            _ => throw new InvalidOperationException($"'{name}' is no column to bin."),
        })];
        return Of(table, features);
    }

    public static BinnedTable Of(Table table, IReadOnlyList<FeatureBins> features) => new(features, [.. features.Select(feature => feature.Encode(table))], table.Rows);

    public static void Write(BinaryWriter writer, IReadOnlyList<FeatureBins> features)
    {
        writer.Write(features.Count);
        foreach (FeatureBins feature in features)
        {
            feature.Write(writer);
        }
    }

    public static FeatureBins[] ReadFeatures(BinaryReader reader)
    {
        var features = new FeatureBins[reader.ReadCount(2)];
        for (int i = 0; i < features.Length; i++)
        {
            features[i] = FeatureBins.Read(reader);
        }

        return features;
    }
}
