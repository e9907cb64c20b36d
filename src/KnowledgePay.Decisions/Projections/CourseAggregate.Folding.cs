using KnowledgePay.Contracts;

namespace KnowledgePay.Decisions.Projections;

public sealed partial class CourseAggregate
{
    /// <summary>Competitors whose latest price is kept.</summary>
    public const int CompetitorsKept = 16;

    /// <summary>Adds one effect about this course. Effects of other kinds are passed over.</summary>
    public void Apply(in ProjectionEffect effect)
    {
        switch (effect.Kind)
        {
            case EffectKind.CourseViewed:
                Views++;
                break;
            case EffectKind.CourseTaken:
                Taken++;
                RiskMix[Math.Min(effect.RiskBand, RiskMix.Length - 1)]++;
                SegmentMix[Math.Min(effect.Segment, SegmentMix.Length - 1)]++;
                if (effect.Region != Projections.RegionMix.None)
                {
                    long[]? regions = RegionMix;
                    Projections.RegionMix.Add(ref regions, effect.Region, 1);
                    RegionMix = regions;
                }

                break;
            case EffectKind.CourseEnrolled:
                Enrolments++;
                Earn(effect.Amount, 1);
                break;
            case EffectKind.CourseCompleted:
                Completions++;
                break;
            case EffectKind.CourseRated:
                // A person who rates again replaces their stars.
                Ratings += effect.Previous > 0 ? 0 : 1;
                StarsSum += effect.Value - effect.Previous;
                break;
            case EffectKind.CourseCommented:
                Comments++;
                SentimentSum += effect.Value;
                break;
            case EffectKind.PriceQuoted:
                (QuotesShown ??= new int[Rungs])[RungOf(effect)]++;
                break;
            case EffectKind.OrderPlaced:
                Orders++;
                (QuotesBought ??= new int[Rungs])[RungOf(effect)]++;
                Earn(effect.Amount, 1);
                break;
            case EffectKind.PaymentRefunded:
                Earn(effect.Amount, -1);
                return;
            case EffectKind.MarketPriceObserved:
                if (effect is { Competitor: { } competitor, Amount: { } price })
                {
                    Observe(new MarketPrice(competitor, price, effect.TimeTicks));
                }

                return;
            case EffectKind.CourseProgressed:
                break;
            default:
                return;
        }

        FirstSeenTicks = FirstSeenTicks == 0 ? effect.TimeTicks : Math.Min(FirstSeenTicks, effect.TimeTicks);
        AddTrend(effect.TimeTicks, TrendWeights.Of(effect.Kind));
    }

    /// <summary>Adds what another partition counted of the same course; the other is left as it is.</summary>
    public void Merge(CourseAggregate other)
    {
        Views += other.Views;
        Enrolments += other.Enrolments;
        Completions += other.Completions;
        Ratings += other.Ratings;
        StarsSum += other.StarsSum;
        Comments += other.Comments;
        SentimentSum += other.SentimentSum;
        Orders += other.Orders;
        Taken += other.Taken;
        Revenue = MoneySums.Merge(Revenue, other.Revenue);
        QuotesShown = Sum(QuotesShown, other.QuotesShown);
        QuotesBought = Sum(QuotesBought, other.QuotesBought);
        MergeTrend(other);
        Sum(RiskMix, other.RiskMix);
        Sum(SegmentMix, other.SegmentMix);
        long[]? regions = RegionMix;
        Projections.RegionMix.Merge(ref regions, other.RegionMix);
        RegionMix = regions;
        foreach (MarketPrice price in other.Market ?? [])
        {
            Observe(price);
        }

        FirstSeenTicks = FirstSeenTicks == 0 || (other.FirstSeenTicks != 0 && other.FirstSeenTicks < FirstSeenTicks) ? other.FirstSeenTicks : FirstSeenTicks;
    }

    /// <summary>Decayed interest at a half-life of one day.</summary>
    public double TrendDayAt(long nowTicks) =>
        TrendDay == 0 ? 0 : TrendDay * ForwardDecay.Growth(nowTicks, TrendLandmarkTicks, ForwardDecay.DayHalfLife);

    /// <summary>Decayed interest at a half-life of fourteen days.</summary>
    public double TrendFortnightAt(long nowTicks) =>
        TrendFortnight == 0 ? 0 : TrendFortnight * ForwardDecay.Growth(nowTicks, TrendLandmarkTicks, ForwardDecay.FortnightHalfLife);

