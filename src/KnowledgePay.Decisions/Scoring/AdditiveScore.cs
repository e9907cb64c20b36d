namespace KnowledgePay.Decisions.Scoring;

/// <summary>A sum of one function a feature: a logistic regression's slopes, or a scorecard's points by bin.</summary>
/// <remarks>The Shapley value of a feature under independence is its function's value less that function's mean in training (Lundberg and Lee 2017, corollary 1).</remarks>
public sealed class AdditiveScore : IScoreTerm
{
    private readonly AdditiveFunction[] _functions;

    public AdditiveScore(double intercept, IReadOnlyList<AdditiveFunction> functions)
    {
        _functions = [.. functions];
        Intercept = intercept;
        Base = intercept + _functions.Sum(function => function.Mean);
    }

    public double Intercept { get; }

    public IReadOnlyList<AdditiveFunction> Functions => _functions;

    public double Base { get; }

    public double Evaluate(ReadOnlySpan<double> row)
    {
        double sum = Intercept;
        foreach (AdditiveFunction function in _functions)
        {
            sum += function.Evaluate(row[function.Feature]);
        }

        return sum;
    }

    public void AddContributions(ReadOnlySpan<double> row, double weight, Span<double> contributions)
    {
        foreach (AdditiveFunction function in _functions)
        {
            contributions[function.Feature] += weight * (function.Evaluate(row[function.Feature]) - function.Mean);
        }
    }
}

/// <summary>What one feature adds: a value by code, or a line through a number held within a range.</summary>
public sealed class AdditiveFunction
{
    private readonly double[] _byCode;

    private AdditiveFunction(int feature, FeatureCoding? coding, double[] byCode, double mean)
    {
        (Feature, Coding, _byCode, Mean) = (feature, coding, byCode, mean);
    }

    public int Feature { get; }

    /// <summary>The bins, or null for a line.</summary>
    public FeatureCoding? Coding { get; }

    public ReadOnlySpan<double> ByCode => _byCode;

    /// <summary>Of a line: what a unit of the number adds.</summary>
    public double Slope { get; private init; }

    /// <summary>Of a line: numbers below and above are taken for these.</summary>
    public (double Lowest, double Highest) Range { get; private init; } = (double.NegativeInfinity, double.PositiveInfinity);

    /// <summary>Of a line: what a missing number adds.</summary>
    public double WhenMissing { get; private init; }

    /// <summary>Mean of what it adds over the training rows.</summary>
    public double Mean { get; }

    public static AdditiveFunction Table(int feature, FeatureCoding coding, double[] byCode, double mean) =>
        byCode.Length >= coding.Codes ? new(feature, coding, byCode, mean) : throw new ArgumentException($"expected {coding.Codes} values.", nameof(byCode));

    public static AdditiveFunction Line(int feature, double slope, (double Lowest, double Highest) range, double whenMissing, double mean) =>
        new(feature, null, [], mean) { Slope = slope, Range = range, WhenMissing = whenMissing };

    public double Evaluate(double value) =>
        Coding is not null ? _byCode[Coding.Code(value)]
        : double.IsNaN(value) ? WhenMissing
        : Slope * Math.Clamp(value, Range.Lowest, Range.Highest);
}
