using KnowledgePay.Decisions.Recommending.Models;

namespace KnowledgePay.Learning.Recommenders;

/// <summary>One way to learn a recommender.</summary>
public interface IRecommenderLearner
{
    /// <summary>Name on the command line and in the model.</summary>
    string Algorithm { get; }

    /// <summary>Settings to choose from by validation, the usual one first.</summary>
    IReadOnlyList<Hyperparameters> Choices(TrainingData data);

    /// <summary>Settings near the best so far that are worth a try.</summary>
    IReadOnlyList<Hyperparameters> Around(Hyperparameters best, TrainingData data) => [];

    /// <summary>Whether of two settings that validation cannot tell apart the first is the better guess.</summary>
    bool Prefers(Hyperparameters one, Hyperparameters other) => false;

    /// <summary>Learns; the same data, seed and settings give the same model to the bit.</summary>
    IHistoryScorer Fit(TrainingData data, Hyperparameters settings);
}
