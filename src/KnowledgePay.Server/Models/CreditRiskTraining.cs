using System.Text.Json;
using KnowledgePay.Decisions.Credit;
using KnowledgePay.Grains.Models;
using KnowledgePay.Learning.Files;
using KnowledgePay.Learning.Risk;

namespace KnowledgePay.Server.Models;

/// <summary>Learns the credit scorecard from how loans went.</summary>
public sealed class CreditRiskTraining(JournalLoans loans, ServedModels served, TimeProvider time) : IModelTraining
{
    private const string Scorecard = "scorecard";
    private const double ReadingShare = 0.7;

    public string Kind => ModelKinds.Risk;

    public IReadOnlyList<string> Algorithms { get; } = [Scorecard];

    public string DefaultAlgorithm => Scorecard;

    public string IntendedUse => "Scores people who ask for credit and consented to credit checks; with the policy's rules, affordability and a person's review. Not for prices, recommendations or offers.";

    public IReadOnlyList<string> Limitations { get; } =
    [
        "It learned from loans that were given; how those would have gone that were declined is not known.",
        "Gender, age, region, education and occupation are not in it; who they are is looked at afterwards, by gender and age only.",
    ];

    public async Task<LearnedModel> Learn(string algorithm, long seed, Action<double, string> progress, CancellationToken cancellation)
    {
        long started = time.GetTimestamp();
        LoanOutcomes read = await loans.Read(share => progress(ReadingShare * share, "reading the journal"), cancellation);
        int bad = read.Cases.Count(one => one.IsBad), good = read.Cases.Count - bad;
        if (Math.Min(bad, good) < CreditScorecardTraining.FewestOfEither)
        {
            throw new InputException(
                $"There is too little to learn from: {good} loans that went well and {bad} that did not, of people who consent to credit checks ({read.Young} more are too young to tell); expected at least {CreditScorecardTraining.FewestOfEither} of each.");
        }

        progress(ReadingShare, "learning");
        LearnedCreditScorecard learned = await Task.Factory.StartNew(
            () => CreditScorecardTraining.Train(read.Cases, unchecked((ulong)seed), cancellation), cancellation, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        progress(0.96, "storing the model");
        byte[] bytes = CreditScorecardFormat.Write(learned.Card);
        string report = JsonSerializer.Serialize(new
        {
            kind = Kind,
            algorithm,
            seed,
            good,
            bad,
            tooYoung = read.Young,
            folds = learned.Folds,
            auc = Math.Round(learned.Held.Auc, 6),
            ks = Math.Round(learned.Held.Ks, 6),
            brier = Math.Round(learned.Held.Brier, 6),
            calibrationError = Math.Round(learned.Held.CalibrationError, 6),
            expertAuc = Math.Round(learned.Expert.Auc, 6),
            expertBrier = Math.Round(learned.Expert.Brier, 6),
            chosen = learned.Chosen,
            groups = learned.Groups.Select(group => new { group.Kind, group.Name, loans = group.Cases, group.PassRate, group.BadRate }),
            card = learned.Card.Attributes.Select(attribute => new
            {
                attribute.Name,
                attribute.MissingPoints,
                bins = attribute.Bins.Select(bin => new { below = double.IsPositiveInfinity(bin.Below) ? (double?)null : bin.Below, bin.Points }),
            }),
            seconds = Math.Round(time.GetElapsedTime(started).TotalSeconds, 2),
        }, JsonSerializerOptions.Web);
        return new LearnedModel(
            bytes,
            report,
            read.TrainedOn,
            RiskGate.Metrics(learned.Held, read.TrainedOn.People, learned.Groups),
            RiskGate.Metrics(learned.Expert, read.TrainedOn.People, []));
    }

    public string? Gate(ModelVersion version) => RiskGate.Of(version, "loans", "the expert card");

    public void Serve(ModelVersion version, byte[] bytes) =>
        served.Scorecard = CreditScorecardFormat.Read(bytes, version.Name);

    public bool CanBeTried => true;

    public bool CanDecideOnTrial => true;

    public void Try(ModelVersion? challenger, byte[] bytes) =>
        served.ScorecardTrial = challenger is { Trial: { } trial } ? new ScorecardTrial(CreditScorecardFormat.Read(bytes, challenger.Name), trial.Name, trial.Share) : null;
}
