using KnowledgePay.Contracts.Events;
using KnowledgePay.Decisions.Projections;

namespace KnowledgePay.Decisions.Profiles;

/// <summary>Folds events into profiles: a pure function of (profile, event), so that a replay gives the live state bit for bit.</summary>
/// <remarks>
/// <para>Each event takes a bounded number of steps, whatever came before. Events may arrive late: what decays is then added as it would have decayed by now.</para>
/// <para>
/// A person who refuses personalisation is still served: owned courses, payments, quotes, loans, offers' contact counts, the payment risk and plain counters are kept,
/// because contracts and contact limits need them. Taste, affinities, recent views, price response, and the moments of view time, stars and sentiment are profiling:
/// they are dropped when the consent is withdrawn and not learned while it is refused; nor does such a person's shelf teach course similarity.
/// </para>
/// <para>Input is taken to have been validated at the door; what is out of range here all the same is left out and counted in <see cref="UserProfile.OutlierValues"/>, never thrown.</para>
/// </remarks>
public static partial class ProfileFold
{
    /// <summary>Recent views, orders, quotes, offers, loans, credit standings, devices, payments, interests and currencies kept for a person.</summary>
    public const int RecentViewsKept = 16;
    public const int OrdersKept = 16;
    public const int QuotesKept = 32;
    public const int OffersKept = 32;
    public const int LoansKept = 16;
    public const int StandingsKept = 8;
    public const int DevicesKept = 4;
    public const int PaymentsKept = 8;
    public const int InterestsKept = 16;
    public const int CurrenciesKept = 8;

    /// <summary>Characters of a declared text that are kept.</summary>
    public const int DeclaredLength = 64;

    /// <summary>Products that one order accepts at most; further ones are not folded.</summary>
    public const int AcceptedProductsFolded = 16;

    /// <summary>Folds one event and appends what it means for the aggregates to <paramref name="effects"/> (which the caller clears).</summary>
    /// <param name="sequence">The event's number in its stream, from 1. One that the profile already holds is passed over, so that replaying an overlap is harmless.</param>
    /// <param name="person">Stream number of the person, for counting different people.</param>
    /// <remarks>Effects carry the segment and the risk band in which the person was before the event.</remarks>
    public static void Apply(UserProfile profile, long sequence, StoredEvent e, long person, ref EffectBuffer effects)
    {
        if (sequence <= profile.Sequence)
        {
            return;
        }

        profile.Sequence = sequence;
        var at = new Moment(profile, e, person);
        if (e.Data is MarketPriceObserved market)
        {
            // Its stream is the course's: there is no person to learn about.
            FoldMarketPrice(market, at, ref effects);
            return;
        }

        if (profile.FirstSeenTicks == 0 || at.Ticks < profile.FirstSeenTicks)
        {
            profile.FirstSeenTicks = at.Ticks;
        }

        SettleQuotes(profile, at.Ticks, e.Data);
        if (IsActivity(e.Data))
        {
            AddActivity(profile, at.Ticks);
        }

        switch (e.Data)
        {
            case CourseViewed d: FoldViewed(profile, d, at, ref effects); break;
            case CourseEnrolled d: FoldEnrolled(profile, d, at, ref effects); break;
            case CourseProgressed d: FoldProgressed(profile, d, at, ref effects); break;
            case CourseCompleted: FoldCompleted(profile, at, ref effects); break;
            case CourseRated d: FoldRated(profile, d, at, ref effects); break;
            case CourseCommented: FoldCommented(profile, at, ref effects); break;
            case PriceQuoted d: FoldQuoted(profile, d, at, ref effects); break;
            case PaymentAttempted d: FoldPayment(profile, d, at, ref effects); break;
            case OrderPlaced d: FoldOrder(profile, d, at, ref effects); break;
            case OfferEvent d: FoldOffer(profile, d, at, ref effects); break;
            case LoanEvent d: FoldLoan(profile, d, at, ref effects); break;
            case PaymentRefunded d: FoldRefund(profile, d.Amount, at, ref effects); break;
            case PaymentChargedBack d: FoldChargeback(profile, d.Amount, at, ref effects); break;
            case CreditDecided d: FoldCredit(profile, d, at.Ticks); break;
            case PolicyClaimed d: FoldClaim(profile, d, at, ref effects); break;
            case UserProfiled d: FoldProfiled(profile, d); break;
            case UserSocialLinked d: FoldSocial(profile, d); break;
            case ConsentChanged d: FoldConsent(profile, d); break;
        }
    }

