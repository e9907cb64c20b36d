using System.Text.Json;
using KnowledgePay.Decisions.Fraud;
using KnowledgePay.Grains.Models;
using KnowledgePay.Grains.Users;
using KnowledgePay.Learning.Files;
using KnowledgePay.Learning.Risk;

namespace KnowledgePay.Server.Models;

/// <summary>Learns from chargebacks which payments are fraud: the score that each payment gives the rolling risk.</summary>
public sealed class FraudTraining(JournalPayments payments, ServedModels served, DecisionSettings settings, TimeProvider time) : IModelTraining
{
    private const string Scorecard = "scorecard";
    private const double ReadingShare = 0.6;
    private const double LearningShare = 0.35;

    public string Kind => ModelKinds.Fraud;

    public IReadOnlyList<string> Algorithms => RiskTrainer.Algorithms;

    public string DefaultAlgorithm => Scorecard;

    public string IntendedUse => "Scores each payment as it comes in; the rolling risk of who pays is at least that and decays from there. Rules, knock-outs and the credit scorecard read the rolling risk. Not for prices and recommendations.";

    public IReadOnlyList<string> Limitations { get; } =
    [
        "It learned from payments that went through; how those would have ended that failed is not known.",
        "A chargeback is not always fraud, nor is every fraud charged back.",
        "Gender, age, region, education, occupation and income are not in it; who is taken for a high risk is looked at afterwards, by gender and age only.",
    ];

    public async Task<LearnedModel> Learn(string algorithm, long seed, Action<double, string> progress, CancellationToken cancellation)
    {
        long started = time.GetTimestamp();
        PaymentOutcomes read = await payments.Read(share => progress(ReadingShare * share, "reading the journal"), cancellation);
        int bad = read.Cases.Count(one => one.IsChargedBack), good = read.Cases.Count - bad;
        if (Math.Min(bad, good) < PaymentFraudTraining.FewestOfEither)
        {
            throw new InputException(
                $"There is too little to learn from: {good} payments that stood and {bad} that were charged back ({read.Young} more are too young to tell); expected at least {PaymentFraudTraining.FewestOfEither} of each.");
        }

        progress(ReadingShare, "learning");
        LearnedFraudModel learned = await Task.Factory.StartNew(
            () => PaymentFraudTraining.Train(read.Cases, read.Methods, algorithm, unchecked((ulong)seed), share => progress(ReadingShare + (LearningShare * share), "learning"), cancellation),
            cancellation, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        progress(ReadingShare + LearningShare, "storing the model");
        byte[] bytes = ModelArchive.Pack(directory => RiskModelFile.Write(directory, learned.Model));
        string report = JsonSerializer.Serialize(new
        {
            kind = Kind,
            algorithm,
            picked = learned.Model.Algorithm,
            seed,
            stood = good,
            chargedBack = bad,
            tooYoung = read.Young,
            methods = read.Methods,
            auc = Math.Round(learned.Held.Auc, 6),
            ks = Math.Round(learned.Held.Ks, 6),
            brier = Math.Round(learned.Held.Brier, 6),
            logLoss = Math.Round(learned.Held.LogLoss, 6),
            calibrationError = Math.Round(learned.Held.CalibrationError, 6),
            rollingRiskAuc = Math.Round(learned.StoodAuc, 6),
            scale = new { baseRate = Math.Round((double)bad / (good + bad), 6), liftAtOneHalf = FraudModel.LiftAtHalf },
            chosen = learned.Chosen,
            groups = learned.Groups.Select(group => new { group.Kind, group.Name, payments = group.Cases, group.PassRate, group.BadRate }),
            seconds = Math.Round(time.GetElapsedTime(started).TotalSeconds, 2),
        }, JsonSerializerOptions.Web);
        return new LearnedModel(
            bytes,
            report,
            read.TrainedOn,
            RiskGate.Metrics(learned.Held, read.TrainedOn.People, learned.Groups),
            new HoldoutMetrics(null, null, null, read.TrainedOn.People) { AreaUnderCurve = Math.Round(learned.StoodAuc, 6) });
    }

    public string? Gate(ModelVersion version) => RiskGate.Of(version, "payments", "the rolling risk as it stood");

    /// <summary>It is watched and decides about nobody: a payment's score is a fact of it that stays, and by whom it was scored must not depend on who pays.</summary>
    public bool CanBeTried => true;

    public void Serve(ModelVersion version, byte[] bytes) => served.Fraud = PaymentFraudTraining.Serving(
        ModelArchive.Unpack(bytes, RiskModelFile.Read), version.Name, settings.Credit.Scale);
}
