using KnowledgePay.Decisions.Credit;
using KnowledgePay.Decisions.Recommending.Models;
using KnowledgePay.Decisions.Sentiment;

namespace KnowledgePay.Grains.Models;

/// <summary>The learned models that this silo's decisions use now. Replaced as a whole when another version is promoted; a decision under way keeps the one that it began with.</summary>
public sealed class ServedModels
{
    private LearnedRecommender? _recommender;
    private SentimentModel? _sentiment;
    private CreditScorecard? _scorecard;

    public LearnedRecommender? Recommender
    {
        get => Volatile.Read(ref _recommender);
        set => Volatile.Write(ref _recommender, value);
    }

    /// <summary>Scores comments as they are accepted; the lexicon does while there is none. What was scored before stays as it was.</summary>
    public SentimentModel? Sentiment
    {
        get => Volatile.Read(ref _sentiment);
        set => Volatile.Write(ref _sentiment, value);
    }

    /// <summary>Scores who asks for credit; the policy's own card does while there is none.</summary>
    public CreditScorecard? Scorecard
    {
        get => Volatile.Read(ref _scorecard);
        set => Volatile.Write(ref _scorecard, value);
    }
}
