using System.Collections.Immutable;
using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Catalogue;
using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Contracts.Events;
using KnowledgePay.Decisions.Catalogue;
using KnowledgePay.Decisions.Profiles;
using KnowledgePay.Decisions.Projections;

namespace KnowledgePay.Decisions.Pricing;

/// <summary>Decides the price of a course for a person.</summary>
/// <remarks>
/// <para>The <i>standard price</i> is the list price: the one price that is the same for everybody at every moment without any state, and that
/// no personal price exceeds. Without consent to personalisation and to personal prices it is what a person gets.</para>
/// <para>With both consents the price is the rung of the <see cref="PriceLadder"/> with the largest expected margin under the course's
/// <see cref="DemandModel"/> (drawn once a course and day, see <see cref="PriceExperiment"/>) and the person's <see cref="PersonalPriceSignals"/>; it is never above what somebody unknown who consents would get.</para>
/// <para>A person, a course and a UTC day have one price. It changes within the day only when the list price falls below it, when the floor rises
/// above it, or when the person gives or takes back the consent that it stands on.</para>
/// </remarks>
public static class Pricer
{
    /// <summary>Version of the guard-rails and of the choice, in every decision's model versions.</summary>
    public const string Version = "ladder-1";

    private static readonly Reason Standard = new(PriceReasons.Standard);
    private static readonly Reason List = new(PriceReasons.List);
    private static readonly Reason Personal = new(PriceReasons.Personal);
    private static readonly Reason Market = new(PriceReasons.Market);
    private static readonly Reason NoConsent = new(PriceReasons.NoConsent);
    private static readonly Reason Floor = new(PriceReasons.Floor);
    private static readonly Reason SameDay = new(PriceReasons.SameDay);

    /// <summary>The thread's last ones: they change with the catalogue and the model, not with the call.</summary>
    [ThreadStatic]
    private static (long Catalogue, string Demand, ModelVersions Versions)? _versions;

    /// <returns>The price, or <c>not-found</c> (404), <c>not-published</c> or <c>already-owned</c> (409).</returns>
    public static Answer<PriceDecision> Decide(in DecisionContext ctx, PriceRequest request, PricingSettings settings)
    {
        if (ctx.Catalogue.FindCourse(request.CourseId) is not { } entry)
        {
            return Problem.NotFound("course", request.CourseId);
        }

        Course course = entry.Course;
        UserProfile profile = ctx.Profile;
        if (!entry.IsPublished(ctx.Now))
        {
            return PriceProblems.NotPublished(course.Id);
        }

        if (profile.Shelf.Contains(entry.Ordinal))
        {
            return PriceProblems.AlreadyOwned(course.Id);
        }

        Money list = course.ListPrice;
        PriceLadder ladder = PriceLadder.Of(list, course.FloorPrice, course.MarginalCost, settings);
        bool consents = profile.Consent.Personalisation && profile.Consent.PersonalPricing;
        bool isPersonal = consents && list.MinorUnits > 0;
        int day = DateOnly.FromDateTime(ctx.Now.UtcDateTime).DayNumber;
        QuoteMemory? pin = FindPin(profile.Quotes, entry.Ordinal, day, list.Currency, isPersonal);
        PriceWorkings workings = isPersonal
            ? Choose(ctx, entry, ladder, pin, day, settings)
            : new PriceWorkings
            {
                UserSequence = profile.Sequence,
                Ladder = ladder,
                PersonalisationConsent = profile.Consent.Personalisation,
                PersonalPricingConsent = profile.Consent.PersonalPricing,
                IsChosen = false,
                Pinned = pin?.Price,
            };

        int rung = workings.Choice.Rung;
        long price = ladder.PriceAt(rung);
        bool isRaised = false;
        long lowest = Math.Min(list.MinorUnits, ladder.FloorMinorUnits);
        if (pin is { } kept)
        {
            price = Math.Max(Math.Min(kept.Price.MinorUnits, list.MinorUnits), lowest);
            isRaised = price > kept.Price.MinorUnits;
            rung = price == kept.Price.MinorUnits ? kept.Rung : PriceLadder.NearestRung(price, list.MinorUnits);
        }
        else if (isPersonal && FindPin(profile.Quotes, entry.Ordinal, day, list.Currency, isPersonal: false) is { } standard
            && Math.Max(standard.Price.MinorUnits, lowest) < price)
        {
            // Giving consent does not make today's price dearer.
            price = Math.Max(standard.Price.MinorUnits, lowest);
            rung = PriceLadder.NearestRung(price, list.MinorUnits);
        }

        var money = new Money(list.Currency, price);
        bool isNew = pin?.Price != money;
        return new PriceDecision(workings)
        {
            DecisionId = ctx.DecisionId,
            UserId = ctx.UserId,
            CourseId = course.Id,
            Price = money,
            ListPrice = list,
            Rung = rung,
            Personalised = isPersonal,
            IssuedAt = ctx.Now,
            ExpiresAt = ctx.Now + settings.QuoteLifetime,
            Reasons = ReasonsOf(workings, isPersonal, consents, price == list.MinorUnits, pin is not null, isRaised),
            ModelVersions = VersionsOf(ctx.Catalogue, ctx.Demand),
            Quoted = isNew
                ? new PriceQuoted
                {
                    CourseId = course.Id,
                    DecisionId = ctx.DecisionId,
                    Price = money,
                    ListPrice = list,
                    Rung = rung,
                    Day = day,
                    Personal = isPersonal,
                }
                : null,
        };
    }

