using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Events;
using KnowledgePay.Contracts.People;
using KnowledgePay.Decisions.Catalogue;
using KnowledgePay.Decisions.Profiles;
using KnowledgePay.Decisions.Projections;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;

namespace KnowledgePay.Decisions.Tests.Profiles;

/// <summary>Somebody whose events are folded one after another, with the facts of a small made-up catalogue.</summary>
internal sealed class FoldedPerson
{
    /// <summary>A Sunday morning; every event's time counts from here.</summary>
    public static readonly DateTimeOffset Start = new(2026, 3, 1, 10, 0, 0, TimeSpan.Zero);

    private static readonly ServiceProvider Services = new ServiceCollection()
        .AddSerializer(b => b.AddAssembly(typeof(UserProfile).Assembly).AddAssembly(typeof(Money).Assembly))
        .BuildServiceProvider();

    private EffectBuffer _effects;

    public static Serializer Serializer => Services.GetRequiredService<Serializer>();

    public UserProfile Profile { get; set; } = new();

    /// <summary>Of the last event.</summary>
    public ProjectionEffect[] Effects => _effects.Effects.ToArray();

    /// <summary>Of all events.</summary>
    public List<ProjectionEffect> AllEffects { get; } = [];

    public static DateTimeOffset At(double days) => Start + TimeSpan.FromDays(days);

    public FoldedPerson Does(EventData data, double day = 0, EventFacts? facts = null)
    {
        return Apply(Profile.Sequence + 1, Stored(data, At(day), facts));
    }

    public FoldedPerson Apply(long sequence, StoredEvent e, long person = 1)
    {
        _effects.Clear();
        ProfileFold.Apply(Profile, sequence, e, person, ref _effects);
        AllEffects.AddRange(_effects.Effects);
        return this;
    }

    public static StoredEvent Stored(EventData data, DateTimeOffset at, EventFacts? facts = null) =>
        new() { Source = "test", Id = "e", Time = at, ReceivedAt = at, Data = data, Facts = facts ?? FactsOf(data) };

    public static byte[] Bytes(UserProfile profile) => Serializer.SerializeToArray(profile);

    /// <summary>All that is stored of a value, field by field, as text. The serializer's bytes will not do for comparing: they also tell which strings are the same object.</summary>
    public static string Text(object? value)
    {
        switch (value)
        {
            case null:
                return "-";
            case string or IFormattable or bool:
                return string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{value}");
            case System.Collections.IEnumerable items:
                return $"[{string.Join(' ', items.Cast<object?>().Select(Text))}]";
            default:
                IEnumerable<System.Reflection.PropertyInfo> stored = value.GetType().GetProperties().Where(p => p.IsDefined(typeof(Orleans.IdAttribute), true));
                return $"{{{string.Join(' ', stored.Select(p => $"{p.Name}={Text(p.GetValue(value))}"))}}}";
        }
    }

    /// <summary>What a snapshot and its reading make of a profile.</summary>
    public static UserProfile Restored(UserProfile profile) => Serializer.Deserialize<UserProfile>(Bytes(profile))!;

    /// <summary>Course <c>c7</c> is ordinal 7 of category 0, product <c>p3</c> ordinal 3; list prices are CNY 100.</summary>
    public static EventFacts FactsOf(EventData data)
    {
        switch (data)
        {
            case CourseEvent course:
                int ordinal = int.Parse(course.CourseId.AsSpan(1), System.Globalization.CultureInfo.InvariantCulture);
                return FactsOfCourse(ordinal) with
                {
                    Sentiment = course is CourseCommented ? 0.5f : null,
                    AcceptedProducts = course is OrderPlaced { AcceptedOffers: { IsDefaultOrEmpty: false } offers }
                        ? [.. offers.Select(o => ProductOf(o.ProductId))]
                        : [],
                };
            case OfferEvent offer:
                return new EventFacts { Product = ProductOf(offer.ProductId) };
            default:
                return EventFacts.None;
        }
    }

    public static EventFacts FactsOfCourse(int ordinal) => new()
    {
        Course = ordinal,
        Category = ordinal % 7,
        Concepts = [100 + (ordinal % 5), 200 + (ordinal % 3)],
        ListPriceMinorUnits = 10_000,
        Currency = "CNY",
        Vector = VectorOf(ordinal),
    };

    public static sbyte[] VectorOf(int ordinal)
    {
        var random = new Random(ordinal);
        var codes = new sbyte[CourseVectors.Dimensions];
        for (int d = 0; d < codes.Length; d++)
        {
            codes[d] = (sbyte)random.Next(-127, 128);
        }

        return codes;
    }

