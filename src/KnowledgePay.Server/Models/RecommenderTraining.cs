using System.Globalization;
using KnowledgePay.Decisions.Recommending.Models;
using KnowledgePay.Grains.Catalogue;
using KnowledgePay.Grains.Models;
using KnowledgePay.Learning.Files;
using KnowledgePay.Learning.Interactions;
using KnowledgePay.Learning.Items;
using KnowledgePay.Learning.Ranking;
using KnowledgePay.Learning.Recommenders;

namespace KnowledgePay.Server.Models;

/// <summary>Learns a recommender from the journal, with the learners that <c>kpay learn recommender</c> has.</summary>
public sealed class RecommenderTraining(JournalInteractions journal, ICatalogue catalogue, RecommenderFiles files, ServedModels served, TimeProvider time) : IModelTraining
{
    /// <summary>People who must have taken something, and courses that must have been taken, before there is anything to learn.</summary>
    public const int FewestPeople = 20;
    public const int FewestCourses = 5;

    /// <summary>People with something new that was held out, without whom a refit is not judged: fewer say nothing.</summary>
    public const int FewestJudges = 20;

    private const double ReadingShare = 0.3;

    /// <summary>Beside the crowd's co-occurrence as it is now, chosen on <c>mooc</c>: a blend holds such co-occurrence already, a single model wants it at its side.</summary>
    private const float BlendShare = 0.8f, SingleShare = 0.25f;

    /// <summary>Algorithms that rank; what predicts ratings alone is not among them.</summary>
    public IReadOnlyList<string> Algorithms { get; } = [.. RecommenderLearning.Algorithms.Where(a => a != RecommenderLearning.MatrixFactorization)];

    public string Kind => ModelKinds.Recommender;

    /// <summary>Takes seconds.</summary>
    public string DefaultAlgorithm => "ease";

    public string IntendedUse => "Ranks courses for people who consented to personalisation, from the courses that they took. Not for prices, credit or offers.";

    public IReadOnlyList<string> Limitations { get; } =
    [
        "Courses that nobody had taken when it was learned are ranked by their likeness to those that people took; ones that came later have no score here: text, trend and exploration bring them up.",
        "It repeats what people took, with whatever the lists that they were shown made of that: that lower places are looked at less is corrected for, what was never shown is not.",
    ];

    public string? Gate(ModelVersion version)
    {
        if (version.Metrics is not { Ndcg: { } ndcg } metrics || version.Baseline?.Ndcg is not { } popularity)
        {
            return "Nothing could be held out of the data that it was learned from, so that nothing is known of how well it ranks.";
        }

        if (version.Refit is not null && metrics.People < FewestJudges)
        {
            return $"Only {metrics.People} people, with what they took last, were there to judge it by; expected {FewestJudges}. The next one has more.";
        }

        if (ndcg < popularity)
        {
            return string.Create(CultureInfo.InvariantCulture, $"Its NDCG@{metrics.Cut} on the held-out part is {ndcg:F4}; popularity alone has {popularity:F4} there.");
        }

        return version.Refit is { Difference: { } difference, StandardError: { } error } refit && RefitComparison.IsWorseBy(difference, error)
            ? string.Create(CultureInfo.InvariantCulture, $"Its NDCG@{metrics.Cut} on the newest interactions is {-difference:F4} (standard error {error:F4}) below that of version {refit.From}, which it went on from.")
            : null;
    }

    public void Serve(ModelVersion version, byte[] bytes) => served.Recommender = Open(version, bytes);

    public bool CanBeTried => true;

    public bool CanDecideOnTrial => true;

    public void Try(ModelVersion? challenger, byte[] bytes) =>
        served.RecommenderTrial = challenger is { Trial: { } trial } ? new RecommenderTrial(Open(challenger, bytes), trial.Name, trial.Share) : null;

    public bool CanRefit => true;

    public Task<LearnedModel> Learn(string algorithm, long seed, Action<double, string> progress, CancellationToken cancellation) =>
        Learn(algorithm, seed, (learning, set, features) => learning.Learn(set, features), null, progress, cancellation);

