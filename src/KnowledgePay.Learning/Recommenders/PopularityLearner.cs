using KnowledgePay.Decisions.Recommending.Models;
using KnowledgePay.Learning.Ranking;

namespace KnowledgePay.Learning.Recommenders;

/// <summary>Most taken first.</summary>
public sealed class PopularityLearner : IRecommenderLearner
{
    public string Algorithm => "popularity";

    public IReadOnlyList<Hyperparameters> Choices(TrainingData data) => [Hyperparameters.None];

    public IHistoryScorer Fit(TrainingData data, Hyperparameters settings) => new PopularityScorer(ScorerEvaluation.Popularity(data.Matrix));
}
