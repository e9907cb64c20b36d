namespace KnowledgePay.Learning.Items;

/// <summary>Turns fields of items into weighted features.</summary>
/// <remarks>
/// A field's features are its whole value, when that is short, and its words; a numeric field is cut at its deciles. A feature weighs (1 + ln count)·ln(n/items that have it), each field of an
/// item is brought to unit length and then the item, so that a long description says no more than a category. Features of one item alone, or of more than half of all, are left out.
/// </remarks>
internal sealed class ItemFeatureBuilder
{
    private const int LongestWhole = 60;
    private const int FewestItems = 2;
    private const double MostShare = 0.5;
    private const int Quantiles = 10;

    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private readonly SortedDictionary<(int Item, int Field), Dictionary<int, int>> _counts = [];
    private readonly List<string> _fields = [];
    private readonly SortedDictionary<string, Dictionary<int, float[]>> _vectors = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<(int Item, double Value)>> _numeric = new(StringComparer.Ordinal);

    public void AddText(int item, string field, string value)
    {
        Dictionary<int, int> own = Counts(item, Field(field));
        if (value.Length <= LongestWhole)
        {
            Count(own, $"{field}={value}");
        }

        foreach (string word in ItemWords.Of(value))
        {
            Count(own, $"{field}:{word}");
        }
    }

    /// <summary>A vector that was made elsewhere: a modality by itself.</summary>
    public void AddVector(int item, string modality, float[] vector)
    {
        if (!_vectors.TryGetValue(modality, out Dictionary<int, float[]>? own))
        {
            _vectors.Add(modality, own = []);
        }

        own[item] = vector;
    }

    public void AddNumber(int item, string field, double value)
    {
        if (!_numeric.TryGetValue(field, out List<(int, double)>? values))
        {
            _numeric.Add(field, values = []);
        }

        values.Add((item, value));
    }

    /// <param name="items">Items there are; those that nothing is known of have no features.</param>
    public ItemFeatures Build(int items)
    {
        foreach ((string field, List<(int Item, double Value)> values) in _numeric.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            double[] sorted = [.. values.Select(one => one.Value).Order()];
            foreach ((int item, double value) in values)
            {
                int below = Array.BinarySearch(sorted, value);
                Count(Counts(item, Field(field)), $"{field}#{(below < 0 ? ~below : below) * Quantiles / sorted.Length}");
            }
        }

        int[] spread = Spread();
        int[] numberOf = Kept(spread, items, out int kept);
        var rows = new Dictionary<int, double>[items];
        foreach (((int item, int _), Dictionary<int, int> counts) in _counts)
        {
            AddField(rows[item] ??= [], counts, spread, numberOf, items);
        }

        return Pack(rows, kept, [.. _vectors.Select(pair => ItemVectors.Make(pair.Key, items, pair.Value)).OfType<ItemVectors>()]);
    }

    private static void AddField(Dictionary<int, double> row, Dictionary<int, int> counts, int[] spread, int[] numberOf, int items)
    {
        var weights = new List<(int Feature, double Weight)>();
        foreach ((int feature, int count) in counts)
        {
            if (numberOf[feature] >= 0)
            {
                weights.Add((numberOf[feature], (1 + Math.Log(count)) * Math.Log((double)items / spread[feature])));
            }
        }

        double length = Math.Sqrt(weights.Sum(one => one.Weight * one.Weight));
        foreach ((int feature, double weight) in weights)
        {
            row[feature] = row.GetValueOrDefault(feature) + (weight / length);
        }
    }

    private static ItemFeatures Pack(Dictionary<int, double>?[] rows, int features, ItemVectors[] vectors)
    {
        var starts = new int[rows.Length + 1];
        var numbers = new List<int>();
        var weights = new List<float>();
        for (int item = 0; item < rows.Length; item++)
        {
            double length = Math.Sqrt(rows[item]?.Values.Sum(weight => weight * weight) ?? 0);
            foreach ((int feature, double weight) in (rows[item] ?? []).OrderBy(pair => pair.Key))
            {
                numbers.Add(feature);
                weights.Add((float)(weight / length));
            }

            starts[item + 1] = numbers.Count;
        }

        return new ItemFeatures(starts, [.. numbers], [.. weights], features, vectors);
    }

    /// <summary>How many items have each feature.</summary>
    private int[] Spread()
    {
        var spread = new int[_numbers.Count];
        foreach (Dictionary<int, int> counts in _counts.Values)
        {
            foreach (int feature in counts.Keys)
            {
                spread[feature]++;
            }
        }

        return spread;
    }

    private static int[] Kept(int[] spread, int items, out int kept)
    {
        var numberOf = new int[spread.Length];
        kept = 0;
        for (int feature = 0; feature < spread.Length; feature++)
        {
            numberOf[feature] = spread[feature] >= FewestItems && spread[feature] <= MostShare * items ? kept++ : -1;
        }

        return numberOf;
    }

    private void Count(Dictionary<int, int> own, string feature)
    {
        if (!_numbers.TryGetValue(feature, out int number))
        {
            _numbers.Add(feature, number = _numbers.Count);
        }

        own[number] = own.GetValueOrDefault(number) + 1;
    }

    private Dictionary<int, int> Counts(int item, int field)
    {
        if (!_counts.TryGetValue((item, field), out Dictionary<int, int>? counts))
        {
            _counts.Add((item, field), counts = []);
        }

        return counts;
    }

    private int Field(string name)
    {
        int field = _fields.IndexOf(name);
        if (field < 0)
        {
            _fields.Add(name);
            field = _fields.Count - 1;
        }

        return field;
    }
}
