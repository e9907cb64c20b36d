using System.Collections.Frozen;
using System.Collections.Immutable;
using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Catalogue;
using KnowledgePay.Contracts.People;
using KnowledgePay.Decisions.Profiles;

namespace KnowledgePay.Decisions.Rules;

/// <summary>Everything that a rule may read, by name. The table is the documentation.</summary>
/// <remarks>
/// A value that is not there (no birth year said, no course at hand, no enrolment to have a completion rate of) makes its condition false,
/// except for <c>notIn</c>, which then holds, and <c>exists</c>. Protected attributes are not in the table and are refused by name;
/// <c>age</c> is there for minimum and maximum ages that the law or a product's terms set.
/// </remarks>
public static class RuleFeatures
{
    private const double MonthHalfLifeDays = 30;

    private static readonly FrozenDictionary<string, RuleFeature> ByName = Build().ToFrozenDictionary(f => f.Name, StringComparer.Ordinal);

    /// <summary>Attributes that no rule may read, and why they are refused.</summary>
    private static readonly FrozenSet<string> Protected = new[]
    {
        "gender", "sex", "ethnicity", "race", "nationality", "religion", "maritalStatus", "disability", "pregnancy", "politicalOpinion", "sexualOrientation",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>All features, by name in ordinal order.</summary>
    public static ImmutableArray<RuleFeature> All { get; } = [.. ByName.Values.OrderBy(f => f.Name, StringComparer.Ordinal)];

    public static RuleFeature? Find(string name) => ByName.GetValueOrDefault(name);

    /// <summary>True for an attribute such as gender, which may not decide who is eligible.</summary>
    public static bool IsProtected(string name) => Protected.Contains(name);

    /// <summary>Full years by calendar year, since only the year of birth is known: the age that is reached by the end of this year. NaN when unknown.</summary>
    public static double AgeOf(UserProfile profile, DateTimeOffset now) =>
        profile.BirthYear > 0 ? now.UtcDateTime.Year - profile.BirthYear : double.NaN;

    /// <summary>Completions by enrolment, 0 to 1; NaN before the first enrolment.</summary>
    public static double CompletionRateOf(UserProfile profile) =>
        profile.Enrolments > 0 ? Math.Min(1, (double)profile.Completions / profile.Enrolments) : double.NaN;

    /// <summary>Event weight at a half-life of a month, decayed to now.</summary>
    public static double ActivityMonthOf(UserProfile profile, DateTimeOffset now)
    {
        double days = Math.Max(0, (now.UtcTicks - profile.LastSeenTicks) / (double)TimeSpan.TicksPerDay);
        return profile.LastSeenTicks == 0 ? 0 : profile.Activity.Month * Math.Pow(2, -days / MonthHalfLifeDays);
    }

    /// <summary>Lifetime spend in one currency, minor units.</summary>
    public static long SpentIn(UserProfile profile, string? currency)
    {
        if (profile.Spent is not { Length: > 0 } spent)
        {
            return 0;
        }

        if (currency is null)
        {
            return spent[0].MinorUnits;
        }

        foreach (Money money in spent)
        {
            if (money.Currency == currency)
            {
                return money.MinorUnits;
            }
        }

        return 0;
    }

    private static IEnumerable<RuleFeature> Build() =>
    [
        Number("age", "Years by calendar year from the declared birth year.", static (in RuleFacts f) => AgeOf(f.Profile, f.Now)),
        Text("occupation", "Declared occupation.", static (in RuleFacts f) => f.Profile.Occupation),
        Text("region", "Declared region.", static (in RuleFacts f) => f.Profile.Region),
        Text("education", "Declared education.", static (in RuleFacts f) => f.Profile.Education),
        Text("incomeBand", "Declared income band.", static (in RuleFacts f) => f.Profile.IncomeBand),
        Number("riskScore", "Rolling payment risk, 0 to 1.", static (in RuleFacts f) => f.Standing.Risk, financial: true),
        new()
        {
            Name = "riskBand", Kind = RuleFeatureKind.Ordered, Meaning = "Band of the rolling payment risk.", Values = [.. RiskBands.Names], IsFinancial = true,
            Number = static (in RuleFacts f) => RiskBands.Of(f.Standing.Risk),
        },
        new()
        {
            Name = "segment", Kind = RuleFeatureKind.Text, Meaning = "Segment of the person.", Values = [.. Segments.Names],
            Text = static (in RuleFacts f) => Segments.NameOf(f.Standing.Segment),
        },
        Text("learnedSegment", "Segment of the person by the segmenter that is promoted; for offers only.", static (in RuleFacts f) => f.Standing.Learned?.Name, financial: true),
        Number("purchases", "Purchases so far.", static (in RuleFacts f) => f.Profile.Purchases),
        Number("spentMinorUnits", "Lifetime spend in minor units of the currency at hand.", static (in RuleFacts f) => SpentIn(f.Profile, f.Currency ?? f.Course?.Course.ListPrice.Currency)),
        Number("views", "Course pages seen so far.", static (in RuleFacts f) => f.Profile.Views),
        Number("enrolments", "Enrolments so far.", static (in RuleFacts f) => f.Profile.Enrolments),
        Number("completions", "Courses completed so far.", static (in RuleFacts f) => f.Profile.Completions),
        Number("completionRate", "Completions by enrolment, 0 to 1.", static (in RuleFacts f) => CompletionRateOf(f.Profile)),
        Number("activityMonth", "Event weight at a half-life of a month, as of now.", static (in RuleFacts f) => ActivityMonthOf(f.Profile, f.Now)),
        Number("coursesOwned", "Courses on the person's shelf.", static (in RuleFacts f) => f.Profile.Shelf.Count),
        Number("refunds", "Payments refunded so far.", static (in RuleFacts f) => f.Profile.Refunds, financial: true),
        Number("chargebacks", "Payments charged back so far.", static (in RuleFacts f) => f.Profile.Chargebacks, financial: true),
        Number("paymentsFailed", "Payments that failed so far.", static (in RuleFacts f) => f.Profile.PaymentsFailed, financial: true),
        Number("claims", "Insurance claims so far.", static (in RuleFacts f) => f.Profile.Claims, financial: true),
        Number("openLoans", "Loans that are not paid off.", static (in RuleFacts f) => LoanBook.OpenCount(f.Profile), financial: true),
        Number("missedInstallments", "Instalments missed so far, over all loans.", static (in RuleFacts f) => LoanBook.Missed(f.Profile), financial: true),
        Number("defaults", "Loans that defaulted.", static (in RuleFacts f) => LoanBook.Defaults(f.Profile), financial: true),
        Number("daysSinceFirstSeen", "Days since the first event.", static (in RuleFacts f) => DaysSince(f.Profile.FirstSeenTicks, f.Now)),
        Number("daysSinceLastSeen", "Days since the last event.", static (in RuleFacts f) => DaysSince(f.Profile.LastSeenTicks, f.Now)),
        Number("daysSinceLastPurchase", "Days since the last purchase.", static (in RuleFacts f) => DaysSince(f.Profile.LastPurchaseTicks, f.Now)),
        new()
        {
            Name = "ownsCourse", Kind = RuleFeatureKind.Set, Meaning = "Ids of the courses on the person's shelf.",
            Set = static (in RuleFacts f, string id) => f.Catalogue.FindCourse(id) is { } course && f.Profile.Shelf.Contains(course.Ordinal),
        },
        Flag("consent.personalisation", static consent => consent.Personalisation),
        Flag("consent.personalPricing", static consent => consent.PersonalPricing),
        Flag("consent.creditChecks", static consent => consent.CreditChecks),
        Flag("consent.partnerSharing", static consent => consent.PartnerSharing),
        Flag("consent.marketing.email", static consent => consent.Marketing.Email),
        Flag("consent.marketing.sms", static consent => consent.Marketing.Sms),
        Flag("consent.marketing.social", static consent => consent.Marketing.Social),
        Number("amountMinorUnits", "The amount asked for in minor units.", static (in RuleFacts f) => f.AmountMinorUnits > 0 ? f.AmountMinorUnits : double.NaN, financial: true),
        Text("courseId", "Id of the course at hand.", static (in RuleFacts f) => f.Course?.Course.Id, impersonal: true, course: true),
        Text("courseCategory", "Category of the course at hand.", static (in RuleFacts f) => f.Course?.Course.Category, impersonal: true, course: true),
        Text("courseLanguage", "Language of the course at hand, BCP 47.", static (in RuleFacts f) => f.Course?.Course.Language, impersonal: true, course: true),
        Text("courseLevel", "Level of the course at hand.", static (in RuleFacts f) => f.Course?.Course.Level, impersonal: true, course: true),
        Text("courseCurrency", "Currency of the course's list price.", static (in RuleFacts f) => f.Course?.Course.ListPrice.Currency, impersonal: true, course: true),
        Number("coursePriceMinorUnits", "List price of the course at hand in minor units.", static (in RuleFacts f) => f.Course?.Course.ListPrice.MinorUnits ?? double.NaN, impersonal: true, course: true),
        Number("courseDurationMinutes", "Duration of the course at hand.", static (in RuleFacts f) => f.Course?.Course.DurationMinutes ?? double.NaN, impersonal: true, course: true),
        Text("courseInstructor", "Who teaches the course at hand.", static (in RuleFacts f) => f.Course?.Course.Instructor, impersonal: true, course: true),
        Names("courseTags", "Tags of the course at hand.", static course => course.Tags),
        Names("courseConcepts", "Concepts that the course at hand teaches.", static course => course.Concepts),
        Text("surface", "Where the decision will be shown.", static (in RuleFacts f) => f.Surface, impersonal: true),
    ];

    private static double DaysSince(long ticks, DateTimeOffset now) =>
        ticks > 0 ? Math.Max(0, (now.UtcTicks - ticks) / (double)TimeSpan.TicksPerDay) : double.NaN;

    private static RuleFeature Number(string name, string meaning, NumberReader read, bool impersonal = false, bool course = false, bool financial = false) =>
        new() { Name = name, Kind = RuleFeatureKind.Number, Meaning = meaning, Number = read, IsImpersonal = impersonal, IsOfCourse = course, IsFinancial = financial };

    private static RuleFeature Text(string name, string meaning, TextReader read, bool impersonal = false, bool course = false, bool financial = false) =>
        new() { Name = name, Kind = RuleFeatureKind.Text, Meaning = meaning, Text = read, IsImpersonal = impersonal, IsOfCourse = course, IsFinancial = financial };

    /// <summary>A list of names that a course carries, compared without regard to case.</summary>
    private static RuleFeature Names(string name, string meaning, Func<Course, ImmutableArray<string>> read) => new()
    {
        Name = name,
        Kind = RuleFeatureKind.Set,
        Meaning = meaning,
        IsImpersonal = true,
        IsOfCourse = true,
        Set = (in RuleFacts f, string wanted) => f.Course is { } course && read(course.Course) is { IsDefault: false } names && names.Contains(wanted, StringComparer.OrdinalIgnoreCase),
    };

    private static RuleFeature Flag(string name, Func<Consent, bool> read) => new()
    {
        Name = name,
        Kind = RuleFeatureKind.Flag,
        Meaning = "Whether the person allows it.",
        Number = (in RuleFacts f) => read(f.Profile.Consent) ? 1 : 0,
    };
}