    /// <summary>Interest a day: the mean of the rates that the two trends stand for (level · ln 2 ⁄ half-life), so that a burst lifts a course and a steady one keeps its place.</summary>
    public double TrendRate(long nowTicks) => TrendRate(TrendDayAt(nowTicks), TrendFortnightAt(nowTicks));

    internal static double TrendRate(double day, double fortnight) => 0.5 * Math.Log(2) * (day + (fortnight / 14));

    private void AddTrend(long ticks, double weight)
    {
        if (weight == 0)
        {
            return;
        }

        if (TrendLandmarkTicks == 0)
        {
            TrendLandmarkTicks = ticks;
        }
        else if (ticks - TrendLandmarkTicks > ForwardDecay.LandmarkReach)
        {
            MoveLandmark(ticks);
        }

        TrendDay += weight * ForwardDecay.Growth(TrendLandmarkTicks, ticks, ForwardDecay.DayHalfLife);
        TrendFortnight += weight * ForwardDecay.Growth(TrendLandmarkTicks, ticks, ForwardDecay.FortnightHalfLife);
    }

    private void MoveLandmark(long ticks)
    {
        TrendDay *= ForwardDecay.Growth(ticks, TrendLandmarkTicks, ForwardDecay.DayHalfLife);
        TrendFortnight *= ForwardDecay.Growth(ticks, TrendLandmarkTicks, ForwardDecay.FortnightHalfLife);
        TrendLandmarkTicks = ticks;
    }

    private void MergeTrend(CourseAggregate other)
    {
        if (other.TrendLandmarkTicks == 0)
        {
            return;
        }

        if (TrendLandmarkTicks < other.TrendLandmarkTicks)
        {
            MoveLandmark(other.TrendLandmarkTicks);
        }

        TrendDay += other.TrendDayAt(TrendLandmarkTicks);
        TrendFortnight += other.TrendFortnightAt(TrendLandmarkTicks);
    }

    private void Earn(Money? amount, int sign)
    {
        if (amount is { } money)
        {
            Revenue = MoneySums.Add(Revenue, money with { MinorUnits = sign * money.MinorUnits });
        }
    }

    /// <summary>Keeps each competitor's latest price, and of the competitors the sixteen heard of last, sorted by name. Any order of the same observations leaves the same.</summary>
    private void Observe(in MarketPrice price)
    {
        MarketPrice[] market = Market ?? [];
        string competitor = price.Competitor;
        int known = Array.FindIndex(market, m => m.Competitor == competitor);
        if (known >= 0)
        {
            if (IsLater(price, market[known]))
            {
                market = [.. market];
                market[known] = price;
                Market = market;
            }

            return;
        }

        MarketPrice[] grown = [.. market, price];
        if (grown.Length > CompetitorsKept)
        {
            int oldest = 0;
            for (int i = 1; i < grown.Length; i++)
            {
                oldest = IsLater(grown[oldest], grown[i]) ? i : oldest;
            }

            grown = [.. grown.AsSpan(0, oldest), .. grown.AsSpan(oldest + 1)];
        }

        Array.Sort(grown, static (a, b) => string.CompareOrdinal(a.Competitor, b.Competitor));
        Market = grown;
    }

    private static bool IsLater(in MarketPrice a, in MarketPrice b)
    {
        if (a.Ticks != b.Ticks)
        {
            return a.Ticks > b.Ticks;
        }

        int name = string.CompareOrdinal(a.Competitor, b.Competitor);
        if (name != 0)
        {
            return name > 0;
        }

        return a.Price.MinorUnits != b.Price.MinorUnits
            ? a.Price.MinorUnits > b.Price.MinorUnits
            : string.CompareOrdinal(a.Price.Currency, b.Price.Currency) > 0;
    }

    private static int RungOf(in ProjectionEffect effect) => (int)Math.Clamp(effect.Value, 0, Rungs - 1);

    private static int[]? Sum(int[]? into, int[]? other)
    {
        for (int i = 0; i < other?.Length; i++)
        {
            (into ??= new int[Rungs])[Math.Min(i, Rungs - 1)] += other[i];
        }

        return into;
    }

    private static void Sum(long[] into, long[] other)
    {
        for (int i = 0; i < other.Length; i++)
        {
            into[Math.Min(i, into.Length - 1)] += other[i];
        }
    }
}