    private static int ProductOf(string id) => int.Parse(id.AsSpan(1), System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>Events in few words.</summary>
internal static class Happening
{
    public static Money Cny(long minorUnits) => new("CNY", minorUnits);

    public static CourseViewed Viewed(int course, double? seconds = null) => new() { CourseId = $"c{course}", Seconds = seconds };

    public static CourseEnrolled Enrolled(int course, Money? price = null) => new() { CourseId = $"c{course}", Price = price };

    public static CourseProgressed Progressed(int course, double? fraction) => new() { CourseId = $"c{course}", Fraction = fraction };

    public static CourseCompleted Completed(int course, double? fraction = null) => new() { CourseId = $"c{course}", Fraction = fraction };

    public static CourseRated Rated(int course, double stars) => new() { CourseId = $"c{course}", Stars = stars };

    public static CourseCommented Commented(int course) => new() { CourseId = $"c{course}", Text = "good" };

    public static PaymentAttempted Paid(long minorUnits, PaymentOutcome outcome = PaymentOutcome.Succeeded, string id = "pay-1", string? device = "phone", string currency = "CNY") =>
        new() { PaymentId = id, Amount = new Money(currency, minorUnits), Method = "card", DeviceId = device, Network = "wifi", Outcome = outcome };

    public static PaymentRefunded Refunded(long minorUnits, string id = "pay-1") => new() { PaymentId = id, Amount = Cny(minorUnits) };

    public static PaymentChargedBack ChargedBack(long minorUnits, string id = "pay-1") => new() { PaymentId = id, Amount = Cny(minorUnits) };

    public static LoanInstallmentPaid InstallmentPaid(string loan, long minorUnits = 1_000) => new() { LoanId = loan, Amount = Cny(minorUnits), DaysLate = 0 };

    public static LoanInstallmentMissed InstallmentMissed(string loan, int? daysLate = 5) => new() { LoanId = loan, Amount = Cny(1_000), DaysLate = daysLate };

    public static LoanDefaulted Defaulted(string loan) => new() { LoanId = loan, Amount = Cny(10_000), DaysLate = 90 };

    public static OfferShown Shown(int product, string decision = "d-1") => new() { DecisionId = decision, ProductId = $"p{product}" };

    public static OfferAccepted Accepted(int product, string decision = "d-1") => new() { DecisionId = decision, ProductId = $"p{product}" };

    public static OfferDeclined Declined(int product, string decision = "d-1") => new() { DecisionId = decision, ProductId = $"p{product}" };

    public static ConsentChanged Consents(bool personalisation = true, bool personalPricing = false, bool creditChecks = false, bool partnerSharing = false) => new()
    {
        Consent = new Consent { Personalisation = personalisation, PersonalPricing = personalPricing, CreditChecks = creditChecks, PartnerSharing = partnerSharing },
    };

    public static PriceQuoted Quoted(int course, long price, double day = 0, long list = 10_000, int rung = 0) => new()
    {
        CourseId = $"c{course}",
        DecisionId = "d-q",
        Price = Cny(price),
        ListPrice = Cny(list),
        Rung = rung,
        Day = DateOnly.FromDateTime(FoldedPerson.At(day).UtcDateTime).DayNumber,
        Personal = true,
    };

    public static OrderPlaced Ordered(int course, long charged, string payment = "pay-1", LoanOpened? loan = null, params ReadOnlySpan<ProductReference> offers) => new()
    {
        CourseId = $"c{course}",
        OrderId = "o-" + payment,
        QuoteId = "q-" + payment,
        PaymentId = payment,
        Method = "card",
        Charged = Cny(charged),
        ListPrice = Cny(10_000),
        Rung = 0,
        Loan = loan,
        AcceptedOffers = [.. offers],
        Personal = true,
    };

    public static LoanOpened Loan(string id, long principal = 12_000, int months = 12, string decision = "d-credit") =>
        new() { LoanId = id, DecisionId = decision, Principal = Cny(principal), TermMonths = months, AprBasisPoints = 1_200 };

    public static CreditDecided Credit(string decision, Contracts.Decisions.CreditOutcome outcome = Contracts.Decisions.CreditOutcome.Approved, double expiresDay = 7) => new()
    {
        DecisionId = decision,
        Outcome = outcome,
        Amount = Cny(12_000),
        TermMonths = 12,
        ExpiresAt = FoldedPerson.At(expiresDay),
        AprBasisPoints = 1_200,
    };
}
