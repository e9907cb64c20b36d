namespace KnowledgePay.Learning.Risk;

/// <summary>A feature of a risk model: a number, or one of <paramref name="Levels"/>.</summary>
/// <param name="Levels">Names of a category; null for a number.</param>
public sealed record RiskFeature(string Name, IReadOnlyList<string>? Levels);

/// <summary>Rows to learn from: a number for each feature (NaN missing, a category as its level's index) and the outcome.</summary>
public sealed class RiskRows
{
    private readonly double[] _values;

    /// <param name="values">Row after row.</param>
    /// <param name="outcomes">1 for the positive outcome, else 0.</param>
    public RiskRows(IReadOnlyList<RiskFeature> features, double[] values, byte[] outcomes)
    {
        (Features, _values, Outcomes) = (features, values, outcomes);
        Positives = outcomes.Sum(outcome => outcome);
    }

    public IReadOnlyList<RiskFeature> Features { get; }

    public byte[] Outcomes { get; }

    public int Rows => Outcomes.Length;

    public int Positives { get; }

    /// <summary>Share of the positive outcome.</summary>
    public double Rate => (double)Positives / Rows;

    /// <summary>Log-odds of <see cref="Rate"/>.</summary>
    public double LogOdds => Math.Log((double)Positives / (Rows - Positives));

    public ReadOnlySpan<double> Row(int row) => _values.AsSpan(row * Features.Count, Features.Count);

    public double Value(int row, int feature) => _values[(row * Features.Count) + feature];

    public RiskRows Take(ReadOnlySpan<int> rows)
    {
        int width = Features.Count;
        var values = new double[rows.Length * width];
        var outcomes = new byte[rows.Length];
        for (int i = 0; i < rows.Length; i++)
        {
            Row(rows[i]).CopyTo(values.AsSpan(i * width, width));
            outcomes[i] = Outcomes[rows[i]];
        }

        return new RiskRows(Features, values, outcomes);
    }
}
