namespace KnowledgePay.Decisions.Scoring;

/// <summary>A part of a score, in log-odds before its weight.</summary>
public interface IScoreTerm
{
    /// <summary>The part's value for a row: a number for each feature, NaN where missing, a category as its level's index.</summary>
    double Evaluate(ReadOnlySpan<double> row);

    /// <summary>The part's mean over the training rows: what it says when nothing is known of a row.</summary>
    double Base { get; }

    /// <summary>Adds <paramref name="weight"/> × the Shapley value of each feature; their sum is <see cref="Evaluate"/> − <see cref="Base"/>.</summary>
    void AddContributions(ReadOnlySpan<double> row, double weight, Span<double> contributions);
}
