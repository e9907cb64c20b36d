using System.Globalization;
using KnowledgePay.Contracts;
using KnowledgePay.Decisions.Recording;

namespace KnowledgePay.Decisions.Pricing;

/// <summary>Writes a price decision down: every allowed rung with what made its purchase probability, and every guard-rail with what it saw.</summary>
/// <remarks>A rung's contributions add up to the log-odds of a purchase; its score is the expected margin of one quote in minor units.</remarks>
internal static class PriceRecord
{
    private const int LongestText = 96;

    public static void Write<TWriter>(PriceDecision decision, ref TWriter writer)
        where TWriter : IDecisionRecordWriter, allows ref struct
    {
        PriceWorkings w = decision.Workings;
        writer.Begin(decision.DecisionId, decision.Kind, decision.UserId, decision.IssuedAt, w.UserSequence, decision.ModelVersions);
        Inputs(decision, w, ref writer);
        Candidates(decision, w, ref writer);
        Rules(decision, w, ref writer);
        writer.Stages(0);
        writer.End(decision.Reasons, "quoted");
    }

    private static void Inputs<TWriter>(PriceDecision decision, in PriceWorkings w, ref TWriter writer)
        where TWriter : IDecisionRecordWriter, allows ref struct
    {
        writer.Inputs(6 + (w.IsChosen ? 16 : 0) + (w.Pinned is null ? 0 : 1));
        writer.Input("courseId", decision.CourseId);
        writer.Input("currency", decision.ListPrice.Currency);
        writer.Input("listPrice", decision.ListPrice.MinorUnits);
        writer.Input("price", decision.Price.MinorUnits);
        writer.Input("rung", decision.Rung);
        writer.Input("floorPrice", w.Ladder.FloorMinorUnits);
        if (w.IsChosen)
        {
            writer.Input("marginalCost", w.Choice.Cost);
            writer.Input("demand.priorIntercept", w.Demand.Key.Prior.Intercept);
            writer.Input("demand.priorSlope", w.Demand.Key.Prior.Slope);
            writer.Input("demand.intercept", w.Demand.Intercept);
            writer.Input("demand.slope", w.Demand.Slope);
            writer.Input("demand.quotes", w.Demand.Quotes);
            writer.Input("demand.bought", w.Demand.Bought);
            writer.Input("experiment.interceptShift", w.Choice.Experiment.InterceptShift);
            writer.Input("experiment.slopeShift", w.Choice.Experiment.SlopeShift);
            writer.Input("market.observed", w.Market.Observed);
            writer.Input("market.median", w.Market.MedianMinorUnits);
            writer.Input("market.logReference", w.Market.LogRatio);
            writer.Input("person.sensitivity", w.Signals.Sensitivity);
            writer.Input("person.disinterest", w.Signals.Disinterest);
            writer.Input("person.goodStanding", w.Signals.GoodStanding);
            writer.Input("neutralRung", w.NeutralRung);
        }

        if (w.Pinned is { } pinned)
        {
            writer.Input("quotedToday", pinned.MinorUnits);
        }
    }

    private static void Candidates<TWriter>(PriceDecision decision, in PriceWorkings w, ref TWriter writer)
        where TWriter : IDecisionRecordWriter, allows ref struct
    {
        if (!w.IsChosen)
        {
            writer.Candidates(1);
            Candidate(decision.Rung, decision.Price, w, isChosen: true, ref writer);
            return;
        }

        int allowed = 0;
        bool isOnLadder = false;
        for (int rung = 0; rung <= w.Ladder.Deepest; rung++)
        {
            allowed += w.Ladder.IsAllowed(rung) ? 1 : 0;
            isOnLadder |= w.Ladder.IsAllowed(rung) && w.Ladder.PriceAt(rung) == decision.Price.MinorUnits;
        }

        writer.Candidates(allowed + (isOnLadder ? 0 : 1));
        for (int rung = 0; rung <= w.Ladder.Deepest; rung++)
        {
            if (w.Ladder.IsAllowed(rung))
            {
                long price = w.Ladder.PriceAt(rung);
                Candidate(rung, decision.ListPrice with { MinorUnits = price }, w, price == decision.Price.MinorUnits, ref writer);
            }
        }

        if (!isOnLadder)
        {
            // Kept from earlier today, when the ladder had other prices.
            Candidate(decision.Rung, decision.Price, w, isChosen: true, ref writer);
        }
    }

