using System.Globalization;
using System.Text.Json.Nodes;
using KnowledgePay.Grains.Models;
using KnowledgePay.Grains.Users;
using KnowledgePay.Learning.Segments;

namespace KnowledgePay.Server.Models;

/// <summary>Learns segments from how people are now.</summary>
public sealed class SegmenterTraining(JournalPeople people, ServedModels served, DecisionSettings settings, TimeProvider time) : IModelTraining
{
    private const double ReadingShare = 0.5;
    private const double LearningShare = 0.45;

    /// <summary>Mean adjusted Rand index below which bootstrap samples of the same people give other segments.</summary>
    private const double LeastStability = 0.6;

    public string Kind => ModelKinds.Segmenter;

    public IReadOnlyList<string> Algorithms { get; } = ["kmeans", "gan-kmeans", "dbscan"];

    public string DefaultAlgorithm => "kmeans";

    public string IntendedUse => "Says beside the segment by rules which learned segment a person is in, for reports and for the eligibility of partners' offers (learnedSegment). Not for prices and credit.";

    public IReadOnlyList<string> Limitations { get; } =
    [
        "Only people who were seen and did not refuse personalisation have a segment.",
        "Names are words for what stands out among those who were there when it was learned; another version may have other segments under other names.",
        "Age and occupation are read where people said them; gender, region, income, loans and payment risk are not.",
    ];

    public async Task<LearnedModel> Learn(string algorithm, long seed, Action<double, string> progress, CancellationToken cancellation)
    {
        long started = time.GetTimestamp();
        PeopleNow read = await people.Read(unchecked((ulong)seed), share => progress(ReadingShare * share, "reading the journal"), cancellation);
        progress(ReadingShare, "learning");
        LearnedPersonSegments learned = await Task.Factory.StartNew(
            () => PersonSegments.Train(
                read.People,
                new SegmentSettings { Algorithm = algorithm, Seed = unchecked((ulong)seed) },
                share => progress(ReadingShare + (LearningShare * share), "learning"),
                cancellation),
            cancellation, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        progress(ReadingShare + LearningShare, "storing the model");
        byte[] bytes = ModelArchive.Pack(learned.Model.Write);
        JsonObject report = learned.Report;
        report["algorithm"] = algorithm;
        report["people"] = read.People.Count;
        report["peopleSeen"] = read.Seen;
        report["seconds"] = Math.Round(time.GetElapsedTime(started).TotalSeconds, 2);
        return new LearnedModel(
            bytes,
            report.ToJsonString(),
            read.TrainedOn,
            new HoldoutMetrics(null, null, null, read.People.Count) { Silhouette = learned.Silhouette, Stability = learned.Stability },
            new HoldoutMetrics(null, null, null, read.People.Count) { Silhouette = learned.RuleSilhouette });
    }

    public string? Gate(ModelVersion version)
    {
        if (version.Metrics?.Silhouette is not { } silhouette)
        {
            return "Its people are all of one segment, so that it tells nobody apart.";
        }

        return version.Metrics.Stability is { } stability && stability < LeastStability
            ? string.Create(CultureInfo.InvariantCulture, $"Bootstrap samples of the same people give other segments: an adjusted Rand index of {stability:F2} on average; at least {LeastStability} is asked.")
            : version.Baseline?.Silhouette is { } rules && silhouette < rules
                ? string.Create(CultureInfo.InvariantCulture, $"Its silhouette is {silhouette:F4}; the segments by rules have {rules:F4}.")
                : null;
    }

    public void Serve(ModelVersion version, byte[] bytes) => served.Segments = PersonSegments.Serving(
        ModelArchive.Unpack(bytes, SegmentModel.Read), version.Name, settings.Credit.Scale);
}
