using KnowledgePay.Decisions.Recommending.Models;

namespace KnowledgePay.Grains.Models;

/// <summary>The learned models that this silo's decisions use now. Replaced as a whole when another version is promoted; a decision under way keeps the one that it began with.</summary>
public sealed class ServedModels
{
    private LearnedRecommender? _recommender;

    public LearnedRecommender? Recommender
    {
        get => Volatile.Read(ref _recommender);
        set => Volatile.Write(ref _recommender, value);
    }
}
