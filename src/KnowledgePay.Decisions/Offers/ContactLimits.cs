using KnowledgePay.Contracts.Partners;
using KnowledgePay.Decisions.Profiles;

namespace KnowledgePay.Decisions.Offers;

/// <summary>How often a person may be approached, from what they were shown and answered.</summary>
internal static class ContactLimits
{
    /// <summary>True when no further product may be shown to the person today or this week.</summary>
    public static bool IsSaturated(ReadOnlySpan<OfferMemory> memories, OfferSettings settings, DateTimeOffset now)
    {
        int day = 0;
        int week = 0;
        foreach (OfferMemory memory in memories)
        {
            long ago = now.UtcTicks - memory.LastShownTicks;
            day += memory.LastShownTicks > 0 && ago < TimeSpan.TicksPerDay ? 1 : 0;
            week += memory.LastShownTicks > 0 && ago < 7 * TimeSpan.TicksPerDay ? 1 : 0;
        }

        return day >= settings.ProductsPerDay || week >= settings.ProductsPerWeek;
    }

    /// <summary>True when this product may be shown again.</summary>
    public static bool Allow(in OfferMemory memory, OfferSettings settings, DateTimeOffset now)
    {
        bool justShown = memory.LastShownTicks > 0 && now.UtcTicks - memory.LastShownTicks < settings.PauseBetweenShows.Ticks;
        bool refused = memory.Declined > 0 && now.UtcTicks - memory.LastAnswerTicks < settings.CoolDown.Ticks;
        bool ignored = memory.Shown - memory.Accepted - memory.Declined >= settings.LargestUnansweredShows
            && now.UtcTicks - memory.LastShownTicks < settings.CoolDown.Ticks;
        return !justShown && !refused && !ignored;
    }

    /// <summary>False for what would not do the person good: a second policy or membership, a membership declined lately.</summary>
    public static bool IsNeeded(ProductKind kind, in OfferMemory memory, OfferSettings settings, DateTimeOffset now) => kind switch
    {
        ProductKind.Insurance => memory.Accepted == 0,
        ProductKind.Membership => memory.Accepted == 0 && (memory.Declined == 0 || now.UtcTicks - memory.LastAnswerTicks >= settings.MembershipPause.Ticks),
        _ => true,
    };

    public static OfferMemory Find(ReadOnlySpan<OfferMemory> memories, int product)
    {
        foreach (OfferMemory memory in memories)
        {
            if (memory.Product == product)
            {
                return memory;
            }
        }

        return default;
    }
}
