using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Contracts.Partners;
using KnowledgePay.Decisions.Catalogue;
using KnowledgePay.Decisions.Premiums;
using KnowledgePay.Decisions.Profiles;
using KnowledgePay.Decisions.Projections;
using KnowledgePay.Decisions.Reasons;
using KnowledgePay.Decisions.Rules;
using KnowledgePay.Decisions.Segmentation;
using KnowledgePay.Decisions.Trials;

namespace KnowledgePay.Decisions.Offers;

/// <summary>Which partner products to show: valid → consent → eligible → suitable → contact → budget, then propensity × value × lever.</summary>
/// <remarks>
/// Consent stands before eligibility: a rule that reads the person does not run without it, and nobody is counted as eligible by such a rule.
/// Without it (<c>partnerSharing</c> or <c>personalisation</c> missing) only products with an impersonal rule are left, and they are ranked by what all people did.
/// Suitability and contact limits protect the person and always apply.
/// Propensity is a Thompson sample (Thompson 1933; Chapelle and Li 2011) from <see cref="OfferPropensity"/>, seeded by the decision and the product.
/// </remarks>
public static class OfferDecider
{
    public const int LargestCount = 10;
    public const int LongestSurface = 64;

    // Streams of the decision's seed.
    private const ulong ThrottleStream = 1UL << 40;
    private const ulong PropensityStream = 2UL << 40;

    /// <summary>Decides, or says why it will not: 422 for a bad surface or count, 404 for an unknown course.</summary>
    public static Answer<OfferDecision> Decide(in DecisionContext context, in PersonStanding standing, OffersRequest request, OfferSettings settings)
    {
        if (string.IsNullOrWhiteSpace(request.Surface) || request.Surface.Length > LongestSurface)
        {
            return Problem.Invalid("/surface", $"Expected 1 to {LongestSurface} characters.");
        }

        if (request.Count is < 1 or > LargestCount)
        {
            return Problem.Invalid("/count", $"Expected 1 to {LargestCount}.");
        }

        CourseEntry? course = null;
        if (request.CourseId is { } courseId && (course = context.Catalogue.FindCourse(courseId)) is null)
        {
            return Problem.NotFound("course", courseId);
        }

        var facts = new RuleFacts
        {
            Profile = context.Profile,
            Catalogue = context.Catalogue,
            Now = context.Now,
            Course = course,
            Surface = request.Surface,
            Standing = standing,
        };
        bool personal = context.Profile.Consent is { PartnerSharing: true, Personalisation: true };
        var stages = ImmutableArray.CreateBuilder<StageCount>(9);
        Span<int> left = context.Catalogue.Products.Length <= 256 ? stackalloc int[context.Catalogue.Products.Length] : new int[context.Catalogue.Products.Length];
        left = Valid(context, request.Surface, left);
        stages.Add(new("valid", left.Length));
        left = Consented(context, personal, left);
        stages.Add(new("consent", left.Length));
        ImmutableArray<int> judged = [.. left];
        left = Eligible(context, facts, left);
        stages.Add(new("eligible", left.Length));
        ImmutableArray<int> eligible = [.. left];
        left = Suitable(context, standing, settings, left);
        stages.Add(new("suitable", left.Length));
        left = Contactable(context, settings, left);
        stages.Add(new("contact", left.Length));
        left = Paced(context, left);
        stages.Add(new("budget", left.Length));

        var ranked = Rank(context, standing, settings, course, personal, left);
        if (context.Uplift is not null)
        {
            stages.Add(new("gain", ranked.Length));
        }

        var offers = ImmutableArray.CreateBuilder<OfferedProduct>();
        var heldOut = ImmutableArray.CreateBuilder<int>();
        for (int i = 0; i < ranked.Length && i < request.Count; i++)
        {
            // Its place stays empty: what is measured is this offer or nothing.
            if (personal && IsHeldOut(context, settings, ranked[i].Product))
            {
                heldOut.Add(ranked[i].Product);
            }
            else
            {
                offers.Add(Describe(context, settings, course, personal, ranked[i]));
            }
        }

        stages.Add(new("shown", offers.Count));
        var reasons = ImmutableArray.CreateBuilder<Reason>(2);
        if (!personal)
        {
            reasons.Add(new Reason(ReasonCodes.OfferNoConsent));
        }

        if (offers.Count == 0)
        {
            reasons.Add(new Reason(ReasonCodes.OfferNone));
        }

        var answer = new OffersAnswer
        {
            DecisionId = context.DecisionId,
            Offers = offers.ToImmutable(),
            Reasons = reasons.ToImmutable(),
            ModelVersions = VersionsOf(context, standing, settings),
        };
        return new OfferDecision(answer, judged, eligible, ranked, heldOut.ToImmutable(), stages.ToImmutable(), request, context, standing, facts);
    }

