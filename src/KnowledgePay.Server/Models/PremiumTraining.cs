using System.Globalization;
using System.Text.Json.Nodes;
using KnowledgePay.Grains.Models;
using KnowledgePay.Learning.Premium;

namespace KnowledgePay.Server.Models;

/// <summary>Learns from policies and their claims what cover is expected to cost.</summary>
public sealed class PremiumTraining(JournalPolicies policies, ServedModels served, TimeProvider time) : IModelTraining
{
    private const string Auto = "auto";
    private const double ReadingShare = 0.4;
    private const double LearningShare = 0.55;

    public string Kind => ModelKinds.Premium;

    public IReadOnlyList<string> Algorithms { get; } = [Auto, "glm", "boosted"];

    public string DefaultAlgorithm => Auto;

    public string IntendedUse =>
        "The premium of an insurance whose terms ask for one by expected claims (riskBased), for people who consent to personal pricing: never above the terms' price, which everybody else pays. Not for courses' prices and credit.";

    public IReadOnlyList<string> Limitations { get; } =
    [
        "It learned from policies that were taken through offers here and from claims that partners reported; a claim that was not reported counts as none.",
        "Nothing of how long, how often or on what device somebody was here is in it, nor gender, age, region, occupation, education or income; how groups by gender and age fare is in the report.",
        "Premiums follow the claims of past policies; prices of cover elsewhere and the partner's reinsurance are not known.",
    ];

    public async Task<LearnedModel> Learn(string algorithm, long seed, Action<double, string> progress, CancellationToken cancellation)
    {
        long started = time.GetTimestamp();
        PolicyOutcomes read = await policies.Read(share => progress(ReadingShare * share, "reading the journal"), cancellation);
        progress(ReadingShare, "learning");
        LearnedPolicyPremiums learned = await Task.Factory.StartNew(
            () => PolicyPremiums.Train(read.Policies, algorithm, unchecked((ulong)seed), share => progress(ReadingShare + (LearningShare * share), "learning"), cancellation),
            cancellation, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        progress(ReadingShare + LearningShare, "storing the model");
        byte[] bytes = ModelArchive.Pack(learned.Model.Write);
        JsonObject report = learned.Report;
        report["algorithm"] = algorithm;
        report["policies"] = read.Policies.Count;
        report["claimsOfUnknownPolicies"] = read.Unmatched;
        report["seconds"] = Math.Round(time.GetElapsedTime(started).TotalSeconds, 2);
        return new LearnedModel(
            bytes,
            report.ToJsonString(),
            read.TrainedOn,
            new HoldoutMetrics(null, null, null, read.TrainedOn.People) { DevianceRatio = learned.DevianceRatio, Gini = learned.Gini },
            new HoldoutMetrics(null, null, null, read.TrainedOn.People) { DevianceRatio = 1, Gini = 0 });
    }

    public string? Gate(ModelVersion version) => version.Metrics?.DevianceRatio is not { } ratio
        ? "Nothing is known of how well it does on policies that it did not see."
        : ratio > 1
            ? string.Create(CultureInfo.InvariantCulture, $"Its deviance on held-out policies is {ratio:F4} of that of one frequency for all; expected at most 1.")
            : null;

    public void Serve(ModelVersion version, byte[] bytes) => served.Premiums = PolicyPremiums.Serving(
        ModelArchive.Unpack(bytes, PremiumModel.Read), version.Name);
}