    /// <summary>What the person does, as opposed to what is done to them or written by the engine on the way: only this is activity and moves "last seen".</summary>
    private static bool IsActivity(EventData data) =>
        data is not (PriceQuoted or CreditDecided or OffersDecided or ConsentChanged or OfferShown or LoanEvent or PaymentRefunded or PaymentChargedBack);

    private static void AddActivity(UserProfile profile, long ticks)
    {
        long last = profile.LastSeenTicks;
        ActivityLevels a = profile.Activity;
        if (ticks >= last)
        {
            long elapsed = last == 0 ? 0 : ticks - last;
            profile.Activity = new ActivityLevels(
                Level(a.Hour, elapsed, Decay.Hour, 1), Level(a.Day, elapsed, Decay.Day, 1), Level(a.Week, elapsed, Decay.Week, 1), Level(a.Month, elapsed, Decay.Month, 1));
            profile.LastSeenTicks = ticks;
            return;
        }

        long late = last - ticks;
        profile.Activity = new ActivityLevels(
            a.Hour + Level(1, late, Decay.Hour, 0), a.Day + Level(1, late, Decay.Day, 0), a.Week + Level(1, late, Decay.Week, 0), a.Month + Level(1, late, Decay.Month, 0));

        static float Level(float level, long elapsed, long halfLife, float added) => (float)((level * Decay.Factor(elapsed, halfLife)) + added);
    }

    /// <summary>Appends to an array that keeps the newest.</summary>
    private static T[] Appended<T>(T[]? items, T item, int capacity) =>
        items is null ? [item]
        : items.Length < capacity ? [.. items, item]
        : [.. items.AsSpan(items.Length - capacity + 1), item];

    /// <summary>A float that is finite and between the hard bounds, or null; anything else that is there counts as an outlier, and nothing there as missing.</summary>
    private static double? Bounded(UserProfile profile, double? value, double least, double most)
    {
        if (value is not { } v)
        {
            profile.MissingValues = Next(profile.MissingValues);
            return null;
        }

        if (v >= least && v <= most)
        {
            return v;
        }

        profile.OutlierValues = Next(profile.OutlierValues);
        return null;
    }

    private static RunningMoments Plus(UserProfile profile, RunningMoments moments, double value, double smallestDeviation)
    {
        double kept = moments.Within(value, smallestDeviation, out bool isOutlier);
        if (isOutlier)
        {
            profile.OutlierValues = Next(profile.OutlierValues);
        }

        return moments.Plus(kept);
    }

    /// <summary>Counters stop at their end.</summary>
    private static int Next(int counter) => counter == int.MaxValue ? counter : counter + 1;

    private static short Next(short counter) => counter == short.MaxValue ? counter : (short)(counter + 1);

    /// <summary>The event's facts and what every effect of it carries.</summary>
    private readonly struct Moment
    {
        private readonly long _person;
        private readonly byte _segment;
        private readonly byte _riskBand;

        public Moment(UserProfile profile, StoredEvent e, long person)
        {
            Ticks = e.Time.UtcTicks;
            Facts = e.Facts;
            _person = person;
            if (e.Data is not MarketPriceObserved)
            {
                long now = Math.Max(Ticks, profile.LastSeenTicks);
                _segment = SegmentRule.Of(profile, now);
                _riskBand = RiskBands.Of(PaymentRisk.At(profile, now));
            }
        }

        public long Ticks { get; }

        public EventFacts Facts { get; }

        public ProjectionEffect Effect(EffectKind kind) => new()
        {
            Kind = kind,
            Course = Facts.Course,
            Product = Facts.Product,
            TimeTicks = Ticks,
            Segment = _segment,
            RiskBand = _riskBand,
            Person = _person,
        };
    }
}