    public Task<LearnedModel> Refit(ModelVersion earlier, byte[] bytes, long seed, Action<double, string> progress, CancellationToken cancellation)
    {
        var from = EarlierRecommender.Of(files.Read(bytes), earlier.Report, $"Version {earlier.Version}");
        return Learn(earlier.Algorithm, seed, (learning, set, features) => learning.Refit(set, features, from), (earlier, from.Latest), progress, cancellation);
    }

    private async Task<LearnedModel> Learn(
        string algorithm,
        long seed,
        Func<RecommenderLearning, InteractionSet, ItemFeatures, (RecommenderModel, RecommenderReport)> learn,
        (ModelVersion Version, DateTimeOffset Latest)? earlier,
        Action<double, string> progress,
        CancellationToken cancellation)
    {
        (InteractionSet set, long events, PlaceBias bias) = await journal.Read(share => progress(ReadingShare * share, "reading the journal"), cancellation);
        if (set.Users.Count < FewestPeople || set.Items.Count < FewestCourses)
        {
            throw new InputException(
                $"There is too little to learn from: {set.Users.Count} people (who let their data be used so) took {set.Items.Count} courses; expected at least {FewestPeople} people and {FewestCourses} courses.");
        }

        // With a course that nobody took comes what is known of it: it is ranked by its likeness to others.
        DateTimeOffset now = time.GetUtcNow();
        ItemFeatures features = CourseItems.Of(catalogue.Current.Courses.Where(entry => entry?.IsPublished(now) == true).Select(entry => entry!.Course), set.Items);
        set = set.WithAddedItems();
        double done = ReadingShare;
        // What is served next is what people take next.
        var options = new RecommenderOptions { Algorithm = algorithm, Seed = unchecked((ulong)seed), ValidateByTime = set.Matrix.HasTimes };
        // Learning knows no end of its own: each step takes half of what is left.
        var learning = new RecommenderLearning(options, time, step => progress(done += (0.95 - done) / 2, step));
        (RecommenderModel model, RecommenderReport report) = await Task.Factory.StartNew(
            () => learn(learning, set, features), cancellation, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        progress(0.96, "storing the model");
        byte[] bytes = files.Write(model);
        return new LearnedModel(
            bytes,
            report.ToJson(),
            new TrainedOn(events, set.Users.Count, set.Quality.Items, set.Matrix.Count, set.Quality.Earliest, set.Quality.Latest)
            {
                Places = new PlacesCorrected(Math.Round(bias.Exponent, 4), Math.Round(bias.StandardError, 4), bias.Observations),
                Weighted = set.Matrix.Weights?.Count ?? 0,
            },
            Metrics(report.Metrics),
            Baseline(set, options.Seed, earlier?.Latest))
        {
            Refit = report.Refit is { } refit && earlier is { Version: { } from }
                ? new RefitOf(from.Version, (from.Refit?.Count ?? 0) + 1, Metrics(refit.Earlier), Rounded(refit.Difference), Rounded(refit.StandardError))
                : null,
        };
    }

    private LearnedRecommender Open(ModelVersion version, byte[] bytes)
    {
        RecommenderModel model = files.Read(bytes);
        return new LearnedRecommender(version.Name, model.Scorer, model.Items.Ids, version.Algorithm == RecommenderLearning.Auto ? BlendShare : SingleShare);
    }

    private static double? Rounded(double? value) => value is { } some ? Math.Round(some, 6) : null;

    /// <summary>Popularity on the part that learning held out: the same split, since it is made from the seed.</summary>
    private static HoldoutMetrics? Baseline(InteractionSet set, ulong seed, DateTimeOffset? since)
    {
        Holdout holdout = Holdout.Split(set.Matrix, seed, set.Matrix.HasTimes, RecommenderLearning.ValidationUsers, since: since?.ToUnixTimeMilliseconds());
        return holdout.Users.Length == 0
            ? null
            : Metrics(ScorerEvaluation.Evaluate(new PopularityScorer(ScorerEvaluation.Popularity(holdout.Train)), holdout, RecommenderLearning.ValidationCut));
    }

    internal static HoldoutMetrics? Metrics(RankingMetrics? metrics) => metrics is { Users: > 0 } found
        ? new HoldoutMetrics(RecommenderLearning.ValidationCut, Math.Round(found.Recall, 6), Math.Round(found.Ndcg, 6), found.Users)
        : null;
}
