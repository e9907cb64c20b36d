using KnowledgePay.Decisions.Recommending;
using KnowledgePay.Decisions.Recommending.Models;

namespace KnowledgePay.Learning.Recommenders;

/// <summary>The source document's §4.2.2: <c>α₁·CF + α₂·u·σ(v)</c>, CF with its §4.1.2 normalisation, σ the logistic function of the item's factors.</summary>
/// <remarks>
/// v are iALS factors, each dimension brought to deviation 1; u is the least-squares solve for σ(v) that a history gives. Both terms are standardised for the person,
/// so that α₁ + α₂ = 1 says how much each counts; α₂ is chosen by validation.
/// </remarks>
public sealed class HybridLearner : IRecommenderLearner
{
    private TrainingData? _data;
    private IHistoryScorer[] _parts = [];

    public string Algorithm => "hybrid";

    public IReadOnlyList<Hyperparameters> Choices(TrainingData data) =>
        [.. new[] { 0.5, 0.3, 0.7, 0.1, 0.9 }.Select(share => Hyperparameters.Of(("alpha2", share)))];

    public IHistoryScorer Fit(TrainingData data, Hyperparameters settings)
    {
        if (_data != data)
        {
            (_data, _parts) = (data, [Neighbours(data), Factors(data)]);
        }

        var share = (float)settings["alpha2"];
        return new BlendScorer([.. _parts], [1 - share, share]);
    }

    private static IHistoryScorer Neighbours(TrainingData data) =>
        new ItemNeighbourLearner().Fit(data, Hyperparameters.Of(("kernel", (int)SimilarityKernel.SourceNormalised), ("neighbours", 100)));

    private static FactorScorer Factors(TrainingData data)
    {
        var ials = new ImplicitFactorLearner();
        var learned = (FactorScorer)ials.Fit(data, ials.Choices(data)[0]);
        int d = learned.Dimensions;
        float[] squashed = [.. learned.Factors];
        for (int f = 0; f < d; f++)
        {
            double sum = 0, squares = 0;
            for (int at = f; at < squashed.Length; at += d)
            {
                sum += squashed[at];
                squares += (double)squashed[at] * squashed[at];
            }

            double mean = sum / learned.Items, deviation = Math.Sqrt(Math.Max(1e-12, (squares / learned.Items) - (mean * mean)));
            for (int at = f; at < squashed.Length; at += d)
            {
                squashed[at] = (float)(1 / (1 + Math.Exp(-(squashed[at] - mean) / deviation)));
            }
        }

        return new FactorScorer(squashed, d, learned.UnobservedWeight, learned.Regularisation, learned.FrequencyPower);
    }
}
