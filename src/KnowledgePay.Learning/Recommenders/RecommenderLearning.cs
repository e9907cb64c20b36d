using KnowledgePay.Decisions.Recommending.Models;
using KnowledgePay.Learning.Files;
using KnowledgePay.Learning.Interactions;
using KnowledgePay.Learning.Items;
using KnowledgePay.Learning.Ranking;

namespace KnowledgePay.Learning.Recommenders;

/// <summary>What <c>kpay learn recommender</c> does.</summary>
public sealed record RecommenderOptions
{
    public string Algorithm { get; init; } = "auto";

    public ulong Seed { get; init; } = 1;

    /// <summary>Settings that are given and not chosen by validation.</summary>
    public IReadOnlyDictionary<string, double> Fixed { get; init; } = new Dictionary<string, double>();

    /// <summary>Hold out the latest items of a history; null does so where there are times.</summary>
    public bool? ValidateByTime { get; init; }
}

/// <summary>Learns a recommender by name: settings by validation on a held-out part, then on all of the data.</summary>
public sealed class RecommenderLearning(RecommenderOptions options, TimeProvider time, Action<string>? progress = null)
{
    /// <summary>Cut at which settings are compared, by NDCG.</summary>
    public const int ValidationCut = 20;

    /// <summary>Users whose held-out items are compared at most.</summary>
    public const int ValidationUsers = 5000;

    private static readonly IRecommenderLearner[] Learners = [new PopularityLearner(), new ItemNeighbourLearner(), new EaseLearner()];

    public static IReadOnlyList<string> Algorithms { get; } = [.. Learners.Select(learner => learner.Algorithm)];

    /// <exception cref="InputException">There is no such algorithm.</exception>
    public (RecommenderModel Model, RecommenderReport Report) Learn(InteractionSet set, ItemFeatures? features)
    {
        IRecommenderLearner learner = Learners.FirstOrDefault(one => one.Algorithm == options.Algorithm)
            ?? throw new InputException($"--algorithm '{options.Algorithm}': expected one of {string.Join(", ", Algorithms)}.");
        long started = time.GetTimestamp();
        var data = new TrainingData(set.Matrix, features, options.Seed);
        bool byTime = options.ValidateByTime ?? set.Matrix.HasTimes;
        Holdout holdout = Holdout.Split(set.Matrix, options.Seed, byTime, ValidationUsers);
        var trials = new List<Trial>();
        (Hyperparameters chosen, RankingMetrics? metrics) = Choose(learner, data, holdout, trials);
        progress?.Invoke($"{learner.Algorithm}: learning on all data with {chosen}");
        IHistoryScorer scorer = learner.Fit(data, chosen);
        var model = new RecommenderModel(learner.Algorithm, set.Items, scorer, new PopularityScorer(ScorerEvaluation.Popularity(set.Matrix)));
        var report = new RecommenderReport
        {
            Algorithm = learner.Algorithm,
            Seed = options.Seed,
            DataQuality = set.Quality,
            Validation = byTime ? "latest 20 % by user" : "random 20 % by user",
            Metrics = metrics,
            Chosen = chosen.Values,
            Trials = trials,
            Warnings = Warnings(set),
            Seconds = time.GetElapsedTime(started).TotalSeconds,
        };
        return (model, report);
    }

    private (Hyperparameters Chosen, RankingMetrics? Metrics) Choose(IRecommenderLearner learner, TrainingData data, Holdout holdout, List<Trial> trials)
    {
        Hyperparameters[] choices = [.. learner.Choices(data).Select(choice => choice.With(options.Fixed)).DistinctBy(choice => choice.ToString())];
        if (holdout.Users.Length == 0)
        {
            return (choices[0], null);
        }

        TrainingData part = data.On(holdout.Train);
        foreach (Hyperparameters choice in choices)
        {
            long started = time.GetTimestamp();
            RankingMetrics metrics = ScorerEvaluation.Evaluate(learner.Fit(part, choice), holdout, ValidationCut);
            trials.Add(new Trial(learner.Algorithm, choice.Values, metrics, time.GetElapsedTime(started).TotalSeconds));
            progress?.Invoke(FormattableString.Invariant($"{learner.Algorithm} {choice}: NDCG@{ValidationCut} {metrics.Ndcg:F4}, recall {metrics.Recall:F4}"));
        }

        int best = 0;
        for (int t = 1; t < trials.Count; t++)
        {
            best = trials[t].Metrics.Ndcg > trials[best].Metrics.Ndcg ? t : best;
        }

        return (choices[best], trials[best].Metrics);
    }

    private static List<string> Warnings(InteractionSet set)
    {
        List<string> warnings = [.. set.Quality.Warnings];
        if (set.Matrix.Items > TrainingData.MostDenseItems)
        {
            warnings.Add($"there are {set.Matrix.Items} items; item-to-item weights are learned for the {TrainingData.MostDenseItems} most taken ones.");
        }

        return warnings;
    }
}