    private static ModelVersions VersionsOf(in DecisionContext context, in PersonStanding standing, OfferSettings settings)
    {
        ImmutableSortedDictionary<string, string> versions = ImmutableSortedDictionary<string, string>.Empty
            .Add("catalogue", context.Catalogue.Version.ToString(CultureInfo.InvariantCulture))
            .Add("offers", settings.Version);
        versions = standing.Learned is { } learned ? versions.Add("segmenter", learned.Model) : versions;
        versions = context.Premiums is { } premiums ? versions.Add("premium", premiums.Version) : versions;
        return new ModelVersions(context.Uplift is { } uplift ? versions.Add("uplift", uplift.Version) : versions);
    }

    private static Span<int> Valid(in DecisionContext context, string surface, Span<int> into)
    {
        int count = 0;
        foreach (ProductEntry? entry in context.Catalogue.Products)
        {
            if (entry is not null && entry.IsValid(context.Now) && IsOn(entry.Product.Channels, surface))
            {
                into[count++] = entry.Ordinal;
            }
        }

        return into[..count];
    }

    private static Span<int> Consented(in DecisionContext context, bool personal, Span<int> products)
    {
        int count = 0;
        foreach (int product in products)
        {
            if (personal || context.Catalogue.Products[product]!.Eligibility.IsImpersonal)
            {
                products[count++] = product;
            }
        }

        return products[..count];
    }

    private static Span<int> Eligible(in DecisionContext context, in RuleFacts facts, Span<int> products)
    {
        int count = 0;
        foreach (int product in products)
        {
            if (context.Catalogue.Products[product]!.Eligibility.Holds(facts))
            {
                products[count++] = product;
            }
        }

        return products[..count];
    }

    private static Span<int> Suitable(in DecisionContext context, in PersonStanding standing, OfferSettings settings, Span<int> products)
    {
        bool mayBorrow = RiskBands.Of(standing.Risk) != RiskBands.High && !LoanBook.AnyOverdue(context.Profile, context.Now);
        ReadOnlySpan<OfferMemory> memories = context.Profile.Offers;
        int count = 0;
        foreach (int product in products)
        {
            ProductKind kind = context.Catalogue.Products[product]!.Product.Kind;
            if ((kind != ProductKind.Loan || mayBorrow) && ContactLimits.IsNeeded(kind, ContactLimits.Find(memories, product), settings, context.Now))
            {
                products[count++] = product;
            }
        }

        return products[..count];
    }

    private static Span<int> Contactable(in DecisionContext context, OfferSettings settings, Span<int> products)
    {
        ReadOnlySpan<OfferMemory> memories = context.Profile.Offers;
        if (ContactLimits.IsSaturated(memories, settings, context.Now))
        {
            return [];
        }

        int count = 0;
        foreach (int product in products)
        {
            if (ContactLimits.Allow(ContactLimits.Find(memories, product), settings, context.Now))
            {
                products[count++] = product;
            }
        }

        return products[..count];
    }

    private static Span<int> Paced(in DecisionContext context, Span<int> products)
    {
        int count = 0;
        foreach (int product in products)
        {
            double throttle = BudgetPacing.Throttle(context.Catalogue.Products[product]!, context.Signals.Product(product), context.Now);
            if (throttle > 0 && (throttle >= 1 || new SeededRandom(context.Seed, ThrottleStream + (ulong)product).NextDouble() < throttle))
            {
                products[count++] = product;
            }
        }

        return products[..count];
    }

