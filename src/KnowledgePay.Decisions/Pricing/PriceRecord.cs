using System.Collections.Immutable;
using System.Globalization;
using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Decisions;

namespace KnowledgePay.Decisions.Pricing;

/// <summary>Writes a price decision down: every allowed rung with what made its purchase probability, and every guard-rail with what it saw.</summary>
/// <remarks>A rung's contributions add up to the log-odds of a purchase; its score is the expected margin of one quote in minor units.</remarks>
internal static class PriceRecord
{
    public static DecisionRecord Of(PriceDecision decision)
    {
        PriceWorkings w = decision.Workings;
        return new DecisionRecord
        {
            DecisionId = decision.DecisionId,
            Kind = DecisionKind.Price,
            UserId = decision.UserId,
            At = decision.IssuedAt,
            UserSequence = w.UserSequence,
            ModelVersions = decision.ModelVersions,
            Inputs = Inputs(decision, w),
            Candidates = Candidates(decision, w),
            Rules = Rules(decision, w),
            Reasons = decision.Reasons,
            Outcome = "quoted",
        };
    }

    private static ImmutableArray<NamedValue> Inputs(PriceDecision decision, in PriceWorkings w)
    {
        var inputs = ImmutableArray.CreateBuilder<NamedValue>();
        inputs.Add(new NamedValue("courseId", decision.CourseId));
        inputs.Add(new NamedValue("currency", decision.ListPrice.Currency));
        inputs.Add(new NamedValue("listPrice", decision.ListPrice.MinorUnits));
        inputs.Add(new NamedValue("price", decision.Price.MinorUnits));
        inputs.Add(new NamedValue("rung", decision.Rung));
        inputs.Add(new NamedValue("floorPrice", w.Ladder.FloorMinorUnits));
        if (w.IsChosen)
        {
            inputs.Add(new NamedValue("marginalCost", w.Choice.Cost));
            inputs.Add(new NamedValue("demand.priorIntercept", w.Demand.Key.Prior.Intercept));
            inputs.Add(new NamedValue("demand.priorSlope", w.Demand.Key.Prior.Slope));
            inputs.Add(new NamedValue("demand.intercept", w.Demand.Intercept));
            inputs.Add(new NamedValue("demand.slope", w.Demand.Slope));
            inputs.Add(new NamedValue("demand.quotes", w.Demand.Quotes));
            inputs.Add(new NamedValue("demand.bought", w.Demand.Bought));
            inputs.Add(new NamedValue("experiment.interceptShift", w.Choice.Experiment.InterceptShift));
            inputs.Add(new NamedValue("experiment.slopeShift", w.Choice.Experiment.SlopeShift));
            inputs.Add(new NamedValue("market.observed", w.Market.Observed));
            inputs.Add(new NamedValue("market.median", w.Market.MedianMinorUnits));
            inputs.Add(new NamedValue("market.logReference", w.Market.LogRatio));
            inputs.Add(new NamedValue("person.sensitivity", w.Signals.Sensitivity));
            inputs.Add(new NamedValue("person.disinterest", w.Signals.Disinterest));
            inputs.Add(new NamedValue("person.goodStanding", w.Signals.GoodStanding));
            inputs.Add(new NamedValue("neutralRung", w.NeutralRung));
        }

        if (w.Pinned is { } pinned)
        {
            inputs.Add(new NamedValue("quotedToday", pinned.MinorUnits));
        }

        return inputs.ToImmutable();
    }

    private static ImmutableArray<CandidateRecord> Candidates(PriceDecision decision, in PriceWorkings w)
    {
        if (!w.IsChosen)
        {
            return [new CandidateRecord(Name(decision.Rung, decision.Price), 0, [], 1)];
        }

        var candidates = ImmutableArray.CreateBuilder<CandidateRecord>(w.Ladder.Deepest + 1);
        bool isOnLadder = false;
        for (int rung = 0; rung <= w.Ladder.Deepest; rung++)
        {
            if (!w.Ladder.IsAllowed(rung))
            {
                continue;
            }

            long price = w.Ladder.PriceAt(rung);
            bool isChosen = price == decision.Price.MinorUnits;
            isOnLadder |= isChosen;
            candidates.Add(Candidate(Name(rung, decision.ListPrice with { MinorUnits = price }), price, w, isChosen));
        }

        if (!isOnLadder)
        {
            // Kept from earlier today, when the ladder had other prices.
            candidates.Add(Candidate(Name(decision.Rung, decision.Price), decision.Price.MinorUnits, w, isChosen: true));
        }

        return candidates.ToImmutable();
    }

    private static CandidateRecord Candidate(string name, long price, in PriceWorkings w, bool isChosen)
    {
        if (price <= 0)
        {
            return new CandidateRecord(name, 0, [], isChosen ? 1 : 0);
        }

        return new CandidateRecord(
            name,
            w.Choice.ExpectedMargin(price),
            [
                new Contribution("demand", w.Choice.Intercept),
                new Contribution("price", w.Choice.PricePart(price), price),
                new Contribution("experiment", w.Choice.ExperimentPart(price)),
                new Contribution("sensitivity", w.Choice.SensitivityPart(price), w.Signals.Sensitivity),
                new Contribution("interest", w.Choice.Shift == 0 ? 0 : w.DisinterestPart, w.Signals.Disinterest),
                new Contribution("standing", w.Choice.Shift == 0 ? 0 : w.StandingPart, w.Signals.GoodStanding),
            ],
            isChosen ? 1 : 0);
    }

    private static ImmutableArray<RuleTrace> Rules(PriceDecision decision, in PriceWorkings w)
    {
        long price = decision.Price.MinorUnits;
        long list = decision.ListPrice.MinorUnits;
        string saw = Text(price);
        bool isList = price == list;
        var rules = ImmutableArray.CreateBuilder<RuleTrace>();
        rules.Add(new RuleTrace("consent", "personalisation is given", w.PersonalisationConsent ? "true" : "false", w.PersonalisationConsent));
        rules.Add(new RuleTrace("consent", "personalPricing is given", w.PersonalPricingConsent ? "true" : "false", w.PersonalPricingConsent));
        rules.Add(new RuleTrace("never-above-list", $"price ≤ {Text(list)}", saw, price <= list));
        rules.Add(new RuleTrace("floor", $"price ≥ {Text(w.Ladder.FloorMinorUnits)} or list", saw, isList || price >= w.Ladder.FloorMinorUnits));
        rules.Add(new RuleTrace("margin", $"price ≥ {Text(w.Ladder.CostAndMarginMinorUnits)} or list", saw, isList || price >= w.Ladder.CostAndMarginMinorUnits));
        rules.Add(new RuleTrace("largest-discount", $"price ≥ {Text(w.Ladder.DiscountBoundMinorUnits)} or list", saw, isList || price >= w.Ladder.DiscountBoundMinorUnits));
        if (w.IsChosen)
        {
            rules.Add(new RuleTrace("never-above-unknown", $"rung ≥ {Text(w.NeutralRung)}", Text(w.Choice.Rung), w.Choice.Rung >= w.NeutralRung));
        }

        if (w.Pinned is { } pinned)
        {
            rules.Add(new RuleTrace("same-day", $"price = {Text(pinned.MinorUnits)}", saw, price == pinned.MinorUnits));
        }

        return rules.ToImmutable();
    }

    private static string Name(int rung, Money price) => string.Create(CultureInfo.InvariantCulture, $"rung-{rung} {price}");

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
