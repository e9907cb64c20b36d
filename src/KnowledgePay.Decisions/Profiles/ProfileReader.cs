using KnowledgePay.Contracts;

namespace KnowledgePay.Decisions.Profiles;

/// <summary>Reads a profile as of a moment: what decays is brought to it. Changes nothing and allocates nothing.</summary>
public static class ProfileReader
{
    /// <summary>Purchases (and quotes let go, at half weight) that the prior of the price sensitivity is worth, on either side.</summary>
    public const double SensitivityPrior = 2;

    /// <summary>Rolling payment risk, 0 to 1.</summary>
    public static float CurrentRisk(this UserProfile profile, DateTimeOffset now) => PaymentRisk.At(profile, now.UtcTicks);

    /// <summary>Decayed events at the four half-lives.</summary>
    public static ActivityLevels CurrentActivity(this UserProfile profile, DateTimeOffset now)
    {
        long elapsed = now.UtcTicks - profile.LastSeenTicks;
        ActivityLevels a = profile.Activity;
        return new ActivityLevels(
            (float)(a.Hour * Decay.Factor(elapsed, Decay.Hour)),
            (float)(a.Day * Decay.Factor(elapsed, Decay.Day)),
            (float)(a.Week * Decay.Factor(elapsed, Decay.Week)),
            (float)(a.Month * Decay.Factor(elapsed, Decay.Month)));
    }

    /// <summary>Mean discount (0–1 of list) of the quotes whose answer is known; null without any.</summary>
    public static double? MeanDiscountSeen(this UserProfile profile) =>
        profile.PriceResponse is { Seen: > 0 } p ? Math.Clamp(p.DiscountSeenSum / p.Seen, 0, 1) : null;

    /// <summary>Mean discount (0–1 of list) of what was bought; null without any.</summary>
    public static double? MeanDiscountBought(this UserProfile profile) =>
        profile.PriceResponse is { Bought: > 0 } p ? Math.Clamp(p.DiscountBoughtSum / p.Bought, 0, 1) : null;

    /// <summary>Share of the purchases at full price, 0–1; null without any.</summary>
    public static double? FullPriceShare(this UserProfile profile) =>
        profile.PriceResponse is { Bought: > 0 } p ? Math.Clamp(p.FullPriceBought / p.Bought, 0, 1) : null;

    /// <summary>How much the person's buying hangs on a discount, 0 (not at all) to 1; 0.5 for somebody of whom nothing is known.</summary>
    /// <remarks>
    /// The mean of a Beta posterior with prior (2, 2). A purchase at a discount speaks for sensitivity, one at full price against it;
    /// a quote let go speaks for it by half a purchase × (1 − its discount): who leaves a full price may have wanted less, who leaves a deep discount
    /// did not want the course. The decayed counts fade towards the prior with the half-life of <see cref="Decay.PriceHalfLife"/>.
    /// </remarks>
    public static double PriceSensitivity(this UserProfile profile, DateTimeOffset now)
    {
        PriceResponse p = profile.PriceResponse;
        double fresh = Decay.Factor(now.UtcTicks - p.Ticks, Decay.PriceHalfLife);
        double bought = p.Bought * fresh;
        double letGo = Math.Max(0, p.Seen - p.Bought) * fresh;
        double letGoUndiscounted = Math.Clamp(letGo - (Math.Max(0, p.DiscountSeenSum - p.DiscountBoughtSum) * fresh), 0, letGo);
        double discounted = Math.Clamp((p.Bought - p.FullPriceBought) * fresh, 0, bought);
        return (SensitivityPrior + discounted + (0.5 * letGoUndiscounted)) / ((2 * SensitivityPrior) + bought + (0.5 * letGo));
    }

    /// <summary>Courses completed among those taken, 0–1; null with none taken.</summary>
    public static double? CompletionRate(this UserProfile profile) =>
        profile.Shelf.Count == 0 ? null : Math.Min(1, (double)profile.Completions / profile.Shelf.Count);

    /// <summary>Mean progress over the courses taken, 0–1; null with none taken.</summary>
    public static double? MeanProgress(this UserProfile profile)
    {
        CourseShelf shelf = profile.Shelf;
        if (shelf.Count == 0)
        {
            return null;
        }

        int sum = 0;
        foreach (byte progress in shelf.Progress.AsSpan(0, shelf.Count))
        {
            sum += progress;
        }

        return sum / ((double)CourseShelf.Whole * shelf.Count);
    }

    /// <summary>Failed and abandoned payments among all attempts, 0–1; null without any.</summary>
    public static double? PaymentFailureRate(this UserProfile profile)
    {
        long bad = (long)profile.PaymentsFailed + profile.PaymentsAbandoned;
        long all = bad + profile.PaymentsSucceeded;
        return all == 0 ? null : (double)bad / all;
    }

    /// <summary>The currency in which most was spent (in minor units) and how much; null for somebody who never paid.</summary>
    public static Money? LargestSpend(this UserProfile profile)
    {
        Money? largest = null;
        foreach (Money spent in profile.Spent ?? [])
        {
            largest = largest is null || spent.MinorUnits > largest.Value.MinorUnits ? spent : largest;
        }

        return largest;
    }

    /// <summary>Completed years by the calendar year; null when the birth year is not known.</summary>
    public static int? Age(this UserProfile profile, DateTimeOffset now) =>
        profile.BirthYear > 0 ? Math.Max(0, now.UtcDateTime.Year - profile.BirthYear) : null;
}
