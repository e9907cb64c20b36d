namespace KnowledgePay.Decisions.Scoring;

/// <summary>A probability as a sum in log-odds: intercept + Σ weight × term. A calibration by Platt's method is part of the weights, so that contributions stay exact.</summary>
/// <remarks>Immutable and safe to share; evaluation and contributions allocate nothing for up to 512 features.</remarks>
public sealed class LogOddsModel
{
    private readonly (double Weight, IScoreTerm Term)[] _terms;

    /// <param name="features">How many numbers a row has.</param>
    public LogOddsModel(int features, double intercept, IReadOnlyList<(double Weight, IScoreTerm Term)> terms)
    {
        Features = features;
        Intercept = intercept;
        _terms = [.. terms];
        Base = intercept + _terms.Sum(term => term.Weight * term.Term.Base);
    }

    public int Features { get; }

    public double Intercept { get; }

    public IReadOnlyList<(double Weight, IScoreTerm Term)> Terms => _terms;

    /// <summary>Log-odds when nothing is known of a row; contributions add to it.</summary>
    public double Base { get; }

    public double LogOdds(ReadOnlySpan<double> row)
    {
        double sum = Intercept;
        foreach ((double weight, IScoreTerm term) in _terms)
        {
            sum += weight * term.Evaluate(row);
        }

        return sum;
    }

    /// <summary>Shapley value of each feature in log-odds; <see cref="Base"/> + their sum is <see cref="LogOdds"/>.</summary>
    public void Contributions(ReadOnlySpan<double> row, Span<double> contributions)
    {
        contributions.Clear();
        foreach ((double weight, IScoreTerm term) in _terms)
        {
            term.AddContributions(row, weight, contributions);
        }
    }

    /// <summary>1 / (1 + e^−x), without overflow.</summary>
    public static double Probability(double logOdds) =>
        logOdds >= 0 ? 1 / (1 + Math.Exp(-logOdds)) : Math.Exp(logOdds) / (1 + Math.Exp(logOdds));
}