    private static PriceWorkings Choose(in DecisionContext ctx, CourseEntry entry, in PriceLadder ladder, QuoteMemory? pin, int day, PricingSettings settings)
    {
        Course course = entry.Course;
        CourseAggregate? crowd = ctx.Signals.Course(entry.Ordinal);
        MarketReference market = MarketReference.Of(course.ListPrice, crowd?.Market, ctx.Now, settings.MarketWindow);
        DemandPrior prior = DemandPrior.OfCourse(course, ctx.Demand);
        DemandEstimate demand = DemandModel.Estimate(prior, market.LogRatio, crowd?.QuotesShown, crowd?.QuotesBought);
        PriceExperiment experiment = PriceExperiment.Of(course.Id, day, demand, settings.ExperimentScale);
        PersonalPriceSignals signals = PersonalPriceSignals.Of(ctx.Profile, course);
        long cost = course.MarginalCost is { } c && c.Currency == course.ListPrice.Currency ? c.MinorUnits : 0;
        RungChoice neutral = RungChoice.Of(ladder, demand, experiment, market, PersonalPriceSignals.Neutral, cost, settings);
        RungChoice choice = signals == PersonalPriceSignals.Neutral ? neutral : RungChoice.Of(ladder, demand, experiment, market, signals, cost, settings);
        return new PriceWorkings
        {
            UserSequence = ctx.Profile.Sequence,
            Ladder = ladder,
            PersonalisationConsent = ctx.Profile.Consent.Personalisation,
            PersonalPricingConsent = ctx.Profile.Consent.PersonalPricing,
            IsChosen = true,
            Signals = signals,
            Market = market,
            Demand = demand,
            // Signals cannot raise the price (see RungChoice); rounding in floating point must not either.
            Choice = choice.Rung < neutral.Rung ? neutral : choice,
            NeutralRung = neutral.Rung,
            Pinned = pin?.Price,
            DisinterestPart = -settings.DisinterestWeight * signals.Disinterest,
            StandingPart = -settings.StandingWeight * signals.GoodStanding,
        };
    }

    /// <summary>The latest quote of the day that was made on the same footing. A personal quote does not outlive its consent.</summary>
    private static QuoteMemory? FindPin(QuoteMemory[]? quotes, int course, int day, string currency, bool isPersonal)
    {
        for (int i = (quotes?.Length ?? 0) - 1; i >= 0; i--)
        {
            ref readonly QuoteMemory quote = ref quotes![i];
            if (quote.Course == course && quote.Day == day && quote.Personal == isPersonal && !quote.Bought
                && quote.Price.Currency == currency && quote.Price.MinorUnits >= 0)
            {
                return quote;
            }
        }

        return null;
    }

    private static ImmutableArray<Reason> ReasonsOf(in PriceWorkings workings, bool isPersonal, bool consents, bool isList, bool isKept, bool isRaised)
    {
        Span<Reason?> reasons = new Reason?[5];
        int count = 0;
        reasons[count++] = isPersonal ? Personal : Standard;
        if (!consents)
        {
            reasons[count++] = NoConsent;
        }
        else if (isList)
        {
            reasons[count++] = List;
        }
        else if (!isKept && workings.Market.LogRatio < 0)
        {
            reasons[count++] = Market;
        }

        if (isKept)
        {
            reasons[count++] = SameDay;
        }

        if (isRaised || (!isKept && workings.IsChosen && workings.Choice.IsBound))
        {
            reasons[count++] = Floor;
        }

        return ImmutableArray.Create<Reason>(reasons[..count]!);
    }

    private static ModelVersions VersionsOf(CatalogueSnapshot catalogue, LearnedDemand? learned)
    {
        string demand = learned?.Version ?? DemandModel.Version;
        if (_versions is not { } known || known.Catalogue != catalogue.Version || known.Demand != demand)
        {
            _versions = known = (catalogue.Version, demand, new ModelVersions(ImmutableSortedDictionary<string, string>.Empty
                .Add("demand", demand)
                .Add("catalogue", catalogue.Version.ToString(System.Globalization.CultureInfo.InvariantCulture))
                .Add("pricing", Version)));
        }

        return known.Versions;
    }
}
