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

    /// <summary>Hold out the latest items of a history, or random ones; null tries both where there are times.</summary>
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

    /// <summary>Below so many users in a random held-out part there are several for the weights, of this share each.</summary>
    private const int UsersOfFolds = 4000;

    private const int MostFolds = 4;
    private const double FoldShare = 0.1;

    /// <summary>What a loss on random items counts where histories say what follows what.</summary>
    private const double OtherCounts = 0.5;

    /// <summary>All learners of what follows what, blended.</summary>
    public const string Sequence = "sequence";

    private readonly IRecommenderLearner[] _learners = Named(progress);

    private readonly IRecommenderLearner[] _unordered =
        [new PopularityLearner(), new ItemNeighbourLearner(), new PersonNeighbourLearner(), new EaseLearner(extended: true), new ImplicitFactorLearner()];

    private readonly IRecommenderLearner[] _ordered = [new TransitionLearner(), new LinearSequenceLearner(), new SelfAttentionLearner(progress)];

    /// <summary>Predicts ratings; what it ranks by is what it learned from what was taken.</summary>
    public const string MatrixFactorization = "matrix-factorization";

    /// <summary>Names that can be asked for.</summary>
    public static IReadOnlyList<string> Algorithms { get; } = [Auto, Sequence, MatrixFactorization, .. Named(null).Select(learner => learner.Algorithm)];

    /// <exception cref="InputException">There is no such algorithm.</exception>
    public (RecommenderModel Model, RecommenderReport Report) Learn(InteractionSet set, ItemFeatures? features)
    {
        IRecommenderLearner? learner = _learners.FirstOrDefault(one => one.Algorithm == options.Algorithm);
        bool rates = set.Matrix.HasRatings && options.Algorithm is Auto or MatrixFactorization;
        if (learner is null && options.Algorithm is not (Auto or Sequence or MatrixFactorization))
        {
            throw new InputException($"--algorithm '{options.Algorithm}': expected one of {string.Join(", ", Algorithms)}.");
        }

        long started = time.GetTimestamp();
        var data = new TrainingData(set.Matrix, features, options.Seed);
        (LearnedPlan plan, string validation, List<Trial> trials) = Choose(data, learner);
        progress?.Invoke($"{options.Algorithm}: learning on all data, chosen by the {validation}: {string.Join(", ", plan.Chosen.Select(c => FormattableString.Invariant($"{c.Key} {c.Value}")))}");
        IHistoryScorer scorer = plan.Fit(data);
        (RatingPosterior Posterior, List<RatingTrial> Trials)? ratings = rates
            ? RatingLearning.Learn(set.Matrix, set.Quality.Scale!, features, options.Fixed, options.Seed, progress)
            : null;
        var model = new RecommenderModel(
            options.Algorithm,
            set.Items,
            ContentLearner.Reaching(scorer, data),
            new PopularityScorer(ScorerEvaluation.Popularity(set.Matrix)),
            ratings is { } learnedRatings ? new RatingModel(set.Users, learnedRatings.Posterior) : null);
        var report = new RecommenderReport
        {
            Algorithm = options.Algorithm,
            Seed = options.Seed,
            DataQuality = set.Quality,
            Validation = validation,
            Metrics = plan.Metrics,
            Chosen = plan.Chosen,
            Trials = trials,
            RatingTrials = ratings?.Trials,
            Warnings = Warnings(set),
            Seconds = time.GetElapsedTime(started).TotalSeconds,
        };
        return (model, report);
    }

    /// <summary>
    /// By the latest items or by random ones, as asked. Where that was not asked and histories say what follows what, by both: what will be wanted of the model is not known, and what is right
    /// for the one may be far off for the other. Then a plan for both is weighed too, and the one is taken that loses least where it is not at home; what comes later counts twice as much.
    /// </summary>
    private (LearnedPlan Plan, string Validation, List<Trial> Trials) Choose(TrainingData data, IRecommenderLearner? learner)
    {
        bool ordered = HistoryOrder.SaysWhatFollows(data.Matrix);
        bool onlyOrdered = options.Algorithm == Sequence || learner is TransitionLearner or LinearSequenceLearner or SelfAttentionLearner or TrendLearner;
        if ((options.ValidateByTime ?? (onlyOrdered ? data.Matrix.HasTimes : ordered ? null : false)) is { } one)
        {
            var view = new View(data, one, options, time, progress);
            return (Plan(view, learner), Name(one), view.Tuning.Trials);
        }

        View latest = new(data, true, options, time, progress), random = new(data, false, options, time, progress);
        LearnedPlan ofLatest = Plan(latest, learner), ofRandom = Plan(random, learner);
        List<Trial> trials = [.. latest.Tuning.Trials, .. random.Tuning.Trials];
        if (ofLatest.Metrics is null || ofRandom.Metrics is null)
        {
            return (ofLatest, Name(true), trials);
        }

        (double later, double other) best = (ofLatest.Metrics.Value.Ndcg, ofRandom.Metrics.Value.Ndcg);
        List<(LearnedPlan Plan, string Name, double Loses)> plans =
        [
            (ofLatest, Name(true), OtherCounts * (1 - (random.Judge(ofLatest).Ndcg / best.other))),
            (ofRandom, Name(false), 1 - (latest.Judge(ofRandom).Ndcg / best.later)),
        ];
        if (learner is null && options.Algorithm == Auto)
        {
            LearnedPlan both = Joint(latest, random, ofLatest, ofRandom, best);
            plans.Add((both, $"{Name(true)} and {Name(false)}", Math.Max(1 - (latest.Judge(both).Ndcg / best.later), OtherCounts * (1 - (random.Judge(both).Ndcg / best.other)))));
        }

        foreach ((_, string name, double loses) in plans)
        {
            progress?.Invoke(FormattableString.Invariant($"{options.Algorithm}: what is best for the {name} loses {loses:P1} of NDCG@{ValidationCut} at most"));
        }

        (LearnedPlan chosen, string validation, _) = plans.MinBy(plan => plan.Loses);
        return (chosen, validation, trials);
    }

    /// <summary>The parts of two plans with weights that serve both of their views.</summary>
    private static LearnedPlan Joint(View latest, View random, LearnedPlan ofLatest, LearnedPlan ofRandom, (double Later, double Other) best)
    {
        (IRecommenderLearner Learner, Hyperparameters Settings)[] parts = [.. ofLatest.Parts.Concat(ofRandom.Parts).DistinctBy(part => $"{part.Learner.Algorithm} {part.Settings}")];
        var views = new List<BlendWeights>();
        foreach ((View view, double reached) in new[] { (latest, best.Later), (random, best.Other / OtherCounts) })
        {
            int[] learners = [.. view.Holdout.Users.Where((_, at) => at % 3 != 2).Take(BlendWeights.UsersFor(view.Part.Matrix.Items, parts.Length * 2))];
            var search = new BlendWeights(view.Holdout, learners, 1 / reached);
            foreach ((IRecommenderLearner learner, Hyperparameters settings) in parts)
            {
                search.Add(view.Fit(learner, settings));
            }

            views.Add(search);
        }

        (float[] weights, _) = BlendWeights.Learn(views);
        return LearnedPlan.Blend(parts, weights, null);
    }

    private static IRecommenderLearner[] Named(Action<string>? progress) =>
    [
        new PopularityLearner(), new ItemNeighbourLearner(), new PersonNeighbourLearner(), new EaseLearner(), new ImplicitFactorLearner(), new HybridLearner(), new TwoTowerLearner(),
        new TransitionLearner(), new LinearSequenceLearner(), new SelfAttentionLearner(progress), new TrendLearner(),
    ];

    private static string Name(bool byTime) => byTime ? "latest 20 % by user" : "random 20 % by user";

    private LearnedPlan Plan(View view, IRecommenderLearner? learner)
    {
        if (options.Algorithm is Auto or Sequence)
        {
            return Blend(view);
        }

        Tuned chosen = learner is null ? view.Tuning.Usual(new ImplicitFactorLearner()) : view.Tune(learner);
        return LearnedPlan.Of(chosen);
    }

    /// <summary>Each learner tuned, then blended: weights from two thirds of the held-out users, figures from the other third.</summary>
    private LearnedPlan Blend(View view)
    {
        Holdout holdout = view.Holdout;
        if (holdout.Users.Length < FewestUsersToBlend)
        {
            return LearnedPlan.Of(view.Tune(new ItemNeighbourLearner()));
        }

        bool ordered = HistoryOrder.SaysWhatFollows(view.Data.Matrix);
        IRecommenderLearner[] learned = options.Algorithm == Sequence
            ? _ordered
            : [.. _unordered, .. ordered ? _ordered : [new TransitionLearner()], .. ordered ? [new TrendLearner()] : Array.Empty<IRecommenderLearner>(), .. view.Part.Features is null ? Array.Empty<IRecommenderLearner>() : [new ContentLearner()]];
        Tuned[] parts = [.. learned.Select(view.Tune)];
        (float[] weights, _) = BlendWeights.Learn(Folds(view, parts));
        view.Judged = holdout.Only([.. holdout.Users.Where((_, at) => at % 3 == 2)]);
        RankingMetrics blended = ScorerEvaluation.Evaluate(new BlendScorer([.. parts.Select(part => part.Scorer!)], weights), view.Judged, ValidationCut);
        progress?.Invoke(FormattableString.Invariant(
            $"blend {string.Join(", ", parts.Select((part, p) => FormattableString.Invariant($"{part.Learner.Algorithm} {weights[p]:F2}")))}: NDCG@{ValidationCut} {blended.Ndcg:F4}, recall {blended.Recall:F4}"));
        return LearnedPlan.Blend([.. parts.Select(part => (part.Learner, part.Settings))], weights, blended);
    }

    /// <summary>
    /// What weights are learned from: of a few users one held-out part says too little, and a fifth of few interactions changes which part is best. Such get several smaller random parts.
    /// </summary>
    private List<BlendWeights> Folds(View view, Tuned[] parts)
    {
        Holdout holdout = view.Holdout;
        int count = holdout.ByTime ? 1 : Math.Clamp(UsersOfFolds / holdout.Users.Length, 1, MostFolds);
        var folds = new List<BlendWeights>();
        for (int fold = 0; fold < count; fold++)
        {
            Holdout own = count == 1 ? holdout : Holdout.Split(view.Data.Matrix, options.Seed + 1 + (ulong)fold, false, ValidationUsers, FoldShare);
            int[] learners = [.. own.Users.Where((_, at) => at % 3 != 2).Take(BlendWeights.UsersFor(own.Train.Items, parts.Length * count))];
            var search = new BlendWeights(own, learners);
            TrainingData part = view.Data.On(own.Train);
            foreach (Tuned tuned in parts)
            {
                search.Add(count == 1 ? tuned.Scorer! : tuned.Learner.Fit(part, tuned.Settings));
            }

            folds.Add(search);
        }

        return folds;
    }

    /// <summary>One way to hold out, and what is tuned with it.</summary>
    private sealed class View
    {
        private readonly Dictionary<string, IHistoryScorer> _fitted = [];

        public View(TrainingData data, bool byTime, RecommenderOptions options, TimeProvider time, Action<string>? progress)
        {
            Holdout = Judged = Holdout.Split(data.Matrix, options.Seed, byTime, ValidationUsers);
            Data = data;
            Part = data.On(Holdout.Train);
            Tuning = new LearnerTuning(Holdout, Part, options.Fixed, time, progress);
        }

        public Holdout Holdout { get; }

        /// <summary>The users that figures are of.</summary>
        public Holdout Judged { get; set; }

        public TrainingData Data { get; }

        public TrainingData Part { get; }

        public LearnerTuning Tuning { get; }

        public RankingMetrics Judge(LearnedPlan plan) => ScorerEvaluation.Evaluate(plan.Fit(Fit), Judged, ValidationCut);

        public Tuned Tune(IRecommenderLearner learner)
        {
            Tuned tuned = Tuning.Tune(learner);
            if (tuned.Scorer is { } scorer)
            {
                _fitted[Key(learner, tuned.Settings)] = scorer;
            }

            return tuned;
        }

        /// <summary>A learner on what is not held out: what it was tuned to, or learned when it is first asked for.</summary>
        public IHistoryScorer Fit(IRecommenderLearner learner, Hyperparameters settings)
        {
            ref IHistoryScorer? scorer = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(_fitted, Key(learner, settings), out _);
            return scorer ??= learner.Fit(Part, settings);
        }

        private static string Key(IRecommenderLearner learner, Hyperparameters settings) => $"{learner.Algorithm} {settings}";
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
