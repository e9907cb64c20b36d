using System.Text.Json;
using KnowledgePay.Decisions.Recommending.Models;
using KnowledgePay.Learning.Files;
using KnowledgePay.Learning.Interactions;
using KnowledgePay.Learning.Ranking;
using KnowledgePay.Learning.Recommenders;

namespace KnowledgePay.Server.Models;

/// <summary>Takes in a recommender that was learned elsewhere, and measures it on what people here took last.</summary>
public sealed class RecommenderUpload(ModelStore models, RecommenderFiles files, JournalInteractions journal, RecommenderTraining training, TimeProvider time)
{
    private const ulong Seed = 1;

    /// <param name="bytes">A <c>model.kpm</c> as <c>kpay learn recommender</c> and <c>kpay import-model</c> write it.</param>
    /// <exception cref="InputException">It is none that this program reads.</exception>
    public async Task<ModelVersion> Add(byte[] bytes, string by, CancellationToken cancellation)
    {
        RecommenderModel model = files.Read(bytes);
        (InteractionSet set, _, _) = await journal.Read(_ => { }, cancellation);
        (RankingMetrics own, RankingMetrics popularity) = await Task.Factory.StartNew(() => Measure(model, set), cancellation, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        string report = JsonSerializer.Serialize(
            new { kind = ModelKinds.Recommender, algorithm = model.Algorithm, source = "upload", items = model.Items.Count, known = model.Items.Ids.Count(id => set.Items.Find(id) >= 0), measuredOn = own.Users }, JsonSerializerOptions.Web);
        return await models.Add(
            number => new ModelVersion
            {
                Kind = ModelKinds.Recommender,
                Version = number,
                Algorithm = model.Algorithm,
                Status = ModelStatus.Candidate,
                CreatedAt = time.GetUtcNow(),
                CreatedBy = by,
                TrainingRunId = "upload",
                IntendedUse = training.IntendedUse,
                Limitations = [.. training.Limitations, "It was learned elsewhere: from what is not known here, and it may have seen what it was measured on."],
                TrainedOn = new TrainedOn(0, 0, 0, 0, null, null),
                Metrics = RecommenderTraining.Metrics(own),
                Baseline = RecommenderTraining.Metrics(popularity),
                Bytes = bytes.Length,
                Sha256 = LearnedModel.HashOf(bytes),
                Report = report,
            },
            bytes,
            cancellation);
    }

    /// <summary>The model and popularity on the latest items of people's histories; an item that the model does not know is one that it misses.</summary>
    private static (RankingMetrics Own, RankingMetrics Popularity) Measure(RecommenderModel model, InteractionSet set)
    {
        Holdout holdout = Holdout.Split(set.Matrix, Seed, set.Matrix.HasTimes, RecommenderLearning.ValidationUsers);
        if (holdout.Users.Length == 0)
        {
            return (default, default);
        }

        int[] itemOf = [.. Enumerable.Range(0, set.Items.Count).Select(item => model.Items.Find(set.Items[item]))];
        return (
            ScorerEvaluation.Evaluate(new RenumberedScorer(model, itemOf), holdout, RecommenderLearning.ValidationCut),
            ScorerEvaluation.Evaluate(new PopularityScorer(ScorerEvaluation.Popularity(holdout.Train)), holdout, RecommenderLearning.ValidationCut));
    }
}
