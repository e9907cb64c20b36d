using KnowledgePay.Decisions.Recommending.Models;
using KnowledgePay.Learning.Files;
using KnowledgePay.Learning.Interactions;
using KnowledgePay.Learning.Items;
using KnowledgePay.Learning.Ranking;
using KnowledgePay.Learning.Ratings;

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

    /// <summary>Learners tuned and blended.</summary>
    public const string Auto = "auto";

    private const int FewestUsersToBlend = 9;

    private static readonly IRecommenderLearner[] Learners =
    [
        new PopularityLearner(), new ItemNeighbourLearner(), new PersonNeighbourLearner(), new EaseLearner(), new ImplicitFactorLearner(), new TransitionLearner(),
        new HybridLearner(), new TwoTowerLearner(),
    ];

    private static readonly IRecommenderLearner[] Blended =
    [
        new PopularityLearner(), new ItemNeighbourLearner(), new PersonNeighbourLearner(), new EaseLearner(extended: true), new ImplicitFactorLearner(), new TransitionLearner(),
    ];

    /// <summary>Predicts ratings; what it ranks by is what it learned from what was taken.</summary>
    public const string MatrixFactorization = "matrix-factorization";

    public static IReadOnlyList<string> Algorithms { get; } = [Auto, .. Learners.Select(learner => learner.Algorithm), MatrixFactorization];

    /// <exception cref="InputException">There is no such algorithm.</exception>
    public (RecommenderModel Model, RecommenderReport Report) Learn(InteractionSet set, ItemFeatures? features)
    {
        IRecommenderLearner? learner = Learners.FirstOrDefault(one => one.Algorithm == options.Algorithm);
        bool rates = set.Matrix.HasRatings && options.Algorithm is Auto or MatrixFactorization;
        if (learner is null && options.Algorithm is not (Auto or MatrixFactorization))
        {
            throw new InputException($"--algorithm '{options.Algorithm}': expected one of {string.Join(", ", Algorithms)}.");
        }

        long started = time.GetTimestamp();
        var data = new TrainingData(set.Matrix, features, options.Seed);
        bool byTime = options.ValidateByTime ?? set.Matrix.HasTimes;
        Holdout holdout = Holdout.Split(set.Matrix, options.Seed, byTime, ValidationUsers);
        var tuning = new LearnerTuning(holdout, data.On(holdout.Train), options.Fixed, time, progress);
        LearnedScorer learned = options.Algorithm == Auto ? Blend(data, holdout, tuning) : One(data, tuning, learner ?? new ImplicitFactorLearner(), tuned: learner is not null);
        (RatingPosterior Posterior, List<RatingTrial> Trials)? ratings = rates
            ? RatingLearning.Learn(set.Matrix, set.Quality.Scale!, features, options.Fixed, options.Seed, progress)
            : null;
        var model = new RecommenderModel(
            options.Algorithm,
            set.Items,
            ContentLearner.Reaching(learned.Scorer, data),
            new PopularityScorer(ScorerEvaluation.Popularity(set.Matrix)),
            ratings is { } learnedRatings ? new RatingModel(set.Users, learnedRatings.Posterior) : null);
        var report = new RecommenderReport
        {
            Algorithm = options.Algorithm,
            Seed = options.Seed,
            DataQuality = set.Quality,
            Validation = byTime ? "latest 20 % by user" : "random 20 % by user",
            Metrics = learned.Metrics,
            Chosen = learned.Chosen,
            Trials = tuning.Trials,
            RatingTrials = ratings?.Trials,
            Warnings = Warnings(set),
            Seconds = time.GetElapsedTime(started).TotalSeconds,
        };
        return (model, report);
    }

    private LearnedScorer One(TrainingData data, LearnerTuning tuning, IRecommenderLearner learner, bool tuned = true)
    {
        Tuned chosen = tuned ? tuning.Tune(learner) : tuning.Usual(learner);
        progress?.Invoke($"{learner.Algorithm}: learning on all data with {chosen.Settings}");
        return new LearnedScorer(learner.Fit(data, chosen.Settings), chosen.Metrics, chosen.Settings.Values);
    }

    /// <summary>Each learner tuned, then blended: weights from two thirds of the held-out users, figures from the other third.</summary>
    private LearnedScorer Blend(TrainingData data, Holdout holdout, LearnerTuning tuning)
    {
        if (holdout.Users.Length < FewestUsersToBlend)
        {
            return One(data, tuning, new ItemNeighbourLearner());
        }

        IRecommenderLearner[] learned = data.Features is null ? Blended : [.. Blended, new ContentLearner()];
        Tuned[] parts = [.. learned.Select(tuning.Tune)];
        int[] learners = [.. holdout.Users.Where((_, at) => at % 3 != 2).Take(BlendWeights.UsersFor(data.Matrix.Items, parts.Length))];
        var search = new BlendWeights(holdout, learners);
        Array.ForEach(parts, part => search.Add(part.Scorer!));
        (float[] weights, _) = search.Learn();
        Holdout judged = holdout.Only([.. holdout.Users.Where((_, at) => at % 3 == 2)]);
        RankingMetrics blended = ScorerEvaluation.Evaluate(new BlendScorer([.. parts.Select(part => part.Scorer!)], weights), judged, ValidationCut);
        progress?.Invoke(FormattableString.Invariant(
            $"blend {string.Join(", ", parts.Select((part, p) => FormattableString.Invariant($"{part.Learner.Algorithm} {weights[p]:F2}")))}: NDCG@{ValidationCut} {blended.Ndcg:F4}, recall {blended.Recall:F4}"));
        var kept = new List<IHistoryScorer>();
        var chosen = new SortedDictionary<string, double>(StringComparer.Ordinal);
        for (int p = 0; p < parts.Length; p++)
        {
            string name = parts[p].Learner.Algorithm;
            chosen[$"{name}.weight"] = Math.Round(weights[p], 4);
            if (weights[p] != 0)
            {
                kept.Add(parts[p].Learner.Fit(data, parts[p].Settings));
                foreach ((string setting, double value) in parts[p].Settings.Values)
                {
                    chosen[$"{name}.{setting}"] = value;
                }
            }
        }

        return new LearnedScorer(new BlendScorer([.. kept], [.. weights.Where(weight => weight != 0)]), blended, chosen);
    }

    private sealed record LearnedScorer(IHistoryScorer Scorer, RankingMetrics? Metrics, IReadOnlyDictionary<string, double> Chosen);

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