    private static ImmutableArray<RankedOffer> Rank(
        in DecisionContext context, in PersonStanding standing, OfferSettings settings, CourseEntry? course, bool personal, ReadOnlySpan<int> products)
    {
        var ranked = new RankedOffer[products.Length];
        Span<double> features = stackalloc double[SegmentFeatures.Count];
        IOfferUplift? uplift = personal && SegmentFeatures.CanHave(context.Profile) ? context.Uplift : null;
        if (uplift is not null)
        {
            SegmentFeatures.Read(context.Profile, context.Now, settings.Scale, features);
        }

        int count = 0;
        for (int i = 0; i < ranked.Length; i++)
        {
            int product = products[i];
            ProductEntry entry = context.Catalogue.Products[product]!;
            ProductKind kind = entry.Product.Kind;
            ProductAggregate? aggregate = context.Signals.Product(product);
            var propensity = OfferPropensity.Of(aggregate, personal ? standing.Segment : null, settings.PriorOf(kind));
            double sample = new SeededRandom(context.Seed, PropensityStream + (ulong)product).NextBeta(propensity.Alpha, propensity.Beta);
            double lever = OfferLever.Of(context, settings, kind, course, personal).Factor;
            var offer = new RankedOffer(
                product, propensity, sample, ValueYuan(settings, entry, course), lever, PremiumPricing.Of(context, entry, settings.Scale, personal),
                uplift?.Of(features, entry.Key), settings.PurchaseValueFen / 100.0);

            // What costs more purchases than its acceptances are worth is better not shown.
            if (offer.Uplift is null || offer.Score > 0)
            {
                ranked[count++] = offer;
            }
        }

        Array.Resize(ref ranked, count);
        Array.Sort(ranked, static (a, b) => b.Score.CompareTo(a.Score) is not 0 and var order ? order : a.Product.CompareTo(b.Product));
        return ImmutableCollectionsMarshal.AsImmutableArray(ranked);
    }

    private static bool IsHeldOut(in DecisionContext context, OfferSettings settings, int product) =>
        settings.HoldOutShare > 0 && TrialArms.IsChallengers(
            context.UserId,
            string.Create(CultureInfo.InvariantCulture, $"hold-out {context.Now.UtcTicks / settings.HoldOutPeriod.Ticks} {context.Catalogue.Products[product]!.Key}"),
            settings.HoldOutShare);

    private static double ValueYuan(OfferSettings settings, ProductEntry entry, CourseEntry? course)
    {
        ProductTerms terms = entry.Terms;
        decimal fen = terms.Value is { } value ? settings.Scale.ToFen(value)
            : terms.CommissionBasisPoints is { } share && (terms.Price ?? course?.Course.ListPrice) is { } price ? settings.Scale.ToFen(price) * share / 10_000m
            : settings.ValueFenOf(entry.Product.Kind);
        return (double)(fen / 100m);
    }

    private static OfferedProduct Describe(in DecisionContext context, OfferSettings settings, CourseEntry? course, bool personal, RankedOffer offer)
    {
        PartnerProduct product = context.Catalogue.Products[offer.Product]!.Product;
        var reasons = ImmutableArray.CreateBuilder<Reason>(4);
        if (OfferLever.Of(context, settings, product.Kind, course, personal).Reason is { } fit)
        {
            reasons.Add(fit);
        }

        if (offer.Premium is { } priced && priced.Offered.Price < priced.Offered.ListPrice)
        {
            reasons.Add(new Reason(ReasonCodes.OfferPersonalPremium));
        }

        double prior = 1 / (1 + settings.PriorOf(product.Kind));
        if (personal && offer.Propensity.Shown >= settings.PopularFromShows && offer.Propensity.Mean > 1.5 * prior)
        {
            reasons.Add(new Reason(ReasonCodes.OfferPopularWithPeers));
        }

        if (!personal)
        {
            reasons.Add(new Reason(ReasonCodes.OfferGeneral));
        }
        else if (reasons.Count == 0)
        {
            reasons.Add(new Reason(ReasonCodes.OfferEligible));
        }

        return new OfferedProduct
        {
            PartnerId = product.PartnerId,
            ProductId = product.Id,
            Kind = product.Kind,
            Name = product.Name,
            Terms = product.Terms,
            Score = offer.Score,
            Reasons = reasons.ToImmutable(),
            Premium = offer.Premium?.Offered,
        };
    }

    private static bool IsOn(ImmutableArray<string> channels, string surface)
    {
        if (channels.IsDefaultOrEmpty)
        {
            return true;
        }

        foreach (string channel in channels)
        {
            if (channel.Equals(surface, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}
