using CsCheck;
using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Contracts.People;
using KnowledgePay.Decisions.Catalogue;
using KnowledgePay.Decisions.Credit;
using KnowledgePay.Decisions.Profiles;
using KnowledgePay.Decisions.Projections;
using KnowledgePay.Decisions.Rules;

namespace KnowledgePay.Decisions.Tests.Credit;

public sealed class CreditDeciderTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 14, 12, 0, 0, TimeSpan.Zero);

    private static readonly Gen<UserProfile> People =
        from purchases in Gen.Int[0, 40]
        from failed in Gen.Int[0, 10]
        from months in Gen.Int[0, 36]
        from spent in Gen.Long[0, 2_000_000]
        from chargebacks in Gen.Int[0, 3]
        from missed in Gen.Int[0, 4]
        from birthYear in Gen.Short[1940, 2012]
        select new UserProfile
        {
            Consent = new Consent { Personalisation = true, CreditChecks = true },
            FirstSeenTicks = Noon.AddDays(-30.5 * months).UtcTicks,
            LastSeenTicks = Noon.AddDays(-1).UtcTicks,
            Purchases = purchases,
            PaymentsSucceeded = purchases,
            PaymentsFailed = failed,
            Chargebacks = chargebacks,
            InstallmentsMissed = missed,
            BirthYear = birthYear,
            Spent = [new Money("CNY", spent)],
            LastPurchaseTicks = Noon.AddDays(-5).UtcTicks,
        };

    [Fact]
    public void A_decline_says_why_and_leads_to_a_person_and_an_approval_is_within_the_limit_and_the_law() =>
        Gen.Select(People, Gen.Long[1, 6_000_000], Gen.Int[1, 36], Gen.Float[0, 1]).Sample((person, amount, months, risk) =>
        {
            CreditAnswer answer = Decide(person, amount, months, risk).Answer;
            Assert.InRange(answer.ProbabilityOfDefault, 0, 1);
            switch (answer.Outcome)
            {
                case CreditOutcome.Approved:
                    Assert.True(amount <= answer.Limit!.Value.MinorUnits);
                    Assert.InRange(answer.Apr!.Value, 0, 0.24m);
                    Assert.Equal(amount, answer.Installments!.Value.Sum(part => part.Principal.MinorUnits));
                    Assert.Equal(months, answer.Installments!.Value.Length);
                    Assert.NotNull(answer.ExpiresAt);
                    break;
                case CreditOutcome.Review:
                    Assert.NotNull(answer.ReviewId);
                    Assert.NotNull(answer.Appeal);
                    Assert.Null(answer.Installments);
                    break;
                default:
                    Assert.InRange(answer.Reasons.Length, 1, 4);
                    Assert.Equal(answer.Reasons.Length, answer.Reasons.Select(reason => reason.Code).Distinct().Count());
                    Assert.NotNull(answer.Appeal);
                    Assert.Null(answer.Installments);
                    Assert.Null(answer.Apr);
                    break;
            }
        });

    [Fact]
    public void The_record_adds_up_to_the_score() => Gen.Select(People, Gen.Long[1, 1_000_000], Gen.Float[0, 1]).Sample((person, amount, risk) =>
    {
        CreditDecision decision = Decide(person, amount, 6, risk);
        CandidateRecord candidate = Assert.Single(decision.Record.Candidates);
        Assert.Equal(decision.Answer.Score, candidate.Contributions.Sum(part => part.Value));
    });

    [Fact]
    public void What_was_asked_for_never_turns_a_no_into_a_yes_by_being_more() =>
        Gen.Select(People, Gen.Long[1, 2_000_000], Gen.Long[1, 2_000_000], Gen.Float[0, 1]).Sample((person, one, other, risk) =>
            Assert.True(Decide(person, Math.Max(one, other), 6, risk).Answer.Outcome >= Decide(person, Math.Min(one, other), 6, risk).Answer.Outcome));

    [Fact]
    public void Protected_attributes_change_nothing() => Gen.Select(People, Gen.Long[1, 1_000_000], Gen.Float[0, 1]).Sample((person, amount, risk) =>
    {
        (person.Gender, person.Region) = ("female", "CN-11");
        CreditAnswer before = Decide(person, amount, 6, risk).Answer;
        (person.Gender, person.Region) = ("male", "CN-65");
        CreditAnswer after = Decide(person, amount, 6, risk).Answer;
        Assert.Equal((before.Outcome, before.Score, before.Limit, before.Apr), (after.Outcome, after.Score, after.Limit, after.Apr));
    });

    [Theory]
    [InlineData(2010, 0, 0, "credit-under-age")]
    [InlineData(1980, 2, 0, "credit-chargebacks")]
    [InlineData(1980, 0, 3, "credit-missed-payments")]
    public void Knock_outs_decline_whatever_the_score(short birthYear, int chargebacks, int missed, string reason)
    {
        UserProfile person = Settled();
        (person.BirthYear, person.Chargebacks, person.InstallmentsMissed) = (birthYear, chargebacks, missed);
        CreditAnswer answer = Decide(person, 10_000, 6, 0).Answer;
        Assert.Equal(CreditOutcome.Declined, answer.Outcome);
        Assert.Equal(reason, answer.Reasons[0].Code);
    }

    [Fact]
    public void Without_consent_nothing_is_decided_and_wrong_requests_name_the_field()
    {
        UserProfile person = Settled();
        Assert.Equal(CreditOutcome.Approved, Decide(person, 10_000, 6, 0).Answer.Outcome);
        Assert.Equal("/amount/minorUnits", Refused(person, 0, 6));
        Assert.Equal("/termMonths", Refused(person, 10_000, 0));
        Assert.Equal("/amount/currency", Refused(person, 10_000, 6, "XXX"));
        person.Consent = person.Consent with { CreditChecks = false };
        Assert.Equal("consent-required", Ask(person, 10_000, 6, 0).Problem!.Type);
    }

    private static UserProfile Settled() => new()
    {
        Consent = new Consent { Personalisation = true, CreditChecks = true },
        FirstSeenTicks = Noon.AddDays(-900).UtcTicks,
        LastSeenTicks = Noon.AddDays(-1).UtcTicks,
        LastPurchaseTicks = Noon.AddDays(-5).UtcTicks,
        BirthYear = 1985,
        Purchases = 30,
        PaymentsSucceeded = 30,
        InstallmentsPaid = 12,
        Enrolments = 30,
        Completions = 25,
        Spent = [new Money("CNY", 900_000)],
    };

    private static string Refused(UserProfile person, long amount, int months, string currency = "CNY") =>
        Assert.Single(Ask(person, amount, months, 0, currency).Problem!.Errors!).Key;

    private static CreditDecision Decide(UserProfile person, long amount, int months, float risk) =>
        Ask(person, amount, months, risk).Value ?? throw new InvalidOperationException("Refused.");

    private static Answer<CreditDecision> Ask(UserProfile person, long amount, int months, float risk, string currency = "CNY") => CreditDecider.Decide(
        new CreditContext
        {
            Decision = new DecisionContext
            {
                DecisionId = "d-1",
                UserId = "ann",
                Profile = person,
                Catalogue = new CatalogueSnapshot(1, [], CourseVectors.Empty, [], [], []),
                Signals = new LiveSignals(),
                Now = Noon,
                Seed = 1,
            },
            Standing = new PersonStanding(0, risk),
            Policy = CreditPolicy.Default,
        },
        new CreditRequest { UserId = "ann", Amount = new Money(currency, amount), TermMonths = months });
}