    private static void Candidate<TWriter>(int rung, Money money, in PriceWorkings w, bool isChosen, ref TWriter writer)
        where TWriter : IDecisionRecordWriter, allows ref struct
    {
        long price = money.MinorUnits;
        Span<char> name = stackalloc char[LongestText];
        "rung-".CopyTo(name);
        rung.TryFormat(name["rung-".Length..], out int length, provider: CultureInfo.InvariantCulture);
        length += "rung-".Length;
        name[length++] = ' ';
        money.TryFormat(name[length..], out int amount, default, null);
        length += amount;
        if (!w.IsChosen || price <= 0)
        {
            writer.Candidate(name[..length], 0, 0);
        }
        else
        {
            writer.Candidate(name[..length], w.Choice.ExpectedMargin(price), 6);
            writer.Contribution("demand", w.Choice.Intercept);
            writer.Contribution("price", w.Choice.PricePart(price), price);
            writer.Contribution("experiment", w.Choice.ExperimentPart(price));
            writer.Contribution("sensitivity", w.Choice.SensitivityPart(price), w.Signals.Sensitivity);
            writer.Contribution("interest", w.Choice.Shift == 0 ? 0 : w.DisinterestPart, w.Signals.Disinterest);
            writer.Contribution("standing", w.Choice.Shift == 0 ? 0 : w.StandingPart, w.Signals.GoodStanding);
        }

        writer.EndCandidate(isChosen ? 1 : 0);
    }

    private static void Rules<TWriter>(PriceDecision decision, in PriceWorkings w, ref TWriter writer)
        where TWriter : IDecisionRecordWriter, allows ref struct
    {
        long price = decision.Price.MinorUnits;
        long list = decision.ListPrice.MinorUnits;
        bool isList = price == list;
        writer.Rules(6 + (w.IsChosen ? 1 : 0) + (w.Pinned is null ? 0 : 1));
        writer.Rule("consent", "personalisation is given", w.PersonalisationConsent ? "true" : "false", w.PersonalisationConsent);
        writer.Rule("consent", "personalPricing is given", w.PersonalPricingConsent ? "true" : "false", w.PersonalPricingConsent);
        Rule("never-above-list", "price ≤ ", list, "", price, price <= list, ref writer);
        Rule("floor", "price ≥ ", w.Ladder.FloorMinorUnits, " or list", price, isList || price >= w.Ladder.FloorMinorUnits, ref writer);
        Rule("margin", "price ≥ ", w.Ladder.CostAndMarginMinorUnits, " or list", price, isList || price >= w.Ladder.CostAndMarginMinorUnits, ref writer);
        Rule("largest-discount", "price ≥ ", w.Ladder.DiscountBoundMinorUnits, " or list", price, isList || price >= w.Ladder.DiscountBoundMinorUnits, ref writer);
        if (w.IsChosen)
        {
            Rule("never-above-unknown", "rung ≥ ", w.NeutralRung, "", w.Choice.Rung, w.Choice.Rung >= w.NeutralRung, ref writer);
        }

        if (w.Pinned is { } pinned)
        {
            Rule("same-day", "price = ", pinned.MinorUnits, "", price, price == pinned.MinorUnits, ref writer);
        }
    }

    private static void Rule<TWriter>(string rule, string comparison, long bound, string otherwise, long saw, bool passed, ref TWriter writer)
        where TWriter : IDecisionRecordWriter, allows ref struct
    {
        Span<char> condition = stackalloc char[LongestText], seen = stackalloc char[LongestText];
        comparison.CopyTo(condition);
        bound.TryFormat(condition[comparison.Length..], out int length, provider: CultureInfo.InvariantCulture);
        otherwise.CopyTo(condition[(length += comparison.Length)..]);
        length += otherwise.Length;
        saw.TryFormat(seen, out int digits, provider: CultureInfo.InvariantCulture);
        writer.Rule(rule, condition[..length], seen[..digits], passed);
    }
}
