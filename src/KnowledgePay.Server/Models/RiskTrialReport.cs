using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Decisions.Credit;
using KnowledgePay.Decisions.Fraud;
using KnowledgePay.Decisions.Trials;
using KnowledgePay.Grains.Users;
using KnowledgePay.Learning.Evaluation;
using KnowledgePay.Learning.Risk;
using KnowledgePay.Storage;
using Microsoft.Extensions.Options;

namespace KnowledgePay.Server.Models;

/// <summary>Compares a model of credit risk or fraud on trial with the one that serves, by what came of the loans and payments since the trial began.</summary>
public sealed class RiskTrialReport(
    JournalLoans loans, JournalPayments payments, ModelStore models, DecisionSettings settings, IEngineStore store,
    IOptions<LoanOutcomeOptions> loanOptions, IOptions<ChargebackOptions> chargebackOptions, TimeProvider time)
{
    /// <summary>Where the tests are sharpest: at some hundred cases of which a tenth goes wrong, and whose quadratic scores differ by a twentieth or so.</summary>
    private const double SharpestScores = 1, SharpestShares = 10;

    public async Task<TrialReport> Make(ModelVersion challenger, ModelTrial trial, CancellationToken cancellation)
    {
        ModelVersion? champion = await models.Champion(challenger.Kind, cancellation);
        var report = new TrialReport { Kind = challenger.Kind, Version = challenger.Version, Champion = champion?.Version, Trial = trial };
        return challenger.Kind == ModelKinds.Risk
            ? await OfLoans(report, challenger, champion, cancellation)
            : await OfPayments(report, challenger, champion, cancellation);
    }

    private async Task<TrialReport> OfLoans(TrialReport report, ModelVersion challenger, ModelVersion? champion, CancellationToken cancellation)
    {
        CreditScorecard second = CreditScorecardFormat.Read(await models.Read(challenger, cancellation), challenger.Name);
        CreditScorecard first = champion is null ? settings.Credit.Scorecard : CreditScorecardFormat.Read(await models.Read(champion, cancellation), champion.Name);
        ScoredCase[] since = Since((await loans.All(cancellation)).Cases, report.Trial);
        ScoredCase[] ripe = Ripe(since, loanOptions.Value.OutcomeWindow);
        report = report with { Watched = Watch(ripe, one => Probability(first, one), one => Probability(second, one), loanOptions.Value.OutcomeWindow) };
        if (report.Trial.Share == 0)
        {
            return report;
        }

        Dictionary<long, bool> arms = await ArmsOf(since, report.Trial, cancellation);
        ScoredCase[] asked = [.. since.Where(one => one.Outcome is not null && arms.ContainsKey(one.Person))];
        return report with
        {
            Served = Shares([.. ripe.Where(one => one.Outcome is not null && arms.ContainsKey(one.Person))], arms, one => !(one.WrongAfter <= loanOptions.Value.OutcomeWindow)),
            Approved = Shares(asked, arms, one => one.Outcome == CreditOutcome.Approved),
        };
    }

    private async Task<TrialReport> OfPayments(TrialReport report, ModelVersion challenger, ModelVersion? champion, CancellationToken cancellation)
    {
        FraudModel second = await Fraud(challenger, cancellation);
        FraudModel? first = champion is null ? null : await Fraud(champion, cancellation);
        TimeSpan window = chargebackOptions.Value.ChargebackWindow;

        // Each numbers the ways to pay as it learned them.
        IReadOnlyList<ScoredCase> asSecond = (await payments.All(second.Methods, cancellation)).Cases;
        IReadOnlyList<ScoredCase> asFirst = first is null ? asSecond : (await payments.All(first.Methods, cancellation)).Cases;
        ScoredCase[] before = [.. asFirst.Where(one => one.At <= report.Trial.StartedAt)];
        double prior = (before.Count(one => one.WrongAfter <= window) + 0.5) / (before.Length + 1);
        var firstOf = asFirst.GroupBy(one => (one.Person, one.At)).ToDictionary(group => group.Key, group => group.First());
        return report with
        {
            Watched = Watch(
                Ripe(Since(asSecond, report.Trial), window),
                one => first is not null && firstOf.TryGetValue((one.Person, one.At), out ScoredCase? own) ? first.Probability(own.Values) : prior,
                one => second.Probability(one.Values),
                window),
        };
    }

    private async Task<FraudModel> Fraud(ModelVersion version, CancellationToken cancellation) =>
        PaymentFraudTraining.Serving(ModelArchive.Unpack(await models.Read(version, cancellation), RiskModelFile.Read), version.Name, settings.Credit.Scale);

    private static double Probability(CreditScorecard card, ScoredCase one) =>
        CreditScorecard.ProbabilityOfDefault(card.Score(one.Values, stackalloc int[CreditScorecard.AttributeCount]));

    private static ScoredCase[] Since(IReadOnlyList<ScoredCase> cases, ModelTrial trial) => [.. cases.Where(one => one.At > trial.StartedAt)];

    /// <summary>Those whose outcome is known: a case that is looked at before its time counts as good too often.</summary>
    private ScoredCase[] Ripe(ScoredCase[] cases, TimeSpan window) => [.. cases.Where(one => one.IsFollowed && one.At <= time.GetUtcNow() - window)];

    private static TrialComparison? Watch(ScoredCase[] ripe, Func<ScoredCase, double> first, Func<ScoredCase, double> second, TimeSpan window)
    {
        if (ripe.Length == 0)
        {
            return null;
        }

        var differences = new Dictionary<long, double>();
        double champion = 0, challenger = 0;
        foreach (ScoredCase one in ripe)
        {
            double wrong = one.WrongAfter <= window ? 1 : 0, before = first(one) - wrong, after = second(one) - wrong;
            champion += 1 - (before * before);
            challenger += 1 - (after * after);
            differences[one.Person] = differences.GetValueOrDefault(one.Person) + (before * before) - (after * after);
        }

        // A person's cases are of one mind: the sum's variance is that of people.
        double sum = challenger - champion;
        SequentialResult test = SequentialTest.Of(sum, differences.Values.Sum(d => d * d), SharpestScores);
        return TrialComparison.Of(champion / ripe.Length, challenger / ripe.Length, sum / ripe.Length, test, ripe.Length, differences.Count, ripe.Length);
    }

    /// <summary>Shares of either side's cases of which something holds; null while a side has none.</summary>
    private static TrialComparison? Shares(ScoredCase[] cases, Dictionary<long, bool> arms, Func<ScoredCase, bool> holds)
    {
        (double All, double Held) challenger = default, champion = default;
        foreach (ScoredCase one in cases)
        {
            ref (double All, double Held) arm = ref challenger;
            if (!arms[one.Person])
            {
                arm = ref champion;
            }

            arm.All++;
            arm.Held += holds(one) ? 1 : 0;
        }

        if (challenger.All == 0 || champion.All == 0)
        {
            return null;
        }

        double of = challenger.Held / challenger.All, than = champion.Held / champion.All;

        // As a sum over as many pairs as both sides' cases are worth; half a case either way, so that a side of which all held is not certain.
        double pairs = challenger.All * champion.All / (challenger.All + champion.All);
        double variance = pairs * pairs * ((Spread(challenger) / challenger.All) + (Spread(champion) / champion.All));
        SequentialResult test = SequentialTest.Of(pairs * (of - than), variance, SharpestShares);
        return TrialComparison.Of(than, of, of - than, test, pairs, cases.Select(one => one.Person).Distinct().Count(), cases.Length);

        static double Spread((double All, double Held) arm)
        {
            double share = (arm.Held + 0.5) / (arm.All + 1);
            return share * (1 - share);
        }
    }

    /// <summary>By person, whether the challenger decides about them; those who are erased are left out.</summary>
    private async Task<Dictionary<long, bool>> ArmsOf(ScoredCase[] cases, ModelTrial trial, CancellationToken cancellation)
    {
        Dictionary<long, string> names = await PersonNames.Of(store, cases.Select(one => one.Person).Distinct(), cancellation);
        return names.ToDictionary(one => one.Key, one => TrialArms.IsChallengers(one.Value, trial.Name, trial.Share));
    }
}
