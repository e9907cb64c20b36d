using System.Security.Cryptography;
using System.Text.Json;
using KnowledgePay.Decisions.Recommending.Models;
using KnowledgePay.Learning.Files;
using KnowledgePay.Learning.Interactions;
using KnowledgePay.Learning.ModelFiles;
using KnowledgePay.Learning.Ranking;
using KnowledgePay.Learning.Recommenders;

namespace KnowledgePay.Server.Models;

/// <summary>A model that was learned, before it has a version.</summary>
public sealed record LearnedModel(byte[] Bytes, string Sha256, string Report, TrainedOn TrainedOn, HoldoutMetrics? Metrics, HoldoutMetrics? Baseline);

/// <summary>Learns a recommender from the journal, with the learners that <c>kpay learn recommender</c> has.</summary>
public sealed class RecommenderTraining(JournalInteractions journal, TimeProvider time)
{
    public const string DefaultAlgorithm = "ease";

    /// <summary>People who must have taken something, and courses that must have been taken, before there is anything to learn.</summary>
    public const int FewestPeople = 20;
    public const int FewestCourses = 5;

    private const double ReadingShare = 0.3;

    /// <summary>Beside the crowd's co-occurrence as it is now, chosen on <c>mooc</c>: a blend holds such co-occurrence already, a single model wants it at its side.</summary>
    private const float BlendShare = 0.8f, SingleShare = 0.25f;

    /// <summary>Algorithms that rank; what predicts ratings alone is not among them.</summary>
    public static IReadOnlyList<string> Algorithms { get; } = [.. RecommenderLearning.Algorithms.Where(a => a != RecommenderLearning.MatrixFactorization)];

    /// <param name="progress">Told the share that is done and what is being done.</param>
    /// <exception cref="InputException">There is too little to learn from.</exception>
    public async Task<LearnedModel> Learn(string algorithm, long seed, Action<double, string> progress, CancellationToken cancellation)
    {
        (InteractionSet set, long events) = await journal.Read(share => progress(ReadingShare * share, "reading the journal"), cancellation);
        if (set.Users.Count < FewestPeople || set.Items.Count < FewestCourses)
        {
            throw new InputException(
                $"There is too little to learn from: {set.Users.Count} people (who let their data be used so) took {set.Items.Count} courses; expected at least {FewestPeople} people and {FewestCourses} courses.");
        }

        double done = ReadingShare;
        // What is served next is what people take next.
        var options = new RecommenderOptions { Algorithm = algorithm, Seed = unchecked((ulong)seed), ValidateByTime = set.Matrix.HasTimes };
        // Learning knows no end of its own: each step takes half of what is left.
        var learning = new RecommenderLearning(options, time, step => progress(done += (0.95 - done) / 2, step));
        (RecommenderModel model, RecommenderReport report) = await Task.Factory.StartNew(
            () => learning.Learn(set, features: null), cancellation, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        progress(0.96, "storing the model");
        byte[] bytes = Bytes(model);
        return new LearnedModel(
            bytes,
            Convert.ToHexStringLower(SHA256.HashData(bytes)),
            report.ToJson(),
            new TrainedOn(events, set.Users.Count, set.Items.Count, set.Matrix.Count, set.Quality.Earliest, set.Quality.Latest),
            Metrics(report.Metrics),
            Baseline(set, options.Seed));
    }

    /// <exception cref="InputException">The bytes are no recommender that this program reads.</exception>
    public static LearnedRecommender Open(ModelVersion version, byte[] bytes)
    {
        string directory = Directory.CreateTempSubdirectory("kpay-model-").FullName;
        try
        {
            File.WriteAllBytes(Path.Combine(directory, ModelFile.Name), bytes);
            var model = RecommenderModel.Load(directory);
            return new LearnedRecommender($"{version.Algorithm}/{version.Version}", model.Scorer, model.Items.Ids, version.Algorithm == RecommenderLearning.Auto ? BlendShare : SingleShare);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static byte[] Bytes(RecommenderModel model)
    {
        string directory = Directory.CreateTempSubdirectory("kpay-model-").FullName;
        try
        {
            model.Save(directory);
            return File.ReadAllBytes(Path.Combine(directory, ModelFile.Name));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    /// <summary>Popularity on the part that learning held out: the same split, since it is made from the seed.</summary>
    private static HoldoutMetrics? Baseline(InteractionSet set, ulong seed)
    {
        Holdout holdout = Holdout.Split(set.Matrix, seed, set.Matrix.HasTimes, RecommenderLearning.ValidationUsers);
        return holdout.Users.Length == 0
            ? null
            : Metrics(ScorerEvaluation.Evaluate(new PopularityScorer(ScorerEvaluation.Popularity(holdout.Train)), holdout, RecommenderLearning.ValidationCut));
    }

    private static HoldoutMetrics? Metrics(RankingMetrics? metrics) => metrics is { Users: > 0 } found
        ? new HoldoutMetrics(RecommenderLearning.ValidationCut, Math.Round(found.Recall, 6), Math.Round(found.Ndcg, 6), found.Users)
        : null;
}
