using CsCheck;
using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Catalogue;
using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Contracts.Partners;
using KnowledgePay.Contracts.People;
using KnowledgePay.Decisions.Catalogue;
using KnowledgePay.Decisions.Pricing;
using KnowledgePay.Decisions.Profiles;
using KnowledgePay.Decisions.Projections;

namespace KnowledgePay.Decisions.Tests.Pricing;

/// <summary>One course, one person and what the crowd did, for tests of prices.</summary>
internal sealed class PricingWorld
{
    public const int CourseOrdinal = 3;

    public static readonly DateTimeOffset Noon = new(2026, 3, 14, 12, 0, 0, TimeSpan.Zero);

    public Course Course { get; set; } = new() { Id = "chess", Title = "Chess", ListPrice = Cny(19_900), Category = "games", Level = "intermediate" };

    public UserProfile Profile { get; set; } = new() { Consent = Consents(true) };

    public LiveSignals Signals { get; } = new();

    public DateTimeOffset Now { get; set; } = Noon;

    public PricingSettings Settings { get; set; } = PricingSettings.Default with { ExperimentScale = 0 };

    public PartnerProduct[] Products { get; set; } = [];

    public CourseAggregate Crowd => Signals.EnsureCourse(CourseOrdinal);

    public static Gen<T> AnyOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    public static Money Cny(long minorUnits) => new("CNY", minorUnits);

    public static Consent Consents(bool personalPricing, bool personalisation = true) =>
        new() { Personalisation = personalisation, PersonalPricing = personalPricing };

    public CatalogueSnapshot Catalogue()
    {
        var courses = new CourseEntry?[CourseOrdinal + 1];
        courses[CourseOrdinal] = new CourseEntry { Ordinal = CourseOrdinal, Course = Course, Category = 0, Concepts = [] };
        ProductEntry[] products = [.. Products.Select((p, i) => new ProductEntry { Ordinal = i, Product = p, Eligibility = null! })];
        return new CatalogueSnapshot(7, courses, CourseVectors.Empty, ["games"], [], products);
    }

    public DecisionContext Context(CatalogueSnapshot? catalogue = null) => new()
    {
        DecisionId = "d-1",
        UserId = "ann",
        Profile = Profile,
        Catalogue = catalogue ?? Catalogue(),
        Signals = Signals,
        Now = Now,
        Seed = 1,
    };

    public Answer<PriceDecision> Ask(string courseId = "chess") =>
        Pricer.Decide(Context(), new PriceRequest { UserId = "ann", CourseId = courseId }, Settings);

    public PriceDecision Decide() => Ask() is { Value: { } decision } ? decision : throw new InvalidOperationException($"No price: {Ask().Problem}");

    /// <summary>What the fold does with a new quote.</summary>
    public void Remember(PriceDecision decision)
    {
        if (decision.Quoted is { } quoted)
        {
            var memory = new QuoteMemory(CourseOrdinal, quoted.Day, (short)quoted.Rung, quoted.Price, quoted.ListPrice, false, quoted.Personal);
            Profile.Quotes = [.. Profile.Quotes ?? [], memory];
        }
    }

    public void Count(int rung, int shown, int bought)
    {
        (Crowd.QuotesShown ??= new int[CourseAggregate.Rungs])[rung] += shown;
        (Crowd.QuotesBought ??= new int[CourseAggregate.Rungs])[rung] += bought;
    }
}
