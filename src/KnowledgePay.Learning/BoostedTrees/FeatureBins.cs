using KnowledgePay.Learning.Files;
using KnowledgePay.Learning.ModelFiles;
using KnowledgePay.Learning.Tables;

namespace KnowledgePay.Learning.BoostedTrees;

/// <summary>How one column becomes a small code: 0 for a missing value or a name never seen, then 1 and up.</summary>
/// <param name="Edges">Of a number: code 1 + the number of edges below it. Null for names.</param>
/// <param name="Levels">Of a name, in ordinal order; null for numbers.</param>
/// <param name="LevelCodes">Code by level: names are coded in the order of their target, so that a threshold can cut them.</param>
internal sealed record FeatureBins(string Name, double[]? Edges, string[]? Levels, byte[]? LevelCodes)
{
    public int Codes => Edges is not null ? Edges.Length + 2 : LevelCodes!.Length == 0 ? 1 : LevelCodes.Max() + 1;

    /// <exception cref="InputException">The table lacks the column, or it is of another kind.</exception>
    public byte[] Encode(Table table)
    {
        byte[] codes = new byte[table.Rows];
        if (Edges is not null)
        {
            NumericColumn numbers = table.RequireNumeric(Name, "the model");
            for (int row = 0; row < codes.Length; row++)
            {
                codes[row] = Code(numbers[row]);
            }

            return codes;
        }

        var names = table.Require(Name, "the model") as CategoricalColumn
            ?? throw new InputException($"{table.File}: column '{Name}' holds numbers; the model learned it as names. Expected --categorical {Name}.");
        byte[] codeOf = [.. names.Levels.Select(Code)];
        for (int row = 0; row < codes.Length; row++)
        {
            codes[row] = names[row] < 0 ? (byte)0 : codeOf[names[row]];
        }

        return codes;
    }

    /// <summary>Of a name; 0 where it was never seen.</summary>
    public byte Code(string name) => Array.BinarySearch(Levels!, name, StringComparer.Ordinal) is var at and >= 0 ? LevelCodes![at] : (byte)0;

    public byte Code(double value)
    {
        if (double.IsNaN(value))
        {
            return 0;
        }

        int low = 0;
        int high = Edges!.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = Edges[middle] < value ? (middle + 1, high) : (low, middle);
        }

        return (byte)(low + 1);
    }

    /// <summary>Bins of a number: one for each value when there are few, else of about equal weight.</summary>
    public static FeatureBins OfNumbers(string name, double[] values, int most)
    {
        double[] sorted = [.. values.Where(v => !double.IsNaN(v))];
        Array.Sort(sorted);
        double[] distinct = [.. sorted.Distinct()];
        if (distinct.Length <= most)
        {
            return new FeatureBins(name, [.. Enumerable.Range(0, Math.Max(0, distinct.Length - 1)).Select(i => distinct[i] + ((distinct[i + 1] - distinct[i]) / 2))], null, null);
        }

        var edges = new List<double>();
        for (int b = 1; b < most; b++)
        {
            double edge = sorted[(int)((long)b * sorted.Length / most)];
            if ((edges.Count == 0 || edge > edges[^1]) && edge < sorted[^1])
            {
                edges.Add(edge);
            }
        }

        return new FeatureBins(name, [.. edges], null, null);
    }

    /// <summary>Codes of names in the order of their shrunken mean target; names beyond <paramref name="most"/> share the code of the mean's neighbour.</summary>
    public static FeatureBins OfNames(CategoricalColumn column, ReadOnlySpan<double> target, ReadOnlySpan<double> weight, int most, double shrinkage)
    {
        double[] sum = new double[column.Levels.Count];
        double[] mass = new double[sum.Length];
        double allSum = 0;
        double allMass = 0;
        for (int row = 0; row < target.Length; row++)
        {
            int code = column[row];
            if (code >= 0)
            {
                sum[code] += target[row];
                mass[code] += weight[row];
                allSum += target[row];
                allMass += weight[row];
            }
        }

        double mean = allMass > 0 ? allSum / allMass : 0;
        int[] order = [.. Enumerable.Range(0, sum.Length).OrderBy(l => (sum[l] + (shrinkage * mean)) / (mass[l] + shrinkage)).ThenBy(l => column.Levels[l], StringComparer.Ordinal)];
        int groups = Math.Min(most, order.Length);
        byte[] codes = new byte[sum.Length];
        for (int at = 0; at < order.Length; at++)
        {
            codes[order[at]] = (byte)(1 + ((long)at * groups / order.Length));
        }

        string[] levels = [.. column.Levels];
        Array.Sort(levels, codes, StringComparer.Ordinal);
        return new FeatureBins(column.Name, null, levels, codes);
    }

    public void Write(BinaryWriter writer)
    {
        writer.Write(Name);
        writer.Write(Edges is not null);
        if (Edges is not null)
        {
            writer.WriteArray<double>(Edges);
            return;
        }

        writer.WriteTexts(Levels!);
        writer.Write(LevelCodes!);
    }

    public static FeatureBins Read(BinaryReader reader)
    {
        string name = reader.ReadString();
        if (reader.ReadBoolean())
        {
            return new FeatureBins(name, reader.ReadArray<double>(), null, null);
        }

        string[] levels = reader.ReadTexts();
        byte[] codes = reader.ReadBytes(levels.Length);
        return codes.Length == levels.Length ? new FeatureBins(name, null, levels, codes) : throw new EndOfStreamException();
    }
}
