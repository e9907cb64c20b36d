using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Events;
using KnowledgePay.Decisions.Projections;

namespace KnowledgePay.Decisions.Profiles;

public static partial class ProfileFold
{
    private static void FoldOffer(UserProfile profile, OfferEvent d, in Moment at, ref EffectBuffer effects)
    {
        int product = at.Facts.Product;
        if (product < 0)
        {
            return;
        }

        switch (d)
        {
            case OfferShown:
                ref OfferMemory shown = ref MemoryOf(profile, product);
                shown = shown with { Shown = Next(shown.Shown), LastShownTicks = Math.Max(shown.LastShownTicks, at.Ticks) };
                effects.Add(at.Effect(EffectKind.OfferShown));
                break;
            case OfferAccepted:
                Accept(profile, product, d.DecisionId, null, at, ref effects);
                break;
            case OfferDeclined:
                ref OfferMemory declined = ref MemoryOf(profile, product);
                declined = declined with
                {
                    Declined = Next(declined.Declined),
                    LastAnswerTicks = Math.Max(declined.LastAnswerTicks, at.Ticks),
                    LastAnswerHash = 0,
                };
                effects.Add(at.Effect(EffectKind.OfferDeclined));
                break;
        }
    }

    /// <summary>Counts an acceptance; an order and an <c>offer.accepted</c> of the same decision are one.</summary>
    private static void Accept(UserProfile profile, int product, string? decisionId, Money? revenue, in Moment at, ref EffectBuffer effects)
    {
        ref OfferMemory memory = ref MemoryOf(profile, product);
        ulong answered = decisionId is null ? 0 : StableHash.Of(decisionId);
        if (answered != 0 && memory.LastAnswerHash == answered)
        {
            return;
        }

        memory = memory with
        {
            Accepted = Next(memory.Accepted),
            LastAnswerTicks = Math.Max(memory.LastAnswerTicks, at.Ticks),
            LastAnswerHash = answered,
        };
        effects.Add(at.Effect(EffectKind.OfferAccepted) with { Product = product, Amount = revenue });
    }

    /// <summary>A product's memory; the one that was touched longest ago gives way to a new one.</summary>
    private static ref OfferMemory MemoryOf(UserProfile profile, int product)
    {
        OfferMemory[] offers = profile.Offers ?? [];
        int oldest = 0;
        for (int i = 0; i < offers.Length; i++)
        {
            if (offers[i].Product == product)
            {
                return ref offers[i];
            }

            oldest = LastTouched(offers[i]) < LastTouched(offers[oldest]) ? i : oldest;
        }

        if (offers.Length < OffersKept)
        {
            profile.Offers = offers = [.. offers, default];
            oldest = offers.Length - 1;
        }

        offers[oldest] = new OfferMemory(product, 0, 0, 0, 0, 0);
        return ref offers[oldest];

        static long LastTouched(in OfferMemory offer) => Math.Max(offer.LastShownTicks, offer.LastAnswerTicks);
    }
}
