using KnowledgePay.Contracts.Events;
using KnowledgePay.Decisions.Projections;

namespace KnowledgePay.Decisions.Profiles;

public static partial class ProfileFold
{
    /// <summary>Days after which an answered quote makes room when the next comes.</summary>
    private const int QuoteDaysKept = 30;

    private static void FoldQuoted(UserProfile profile, PriceQuoted d, in Moment at, ref EffectBuffer effects)
    {
        Learn(profile, at, SignalWeights.PriceAsked);
        int course = at.Facts.Course;
        if (course < 0)
        {
            return;
        }

        QuoteMemory[] quotes = profile.Quotes ?? [];
        foreach (ref readonly QuoteMemory known in quotes.AsSpan())
        {
            if (known.Course == course && known.Day == d.Day)
            {
                // The first quote of a day binds; a second is not another one.
                return;
            }
        }

        var quote = new QuoteMemory(course, d.Day, (short)Math.Clamp(d.Rung, 0, short.MaxValue), d.Price, d.ListPrice, Bought: false, d.Personal);
        if (d.Day < profile.QuotesSettledBefore)
        {
            LetGo(profile, quote, at.Ticks);
        }

        profile.Quotes = [.. RoomForQuote(profile, quotes, d.Day, at.Ticks), quote];
        effects.Add(at.Effect(EffectKind.PriceQuoted) with { Amount = d.Price, ListPrice = d.ListPrice, Value = quote.Rung });
    }

    private static ReadOnlySpan<QuoteMemory> RoomForQuote(UserProfile profile, QuoteMemory[] quotes, int day, long ticks)
    {
        int from = 0;
        while (from < quotes.Length && (quotes.Length - from >= QuotesKept || quotes[from].Day < Math.Min(day - QuoteDaysKept, profile.QuotesSettledBefore)))
        {
            if (quotes[from].Day >= profile.QuotesSettledBefore && !quotes[from].Bought)
            {
                LetGo(profile, quotes[from], ticks);
            }

            from++;
        }

        return quotes.AsSpan(from);
    }

    /// <summary>On the first sign of a person on a later day, what was quoted before and not bought counts as let go.</summary>
    private static void SettleQuotes(UserProfile profile, long ticks, EventData data)
    {
        int day = (int)(ticks / TimeSpan.TicksPerDay);
        if (day <= profile.QuotesSettledBefore || !(IsActivity(data) || data is PriceQuoted))
        {
            return;
        }

        foreach (ref readonly QuoteMemory quote in profile.Quotes.AsSpan())
        {
            if (quote.Day >= profile.QuotesSettledBefore && quote.Day < day && !quote.Bought)
            {
                LetGo(profile, quote, ticks);
            }
        }

        profile.QuotesSettledBefore = day;
    }

    /// <summary>Marks the newest open quote of an ordered course as bought and learns from its price.</summary>
    private static void BuyQuoted(UserProfile profile, OrderPlaced d, in Moment at)
    {
        bool wasSettled = false;
        Span<QuoteMemory> quotes = profile.Quotes.AsSpan();
        for (int i = quotes.Length - 1; i >= 0; i--)
        {
            if (quotes[i].Course == at.Facts.Course && !quotes[i].Bought)
            {
                wasSettled = quotes[i].Day < profile.QuotesSettledBefore;
                quotes[i] = quotes[i] with { Bought = true };
                break;
            }
        }

        AnswerPrice(profile, at.Ticks, DiscountOf(d.Charged.MinorUnits, d.ListPrice.MinorUnits), bought: true, wasSettled);
    }

    private static void LetGo(UserProfile profile, in QuoteMemory quote, long ticks) =>
        AnswerPrice(profile, ticks, DiscountOf(quote.Price.MinorUnits, quote.ListPrice.MinorUnits), bought: false, wasSettled: false);

    /// <param name="wasSettled">The quote counted as let go before it was bought after all, so it is already among those seen.</param>
    private static void AnswerPrice(UserProfile profile, long ticks, float discount, bool bought, bool wasSettled)
    {
        if (!profile.Consent.Personalisation)
        {
            return;
        }

        PriceResponse p = profile.PriceResponse;
        float old = (float)Decay.Factor(ticks - p.Ticks, Decay.PriceHalfLife);
        float weight = (float)Decay.Factor(p.Ticks - ticks, Decay.PriceHalfLife);
        float seen = wasSettled ? 0 : weight;
        float sold = bought ? weight : 0;
        float boughtSum = (p.Bought * old) + sold;
        profile.PriceResponse = new PriceResponse(
            Math.Max((p.Seen * old) + seen, boughtSum),
            boughtSum,
            Math.Max((p.DiscountSeenSum * old) + (discount * seen), (p.DiscountBoughtSum * old) + (discount * sold)),
            (p.DiscountBoughtSum * old) + (discount * sold),
            (p.FullPriceBought * old) + (discount < FullPriceDiscount ? sold : 0),
            Math.Max(p.Ticks, ticks));
    }

    /// <summary>Discounts below half a percent are the full price.</summary>
    private const float FullPriceDiscount = 0.005f;

    /// <summary>1 − price ⁄ list, 0–1; 0 when the list price is not known.</summary>
    private static float DiscountOf(long price, long list) =>
        list <= 0 ? 0 : (float)Math.Clamp(1 - ((double)price / list), 0, 1);
}
