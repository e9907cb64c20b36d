using System.Globalization;
using System.Text.Json.Nodes;
using KnowledgePay.Grains.Models;
using KnowledgePay.Grains.Users;
using KnowledgePay.Learning.Files;
using KnowledgePay.Learning.Uplift;

namespace KnowledgePay.Server.Models;

/// <summary>Learns from offers held out by lot what difference it makes to show them.</summary>
public sealed class UpliftTraining(JournalOffers offers, ServedModels served, DecisionSettings settings, TimeProvider time) : IModelTraining
{
    private const string Auto = "auto";
    private const double ReadingShare = 0.4;
    private const double LearningShare = 0.55;

    public string Kind => ModelKinds.Uplift;

    public IReadOnlyList<string> Algorithms { get; } = [Auto];

    public string DefaultAlgorithm => Auto;

    public string IntendedUse =>
        "Part of what partners' offers are ranked by: the purchases that showing one brings about, or costs. Eligibility, suitability and contact limits stand before it. Not for prices and credit.";

    public IReadOnlyList<string> Limitations { get; } =
    [
        "It is of purchases within the window after an offer; what an offer does later, or to other people, is not known.",
        "It learned from people who let partners know of them, while a share of the offers was held out by lot (KnowledgePay:Decisions:Offers:HoldOutShare).",
        "Age, gender, region, occupation, education and income are not in it.",
    ];

    public async Task<LearnedModel> Learn(string algorithm, long seed, Action<double, string> progress, CancellationToken cancellation)
    {
        long started = time.GetTimestamp();
        OfferOutcomes read = await offers.Read(share => progress(ReadingShare * share, "reading the journal"), cancellation);
        if (!read.Cases.Any(one => !one.Shown))
        {
            throw new InputException(string.Create(
                CultureInfo.InvariantCulture,
                $"There is too little to learn from: none of {read.Cases.Count} offers was held out{(settings.Offers.HoldOutShare > 0 ? "" : "; KnowledgePay:Decisions:Offers:HoldOutShare is 0, so that none is")}. {read.Young} are too young."));
        }

        progress(ReadingShare, "learning");
        LearnedOfferUplift learned = await Task.Factory.StartNew(
            () => OfferUplift.Train(read.Cases, unchecked((ulong)seed), share => progress(ReadingShare + (LearningShare * share), "learning"), cancellation),
            cancellation, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        progress(ReadingShare + LearningShare, "storing the model");
        byte[] bytes = ModelArchive.Pack(learned.Model.Write);
        JsonObject report = learned.Report;
        report["algorithm"] = algorithm;
        report["offers"] = read.Cases.Count;
        report["tooYoung"] = read.Young;
        report["seconds"] = Math.Round(time.GetElapsedTime(started).TotalSeconds, 2);
        return new LearnedModel(
            bytes,
            report.ToJsonString(),
            read.TrainedOn,
            new HoldoutMetrics(null, null, null, read.TrainedOn.People) { Qini = learned.Qini, QiniLow = learned.QiniLow },
            new HoldoutMetrics(null, null, null, read.TrainedOn.People) { Qini = 0 });
    }

    public string? Gate(ModelVersion version) => version.Metrics?.QiniLow is not { } low
        ? "Nothing is known of how well it does on offers that it did not see."
        : low > 0
            ? null
            : string.Create(CultureInfo.InvariantCulture, $"Who gains by an offer cannot be told from who does not: the interval of its Qini coefficient ({version.Metrics.Qini:F3}) begins at {low:F3}; expected above 0.");

    public void Serve(ModelVersion version, byte[] bytes) => served.Uplift = OfferUplift.Serving(
        ModelArchive.Unpack(bytes, UpliftModel.Read), version.Name);
}
