using System.Globalization;

namespace KnowledgePay.Learning.Recommenders;

/// <summary>Numbers by name that a learner is run with.</summary>
public sealed class Hyperparameters
{
    public static readonly Hyperparameters None = new([]);

    private readonly SortedDictionary<string, double> _values;

    private Hyperparameters(SortedDictionary<string, double> values)
    {
        _values = values;
    }

    public IReadOnlyDictionary<string, double> Values => _values;

    public double this[string name] => _values[name];

    public double Get(string name, double otherwise) => _values.TryGetValue(name, out double value) ? value : otherwise;

    public static Hyperparameters Of(params ReadOnlySpan<(string Name, double Value)> values)
    {
        var all = new SortedDictionary<string, double>(StringComparer.Ordinal);
        foreach ((string name, double value) in values)
        {
            all[name] = value;
        }

        return new Hyperparameters(all);
    }

    /// <summary>These, with those of <paramref name="others"/> in their place or added.</summary>
    public Hyperparameters With(IReadOnlyDictionary<string, double> others)
    {
        var all = new SortedDictionary<string, double>(_values, StringComparer.Ordinal);
        foreach ((string name, double value) in others)
        {
            all[name] = value;
        }

        return new Hyperparameters(all);
    }

    public override string ToString() => string.Join(", ", _values.Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Key} {pair.Value:G6}")));
}
