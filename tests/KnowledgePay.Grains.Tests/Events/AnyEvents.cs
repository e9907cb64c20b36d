using System.Collections.Immutable;
using CsCheck;
using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Contracts.Events;
using KnowledgePay.Contracts.People;

namespace KnowledgePay.Grains.Tests.Events;

/// <summary>Random events of every type, the engine's own included, about few courses, loans and decisions, so that they meet.</summary>
public static class AnyEvents
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 8, 0, 0, TimeSpan.Zero);
    private static readonly Gen<string> Course = Gen.Int[0, 11].Select(i => $"c{i}");
    private static readonly Gen<string> Decision = Gen.Int[0, 5].Select(i => $"dec_{i}");
    private static readonly Gen<Money> Amount = Gen.Int[1, 500_000].Select(i => new Money("CNY", i));
    private static readonly Gen<string> Loan = Gen.Int[0, 3].Select(i => $"loan_{i}");
    private static readonly Gen<string> Payment = Gen.Int[0, 9].Select(i => $"pay_{i}");
    private static readonly string[] Texts = ["great course", "太差了", "fine, I think", "讲得很好", ""];
    private static readonly Gen<string> Text = Gen.Int[0, 4].Select(i => Texts[i]);

    private static readonly Gen<EventData> Data = Gen.OneOf(
        Gen.Select(Gen.Int[1950, 2010], Text, (year, text) => (EventData)new UserProfiled { BirthYear = year, Occupation = text, Interests = ["history", text], IncomeBand = "medium" }),
        Gen.Select(Gen.Long[0, 9_000], n => (EventData)new UserSocialLinked { Network = "weibo", Followers = n, Interests = ["music"] }),
        Gen.Select(Course, Gen.Double[0, 4_000], (c, s) => (EventData)new CourseViewed { CourseId = c, Seconds = s }),
        Gen.Select(Course, Amount, (c, m) => (EventData)new CourseEnrolled { CourseId = c, Price = m }),
        Gen.Select(Course, Gen.Double[0, 1], (c, f) => (EventData)new CourseProgressed { CourseId = c, Fraction = f }),
        Gen.Select(Course, c => (EventData)new CourseCompleted { CourseId = c }),
        Gen.Select(Course, Gen.Int[1, 10], (c, s) => (EventData)new CourseRated { CourseId = c, Stars = s / 2.0 }),
        Gen.Select(Course, Text, (c, t) => (EventData)new CourseCommented { CourseId = c, Text = t }),
        Gen.Select(Payment, Amount, Gen.Int[0, 2], (p, m, o) => (EventData)new PaymentAttempted { PaymentId = p, Amount = m, Method = "card", DeviceId = "d" + o, Outcome = (PaymentOutcome)o }),
        Gen.Select(Payment, Amount, (p, m) => (EventData)new PaymentRefunded { PaymentId = p, Amount = m }),
        Gen.Select(Payment, Amount, (p, m) => (EventData)new PaymentChargedBack { PaymentId = p, Amount = m }),
        Gen.Select(Loan, Amount, (l, m) => (EventData)new LoanInstallmentPaid { LoanId = l, Amount = m }),
        Gen.Select(Loan, Amount, Gen.Int[0, 90], (l, m, d) => (EventData)new LoanInstallmentMissed { LoanId = l, Amount = m, DaysLate = d }),
        Gen.Select(Loan, Amount, (l, m) => (EventData)new LoanDefaulted { LoanId = l, Amount = m }),
        Gen.Select(Amount, m => (EventData)new PolicyClaimed { PolicyId = "p", Amount = m }),
        Gen.Select(Decision, d => (EventData)new OfferShown { DecisionId = d, ProductId = "none" }),
        Gen.Select(Decision, d => (EventData)new OfferAccepted { DecisionId = d, ProductId = "none" }),
        Gen.Select(Decision, d => (EventData)new OfferDeclined { DecisionId = d, ProductId = "none" }),
        Gen.Select(Course, Amount, (c, m) => (EventData)new MarketPriceObserved { CourseId = c, Competitor = "x", Price = m }),
        Gen.Select(Gen.Bool, Gen.Bool, (a, b) => (EventData)new ConsentChanged { Consent = new Consent { PersonalPricing = a, CreditChecks = b } }),
        Gen.Select(Course, Decision, Gen.Int[0, 4], (c, d, rung) => (EventData)new PriceQuoted
        {
            CourseId = c,
            DecisionId = d,
            Price = new Money("CNY", 10_000 - (rung * 500)),
            ListPrice = new Money("CNY", 10_000),
            Rung = rung,
            Day = DateOnly.FromDateTime(Start.UtcDateTime).DayNumber,
            Personal = rung > 0,
        }),
        Gen.Select(Decision, Amount, Gen.Int[0, 2], (d, m, o) => (EventData)new CreditDecided
        {
            DecisionId = d,
            Outcome = (CreditOutcome)o,
            Amount = m,
            TermMonths = 6,
            ExpiresAt = Start.AddDays(7),
            AprBasisPoints = 900,
        }),
        Gen.Select(Decision, Gen.Int[0, 2], Gen.Int[0, 2], (d, shown, held) => (EventData)new OffersDecided
        {
            DecisionId = d,
            Offered = [.. Enumerable.Range(0, shown).Select(i => new ProductReference { PartnerId = "p", ProductId = $"s{i}" })],
            HeldOut = [.. Enumerable.Range(0, held).Select(i => new ProductReference { PartnerId = "p", ProductId = $"h{i}" })],
        }),
        Gen.Select(Course, Decision, Loan, Payment, (c, d, l, p) => (EventData)new OrderPlaced
        {
            CourseId = c,
            OrderId = "ord_" + d,
            QuoteId = "q_" + d + c,
            PaymentId = p,
            Method = "card",
            Charged = new Money("CNY", 9_000),
            ListPrice = new Money("CNY", 10_000),
            Rung = 2,
            Personal = true,
            Loan = new LoanOpened { LoanId = l, DecisionId = d, Principal = new Money("CNY", 9_000), TermMonths = 6, AprBasisPoints = 900 },
        }));

    /// <summary>Events with ids of their own; times mostly go forward, and some arrive late.</summary>
    public static Gen<ImmutableArray<IncomingEvent>> Sequences(int most) =>
        Gen.Select(Data, Gen.Int[-600, 3_000]).Array[1, most].Select(drawn =>
        {
            string run = Guid.NewGuid().ToString("N");
            DateTimeOffset time = Start;
            return drawn.Select((d, i) => TestEngine.Event($"{run}-{i}", d.Item1, time = time.AddMinutes(d.Item2))).ToImmutableArray();
        });
}
