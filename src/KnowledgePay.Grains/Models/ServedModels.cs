using KnowledgePay.Decisions.Credit;
using KnowledgePay.Decisions.Fraud;
using KnowledgePay.Decisions.Offers;
using KnowledgePay.Decisions.Premiums;
using KnowledgePay.Decisions.Pricing;
using KnowledgePay.Decisions.Recommending.Models;
using KnowledgePay.Decisions.Segmentation;
using KnowledgePay.Decisions.Sentiment;
using KnowledgePay.Decisions.Trials;

namespace KnowledgePay.Grains.Models;

/// <summary>The learned models that this silo's decisions use now. Replaced as a whole when another version is promoted; a decision under way keeps the one that it began with.</summary>
public sealed class ServedModels
{
    private LearnedRecommender? _recommender;
    private RecommenderTrial? _recommenderTrial;
    private SentimentModel? _sentiment;
    private CreditScorecard? _scorecard;
    private ScorecardTrial? _scorecardTrial;
    private FraudModel? _fraud;
    private LearnedSegments? _segments;
    private LearnedDemand? _demand;
    private IPremiumModel? _premiums;
    private IOfferUplift? _uplift;

    public LearnedRecommender? Recommender
    {
        get => Volatile.Read(ref _recommender);
        set => Volatile.Write(ref _recommender, value);
    }

    /// <summary>Another recommender that decides about a share of the people; null while none is on trial.</summary>
    public RecommenderTrial? RecommenderTrial
    {
        get => Volatile.Read(ref _recommenderTrial);
        set => Volatile.Write(ref _recommenderTrial, value);
    }

    /// <summary>What ranks for a person: the challenger for those who fell to it, else what serves.</summary>
    public LearnedRecommender? RecommenderFor(string userId) =>
        RecommenderTrial is { } trial && TrialArms.IsChallengers(userId, trial.Trial, trial.Share) ? trial.Model : Recommender;

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

    /// <summary>Another card that decides about a share of the people; null while none is on trial.</summary>
    public ScorecardTrial? ScorecardTrial
    {
        get => Volatile.Read(ref _scorecardTrial);
        set => Volatile.Write(ref _scorecardTrial, value);
    }

    /// <summary>What scores a person who asks for credit: the challenger for those who fell to it, else what serves.</summary>
    public CreditScorecard? ScorecardFor(string userId) =>
        ScorecardTrial is { } trial && TrialArms.IsChallengers(userId, trial.Trial, trial.Share) ? trial.Card : Scorecard;

    /// <summary>Scores payments as they are accepted; the expert's signs move the rolling risk while there is none. What was scored before stays as it was.</summary>
    public FraudModel? Fraud
    {
        get => Volatile.Read(ref _fraud);
        set => Volatile.Write(ref _fraud, value);
    }

    /// <summary>Says which learned segment a person is in, beside the one by rules; null while there is none.</summary>
    public LearnedSegments? Segments
    {
        get => Volatile.Read(ref _segments);
        set => Volatile.Write(ref _segments, value);
    }

    /// <summary>What is believed of a course's demand before its own quotes speak; the expert's priors by level do while there is none.</summary>
    public LearnedDemand? Demand
    {
        get => Volatile.Read(ref _demand);
        set => Volatile.Write(ref _demand, value);
    }

    /// <summary>Expected claims, for insurance whose terms ask for a premium by them; the terms' own price stands while there is none.</summary>
    public IPremiumModel? Premiums
    {
        get => Volatile.Read(ref _premiums);
        set => Volatile.Write(ref _premiums, value);
    }

    /// <summary>The difference that offers make, part of what they are ranked by; null while there is none.</summary>
    public IOfferUplift? Uplift
    {
        get => Volatile.Read(ref _uplift);
        set => Volatile.Write(ref _uplift, value);
    }
}

/// <summary>A credit scorecard on trial.</summary>
/// <param name="Trial">Names the trial: people are divided by it.</param>
/// <param name="Share">Of the people, 0 to 1.</param>
public sealed record ScorecardTrial(CreditScorecard Card, string Trial, double Share);

/// <summary>A recommender on trial.</summary>
/// <param name="Trial">Names the trial: people are divided by it.</param>
/// <param name="Share">Of the people, 0 to 1.</param>
public sealed record RecommenderTrial(LearnedRecommender Model, string Trial, double Share);
