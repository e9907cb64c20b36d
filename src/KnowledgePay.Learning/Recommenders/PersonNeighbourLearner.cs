using KnowledgePay.Decisions.Recommending.Models;

namespace KnowledgePay.Learning.Recommenders;

/// <summary>User-based collaborative filtering; the model is the training data itself. Settings: <c>neighbours</c>, <c>rarity</c>, <c>power</c>.</summary>
public sealed class PersonNeighbourLearner : IRecommenderLearner
{
    public string Algorithm => "user-cf";

    public IReadOnlyList<Hyperparameters> Choices(TrainingData data) =>
    [
        Hyperparameters.Of(("neighbours", 200), ("rarity", 0.5), ("power", 1)),
        Hyperparameters.Of(("neighbours", 500), ("rarity", 0.5), ("power", 2)),
        Hyperparameters.Of(("neighbours", 500), ("rarity", 0.3), ("power", 3)),
        Hyperparameters.Of(("neighbours", 100), ("rarity", 0), ("power", 1)),
    ];

    public IHistoryScorer Fit(TrainingData data, Hyperparameters settings)
    {
        var taken = new int[data.Matrix.Count];
        for (int k = 0; k < taken.Length; k++)
        {
            taken[k] = data.Matrix.Entries[k].Item;
        }

        return new PersonNeighbourScorer(
            data.Matrix.Items, [.. data.Matrix.Starts], taken, (int)settings["neighbours"], (float)settings.Get("rarity", 0.5), (float)settings.Get("power", 1));
    }
}
