using KnowledgePay.Decisions.Credit;
using KnowledgePay.Decisions.Fraud;
using KnowledgePay.Decisions.Premiums;
using KnowledgePay.Decisions.Segmentation;
using KnowledgePay.Grains.Models;
using KnowledgePay.Grains.Users;
using KnowledgePay.Learning.Premium;
using KnowledgePay.Learning.Risk;
using KnowledgePay.Learning.Uplift;
using KnowledgePay.Server.Models;
using KnowledgePay.Storage;
using Microsoft.Extensions.Options;

namespace KnowledgePay.Server.Audits;

/// <summary>Looks whether the models of credit risk, fraud, premiums and offers' uplift still hold: what came of what they scored, read off the journal with the attributes as they were. The last report is kept as a document.</summary>
/// <remarks>All is scored again by what serves now, so that a version is judged by cases that an earlier one decided as well.</remarks>
public sealed class ModelWatcher(
    IEngineStore store, JournalLoans loans, JournalPayments payments, JournalPolicies policies, JournalOffers offers, ModelStore models, ChampionModels champions, ServedModels served, DecisionSettings settings,
    IOptions<ModelWatchOptions> options, IOptions<LoanOutcomeOptions> loanOptions, IOptions<ChargebackOptions> chargebackOptions, TimeProvider time)
{
    /// <summary>What the report is kept under.</summary>
    public const string Name = "models";

    private const int Format = 1;

    private readonly KeptReport<ModelWatchReport> _kept = new(store, Name, Format, AuditJson.Default.StoredReportModelWatchReport);

    /// <summary>The last report; null before the first.</summary>
    public Task<ModelWatchReport?> Last(CancellationToken cancellation) => _kept.Last(cancellation);

    /// <summary>Looks now, and keeps the report.</summary>
    public async Task<ModelWatchReport> Run(CancellationToken cancellation)
    {
        await champions.Refresh(cancellation);
        var report = new ModelWatchReport { At = time.GetUtcNow(), Models = [await Risk(cancellation), await Fraud(cancellation), .. await Premiums(cancellation), .. await Uplift(cancellation)] };
        await _kept.Keep(report, cancellation);
        return report;
    }

    private async Task<WatchedModel> Risk(CancellationToken cancellation)
    {
        CreditScorecard card = served.Scorecard ?? settings.Credit.Scorecard;
        int[] points = new int[CreditScorecard.AttributeCount];
        Watched watched = (await loans.All(cancellation)).Watched(values => CreditScorecard.ProbabilityOfDefault(card.Score(values, points)));
        return await Look(ModelKinds.Risk, card.Version, served.Scorecard is not null, watched, [.. card.Attributes.Select(attribute => (attribute.Name, 0))], loanOptions.Value.OutcomeWindow, cancellation);
    }

    private async Task<WatchedModel> Fraud(CancellationToken cancellation)
    {
        FraudModel? model = served.Fraud;
        Watched watched = (await payments.All(model?.Methods, cancellation)).Watched(values => model?.Probability(values) ?? double.NaN);
        // The method's level beyond the names is any other.
        int methods = model?.Methods.Count ?? watched.Cases.Select(one => (int)one.Values[(int)PaymentAttribute.Method]).DefaultIfEmpty().Max();
        return await Look(
            ModelKinds.Fraud, model?.Version ?? "expert", model is not null, watched,
            [.. PaymentAttributes.Names.Select((name, i) => (name, i == (int)PaymentAttribute.Method ? methods + 1 : 0))], chargebackOptions.Value.ChargebackWindow, cancellation);
    }

    /// <summary>Nothing while the terms' own prices stand.</summary>
    private async Task<WatchedModel[]> Premiums(CancellationToken cancellation)
    {
        if (served.Premiums is not { } model)
        {
            return [];
        }

        ModelVersion? champion = await models.Champion(ModelKinds.Premium, cancellation);
        IReadOnlyList<WatchedPolicy> all = await policies.All(cancellation);
        PremiumWatch found = PremiumWatch.Of(
            all, policy => model.Of(policy.Values, policy.Product), PolicyAttributes.Names, new WatchTerms(time.GetUtcNow(), champion?.TrainedOn.To, TimeSpan.Zero, options.Value.Recent, null));
        return
        [
            new WatchedModel(
                ModelKinds.Premium, model.Version, champion?.Version, champion?.TrainedOn.To, all.Count, null, null, Rounded(found.Drift), found.Alarms)
            {
                Balance = found.Balance is { } balance ? Rounded(balance) : null,
            },
        ];
    }

    /// <summary>Nothing while no model says what difference offers make.</summary>
    private async Task<WatchedModel[]> Uplift(CancellationToken cancellation)
    {
        if (served.Uplift is not { } model)
        {
            return [];
        }

        ModelVersion? champion = await models.Champion(ModelKinds.Uplift, cancellation);
        IReadOnlyList<WatchedOffer> all = await offers.All(one => model.Of(one.Values, one.Product), cancellation);
        UpliftWatch found = UpliftWatch.Of(all, SegmentFeatures.Names, new WatchTerms(time.GetUtcNow(), champion?.TrainedOn.To, TimeSpan.Zero, options.Value.Recent, null));
        return
        [
            new WatchedModel(ModelKinds.Uplift, model.Version, champion?.Version, champion?.TrainedOn.To, all.Count, null, null, Rounded(found.Drift), found.Alarms)
            {
                Difference = found.Difference is { } one ? Rounded(one) : null,
            },
        ];
    }

    private static UpliftFinding Rounded(UpliftFinding one) => one with
    {
        Predicted = Math.Round(one.Predicted, 4),
        Realised = Math.Round(one.Realised, 4),
        Error = Math.Round(one.Error, 4),
        PredictedSpread = Math.Round(one.PredictedSpread, 4),
        RealisedSpread = Math.Round(one.RealisedSpread, 4),
        SpreadError = Math.Round(one.SpreadError, 4),
    };

    private static WatchedDrift[] Rounded(IReadOnlyList<DriftFinding> drift) =>
        [.. drift.Select(one => new WatchedDrift(one.Name, Math.Round(one.Index, 4), one.Verdict.ToString().ToLowerInvariant(), Math.Round(one.MissingThen, 4), Math.Round(one.MissingNow, 4)))];

    private static PremiumFinding Rounded(PremiumFinding one) => one with
    {
        Years = Math.Round(one.Years, 2),
        Expected = Math.Round(one.Expected, 2),
        Deviation = Math.Round(one.Deviation, 2),
        ExpectedYuan = Math.Round(one.ExpectedYuan, 2),
        ObservedYuan = Math.Round(one.ObservedYuan, 2),
        CostDeviation = Math.Round(one.CostDeviation, 2),
    };

    private async Task<WatchedModel> Look(
        string kind, string model, bool isLearned, Watched watched, IReadOnlyList<(string Name, int Levels)> attributes, TimeSpan window, CancellationToken cancellation)
    {
        ModelVersion? champion = isLearned ? await models.Champion(kind, cancellation) : null;
        OutcomeWatch found = OutcomeWatch.Of(
            watched.Cases, attributes, watched.Reports, new WatchTerms(time.GetUtcNow(), champion?.TrainedOn.To, window, options.Value.Recent, champion?.Metrics?.AreaUnderCurve));
        return new WatchedModel(
            kind, model, champion?.Version, champion?.TrainedOn.To, watched.Cases.Count,
            found.Calibration is { } calibration ? Rounded(calibration) : null,
            Rounded(found.Outcomes),
            Rounded(found.Drift),
            found.Alarms);
    }

    private static CalibrationFinding Rounded(CalibrationFinding one) => one with
    {
        Expected = Math.Round(one.Expected, 2),
        Deviation = Math.Round(one.Deviation, 2),
        CalibrationError = Rounded(one.CalibrationError),
        Auc = Rounded(one.Auc),
        AucError = Rounded(one.AucError),
    };

    private static OutcomeLag Rounded(OutcomeLag one) => one with
    {
        MedianDays = Rounded(one.MedianDays),
        NinetyDays = Rounded(one.NinetyDays),
        LateShare = Rounded(one.LateShare),
        ExpectedReports = Math.Round(one.ExpectedReports, 1),
    };

    private static double? Rounded(double? value) => value is { } known ? Math.Round(known, 4) : null;
}
