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

    /// <summary>Hold out the latest items of a history, or random ones; null for the latest where histories say what follows what.</summary>
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

    /// <summary>Share of what there is that learning can do without for a while.</summary>
    private const double SmallShare = 0.03;

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
        (features, IReadOnlyDictionary<string, double>? modalities) = Fused(features, set.Matrix);
        var data = new TrainingData(set.Matrix, features, options.Seed);
        (LearnedPlan plan, View view, string validation) = Choose(data, learner);
        List<Trial> trials = view.Tuning.Trials;
        float[] leaning = new float[ShortHistories.Lengths.Length];
        if (learner is not PopularityLearner && plan.Validated is not null)
        {
            (plan, leaning) = view.OfShortHistories(plan, options.Seed);
        }

        progress?.Invoke($"{options.Algorithm}: learning on all data, chosen by the {validation}: {string.Join(", ", plan.Chosen.Select(c => FormattableString.Invariant($"{c.Key} {c.Value}")))}");
        IHistoryScorer scorer = Leaning(view.Final(plan), leaning, set.Matrix);
        (RatingPosterior Posterior, List<RatingTrial> Trials)? ratings = rates
            ? RatingLearning.Learn(set.Matrix, set.Quality.Scale!, features, options.Fixed, options.Seed, progress)
            : null;
        RecommenderModel model = Model(set, data, scorer, ratings is { } learnedRatings ? new RatingModel(set.Users, learnedRatings.Posterior) : null);
        var report = new RecommenderReport
        {
            Algorithm = options.Algorithm,
            Seed = options.Seed,
            DataQuality = set.Quality,
            Validation = validation,
            Metrics = plan.Metrics,
            Chosen = plan.Chosen,
            Trials = trials,
            ShortHistories = ByLength(leaning),
            ShortBlends = plan.Shorter,
            RatingTrials = ratings?.Trials,
            Modalities = modalities,
            Warnings = Warnings(set),
            Seconds = time.GetElapsedTime(started).TotalSeconds,
        };
        return (model, report);
    }

    /// <summary>
    /// Learns what came after an earlier model's data, and what it knew with it: the earlier settings and weights, each part from where it was if it can go on from there. Nothing is tuned,
    /// so that this takes a part of the time; learn anew now and then.
    /// </summary>
    /// <param name="set">All interactions, the earlier ones too.</param>
    /// <exception cref="InputException">The earlier model cannot be gone on from, or there is nothing new.</exception>
    public (RecommenderModel Model, RecommenderReport Report) Refit(InteractionSet set, ItemFeatures? features, EarlierRecommender earlier)
    {
        if (options.Algorithm != earlier.Algorithm)
        {
            throw new InputException($"The earlier model was learned by '{earlier.Algorithm}' and '{options.Algorithm}' was asked for; expected the same.");
        }

        long started = time.GetTimestamp(), since = earlier.Latest.ToUnixTimeMilliseconds();
        int fresh = 0;
        foreach (HistoryEntry entry in set.Matrix.Entries)
        {
            fresh += entry.Time > since ? 1 : 0;
        }

        if (fresh == 0)
        {
            throw new InputException($"There is nothing new: the earlier model has seen all up to {earlier.Latest:O}; expected interactions after that.");
        }

        (features, IReadOnlyDictionary<string, double>? modalities) = Fused(features, set.Matrix);
        EarlierFit from = earlier.On(set);
        IRecommenderLearner alone = _learners.FirstOrDefault(one => one.Algorithm == options.Algorithm) ?? (options.Algorithm == MatrixFactorization ? new ImplicitFactorLearner() : new ItemNeighbourLearner());
        LearnedPlan plan = LearnedPlan.Of(earlier, from.Scorer, alone, [.. _unordered, .. _ordered, new TrendLearner(), new ContentLearner()])
            ?? throw new InputException($"The earlier '{earlier.Algorithm}' model does not consist of what its report says. Learn once without it.");
        var data = new TrainingData(set.Matrix, features, options.Seed);
        Holdout holdout = Holdout.Split(set.Matrix, options.Seed, byTime: true, ValidationUsers, since: since);
        RankingMetrics? metrics = null, before = null;
        (double Mean, double Error)? difference = null;
        if (holdout.Users.Length > 0)
        {
            progress?.Invoke($"{options.Algorithm}: going on from {earlier.Latest:O} with {fresh} new interactions, some of the newest held out");
            RankingMetrics[] own = ScorerEvaluation.Each(Leaning(plan.Refit(data.On(holdout.Train), from), earlier.Leaning, holdout.Train), holdout, ValidationCut);
            RankingMetrics[] theirs = ScorerEvaluation.Each(earlier.Scorer(set), holdout, ValidationCut);
            (metrics, before) = (ScorerEvaluation.Mean(own), ScorerEvaluation.Mean(theirs));
            difference = PairedDifference.Of(own, theirs);
        }

        progress?.Invoke($"{options.Algorithm}: going on from {earlier.Latest:O} with all of them");
        IHistoryScorer scorer = Leaning(plan.Refit(data, from), earlier.Leaning, set.Matrix);
        RatingModel? ratings = set.Matrix.HasRatings && options.Algorithm is Auto or MatrixFactorization
            ? new RatingModel(set.Users, RatingLearning.Learn(set.Matrix, set.Quality.Scale!, features, options.Fixed, options.Seed, progress).Posterior)
            : null;
        var report = new RecommenderReport
        {
            Algorithm = options.Algorithm,
            Seed = options.Seed,
            DataQuality = set.Quality,
            Validation = "latest 20 % of what is new of half of the users, at most " + Holdout.MostLatest,
            Metrics = metrics,
            Chosen = plan.Chosen,
            ShortHistories = ByLength(earlier.Leaning),
            ShortBlends = plan.Shorter,
            Refit = new RefitComparison(earlier.Latest, fresh, before, difference?.Mean, difference?.Error),
            Modalities = modalities,
            Warnings = Warnings(set),
            Seconds = time.GetElapsedTime(started).TotalSeconds,
        };
        return (Model(set, data, scorer, ratings), report);
    }

    private (ItemFeatures? Features, IReadOnlyDictionary<string, double>? Gates) Fused(ItemFeatures? features, InteractionMatrix matrix)
    {
        if (features is null or { Vectors.Count: 0 })
        {
            return (features, null);
        }

        (ItemFeatures fused, IReadOnlyDictionary<string, double> gates) = ModalityFusion.Fuse(features, matrix, options.Seed);
        progress?.Invoke($"likeness of items: {string.Join(", ", gates.Select(gate => FormattableString.Invariant($"{gate.Key} {gate.Value:F2}")))}");
        return (fused, gates);
    }

    private RecommenderModel Model(InteractionSet set, TrainingData data, IHistoryScorer scorer, RatingModel? ratings) => new(
        options.Algorithm,
        set.Items,
        ContentLearner.Reaching(scorer, data),
        new PopularityScorer(ScorerEvaluation.Popularity(set.Matrix)),
        ratings);

    private static IHistoryScorer Leaning(IHistoryScorer scorer, float[] leaning, InteractionMatrix matrix) =>
        leaning.Any(weight => weight > 0) ? new ShortHistoryScorer(scorer, ScorerEvaluation.Popularity(matrix), ShortHistories.Lengths, leaning) : scorer;

    private static Dictionary<string, double> ByLength(float[] leaning) =>
        ShortHistories.Lengths.Zip(leaning).ToDictionary(pair => pair.First.ToString(System.Globalization.CultureInfo.InvariantCulture), pair => (double)pair.Second);

    /// <summary>
    /// By the latest items or by random ones, as asked; if that was not asked, by the latest where histories say what follows what. They do not where a person rated a hundred films in an evening:
    /// what is best for the latest of those is far off for whatever else they like.
    /// </summary>
    private (LearnedPlan Plan, View View, string Validation) Choose(TrainingData data, IRecommenderLearner? learner)
    {
        bool onlyOrdered = options.Algorithm == Sequence || learner is TransitionLearner or LinearSequenceLearner or SelfAttentionLearner or TrendLearner;
        bool byTime = options.ValidateByTime ?? (onlyOrdered ? data.Matrix.HasTimes : HistoryOrder.SaysWhatFollows(data.Matrix));
        var view = new View(data, byTime, options, time, progress);
        return (Plan(view, learner), view, byTime ? "latest 20 % by user, at most " + Holdout.MostLatest : "random 20 % by user");
    }

    private static IRecommenderLearner[] Named(Action<string>? progress) =>
    [
        new PopularityLearner(), new ItemNeighbourLearner(), new PersonNeighbourLearner(), new EaseLearner(), new ImplicitFactorLearner(), new HybridLearner(), new TwoTowerLearner(),
        new TransitionLearner(), new LinearSequenceLearner(), new SelfAttentionLearner(progress), new TrendLearner(),
    ];

    private LearnedPlan Plan(View view, IRecommenderLearner? learner)
    {
        if (options.Algorithm is Auto or Sequence)
        {
            return Blend(view);
        }

        Tuned chosen = learner is null ? view.Tuning.Usual(new ImplicitFactorLearner()) : view.Tuning.Tune(learner);
        return LearnedPlan.Of(chosen);
    }

    /// <summary>Each learner tuned, then blended: weights from two thirds of the held-out users, figures from the other third.</summary>
    private LearnedPlan Blend(View view)
    {
        Holdout holdout = view.Holdout;
        if (holdout.Users.Length < FewestUsersToBlend)
        {
            return LearnedPlan.Of(view.Tuning.Tune(new ItemNeighbourLearner()));
        }

        bool ordered = HistoryOrder.SaysWhatFollows(view.Data.Matrix);
        IRecommenderLearner[] learned = options.Algorithm == Sequence
            ? _ordered
            : [.. _unordered, .. ordered ? _ordered : [new TransitionLearner()], .. ordered ? [new TrendLearner()] : Array.Empty<IRecommenderLearner>(), .. view.Part.Features is null ? Array.Empty<IRecommenderLearner>() : [new ContentLearner()]];
        Tuned[] parts = [.. learned.Select(view.Tuning.Tune)];
        (float[] weights, _) = BlendWeights.Learn(Folds(view, parts));
        Holdout judged = holdout.Only([.. holdout.Users.Where((_, at) => at % 3 == 2)]);
        RankingMetrics blended = ScorerEvaluation.Evaluate(new BlendScorer([.. parts.Select(part => part.Scorer!)], weights), judged, ValidationCut);
        progress?.Invoke(FormattableString.Invariant(
            $"blend {string.Join(", ", parts.Select((part, p) => FormattableString.Invariant($"{part.Learner.Algorithm} {weights[p]:F2}")))}: NDCG@{ValidationCut} {blended.Ndcg:F4}, recall {blended.Recall:F4}"));
        return LearnedPlan.Blend(parts, weights, blended);
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
        private readonly int[] _newcomers;

        // Validation learns without the newcomers too, so that nothing has to be learned once more for them.
        private readonly bool _apart;

        public View(TrainingData data, bool byTime, RecommenderOptions options, TimeProvider time, Action<string>? progress)
        {
            _newcomers = Newcomers.Choose(data.Matrix, options.Seed);
            _apart = _newcomers.Length <= SmallShare * data.Matrix.Users;
            Holdout = Holdout.Split(data.Matrix, options.Seed, byTime, ValidationUsers, apart: _apart ? _newcomers : []);
            Data = data;
            Part = data.On(Holdout.Train);
            Tuning = new LearnerTuning(Holdout, Part, options.Fixed, time, progress);
        }

        public Holdout Holdout { get; }

        public TrainingData Data { get; }

        public TrainingData Part { get; }

        public LearnerTuning Tuning { get; }

        /// <summary>What a plan's parts weigh while a history is short, and how much it should lean on popularity then.</summary>
        public (LearnedPlan Plan, float[] Leaning) OfShortHistories(LearnedPlan plan, ulong seed)
        {
            if (_newcomers.Length == 0)
            {
                return (plan, new float[ShortHistories.Lengths.Length]);
            }

            InteractionMatrix known = _apart ? Holdout.Train : Data.Matrix.Replace(_newcomers.ToDictionary(user => user, _ => Array.Empty<HistoryEntry>()));
            var newcomers = new Newcomers(Data.Matrix, known, _newcomers, Holdout.ByTime, seed);
            IHistoryScorer scorer = _apart ? plan.Validated! : plan.Fit(Data.On(known));
            if (plan.IsBlend)
            {
                var blend = (BlendScorer)scorer;
                plan = plan.With(ShortBlends.Learn(blend, Holdout, newcomers));
                scorer = plan.Joined(blend.Parts);
            }

            return (plan, ShortHistories.Learn(scorer, newcomers));
        }

        /// <summary>A plan learned on all data: from where validation left it where that has seen nearly all of them.</summary>
        public IHistoryScorer Final(LearnedPlan plan) => plan.Validated is { } validated && Holdout.Train.Count >= (1 - SmallShare) * Data.Matrix.Count
            ? plan.Refit(Data, EarlierFit.OfPart(validated, Holdout.Train))
            : plan.Fit(Data);
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
