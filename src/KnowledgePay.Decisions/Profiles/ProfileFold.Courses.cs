using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Events;
using KnowledgePay.Decisions.Projections;

namespace KnowledgePay.Decisions.Profiles;

public static partial class ProfileFold
{
    private const double SecondsInDay = 86_400;

    /// <summary>Deviations that the moments assume at least: of view seconds, stars, sentiment and the logarithm of an amount.</summary>
    private const double LeastSecondsDeviation = 5;
    private const double LeastStarsDeviation = 0.5;
    private const double LeastSentimentDeviation = 0.25;
    internal const double LeastLogAmountDeviation = 0.25;

    private static void FoldViewed(UserProfile profile, CourseViewed d, in Moment at, ref EffectBuffer effects)
    {
        profile.Views = Next(profile.Views);
        double? seconds = Bounded(profile, d.Seconds, 0, SecondsInDay);
        if (profile.Consent.Personalisation)
        {
            if (seconds is { } s)
            {
                profile.ViewSeconds = Plus(profile, profile.ViewSeconds, s, LeastSecondsDeviation);
            }

            if (at.Facts.Course >= 0 && !profile.Shelf.Contains(at.Facts.Course))
            {
                RememberView(profile, at.Facts.Course);
            }

            Learn(profile, at, SignalWeights.Viewed(seconds));
        }

        EmitCourse(at.Effect(EffectKind.CourseViewed), ref effects);
    }

    private static void FoldEnrolled(UserProfile profile, CourseEnrolled d, in Moment at, ref EffectBuffer effects)
    {
        profile.Enrolments = Next(profile.Enrolments);
        Money? price = d.Price is { IsValidPrice: true } valid ? valid : null;
        if (price is null)
        {
            _ = d.Price is null ? profile.MissingValues = Next(profile.MissingValues) : profile.OutlierValues = Next(profile.OutlierValues);
        }

        Take(profile, at, ref effects, out bool isNew);
        Learn(profile, at, SignalWeights.Enrolled);
        if (isNew && price is { } paid && at.Facts.ListPriceMinorUnits > 0 && paid.Currency == at.Facts.Currency)
        {
            AnswerPrice(profile, at.Ticks, DiscountOf(paid.MinorUnits, at.Facts.ListPriceMinorUnits), bought: true, wasSettled: false);
        }

        // An order that brought the course has already told what it earned.
        EmitCourse(at.Effect(EffectKind.CourseEnrolled) with { Amount = isNew ? price : null }, ref effects);
    }

    private static void FoldProgressed(UserProfile profile, CourseProgressed d, in Moment at, ref EffectBuffer effects)
    {
        int index = Take(profile, at, ref effects, out _);
        if (Bounded(profile, d.Fraction, 0, 1) is not { } fraction)
        {
            return;
        }

        Advance(profile, index, (byte)Math.Round(fraction * CourseShelf.Whole), at, ref effects, out float newPart);
        Learn(profile, at, SignalWeights.Progressed(newPart));
        EmitCourse(at.Effect(EffectKind.CourseProgressed) with { Value = (float)fraction }, ref effects);
    }

    /// <remarks>A completion is whole, whatever fraction it names.</remarks>
    private static void FoldCompleted(UserProfile profile, in Moment at, ref EffectBuffer effects)
    {
        int index = Take(profile, at, ref effects, out _);
        Advance(profile, index, CourseShelf.Whole, at, ref effects, out _);
    }

    private static void FoldRated(UserProfile profile, CourseRated d, in Moment at, ref EffectBuffer effects)
    {
        int index = Take(profile, at, ref effects, out _);
        if (Bounded(profile, d.Stars, 0.5, 5) is not { } stars)
        {
            return;
        }

        if (profile.Consent.Personalisation)
        {
            profile.Stars = Plus(profile, profile.Stars, stars, LeastStarsDeviation);
            Learn(profile, at, SignalWeights.Rated(stars));
        }

        byte halves = (byte)Math.Round(stars * 2);
        float previous = 0;
        if (index >= 0)
        {
            previous = profile.Shelf.HalfStars[index] / 2f;
            profile.Shelf.HalfStars[index] = halves;
        }

        EmitCourse(at.Effect(EffectKind.CourseRated) with { Value = halves / 2f, Previous = previous }, ref effects);
    }

    private static void FoldCommented(UserProfile profile, in Moment at, ref EffectBuffer effects)
    {
        if (Bounded(profile, at.Facts.Sentiment, -1, 1) is not { } sentiment)
        {
            return;
        }

        if (profile.Consent.Personalisation)
        {
            profile.Sentiment = Plus(profile, profile.Sentiment, sentiment, LeastSentimentDeviation);
            Learn(profile, at, SignalWeights.Commented((float)sentiment));
        }

        EmitCourse(at.Effect(EffectKind.CourseCommented) with { Value = (float)sentiment }, ref effects);
    }

    private static void FoldMarketPrice(MarketPriceObserved d, in Moment at, ref EffectBuffer effects)
    {
        if (d.Price.IsValidPrice)
        {
            EmitCourse(at.Effect(EffectKind.MarketPriceObserved) with { Amount = d.Price, Competitor = d.Competitor }, ref effects);
        }
    }

    /// <summary>Puts the event's course on the shelf, and tells the aggregates when it was not there.</summary>
    /// <returns>Its index on the shelf, −1 when the event names no known course or the shelf is full.</returns>
    private static int Take(UserProfile profile, in Moment at, ref EffectBuffer effects, out bool isNew)
    {
        isNew = false;
        int course = at.Facts.Course;
        if (course < 0)
        {
            return -1;
        }

        CourseShelf shelf = profile.Shelf;
        int before = shelf.Count;
        int index = shelf.Take(course, out isNew);
        if (isNew)
        {
            ForgetView(profile, course);
            bool teaches = profile.Consent.Personalisation;
            effects.Add(at.Effect(EffectKind.CourseTaken) with { Shelf = teaches ? shelf.Ordinals : null, ShelfCount = before, Region = teaches ? RegionMix.NumberOf(profile.Region) : RegionMix.None });
        }
        else if (index < 0)
        {
            profile.OutlierValues = Next(profile.OutlierValues);
        }

        return index;
    }

    /// <summary>Moves a course's progress forward, never back; reaching its end completes it, once.</summary>
    private static void Advance(UserProfile profile, int index, byte progress, in Moment at, ref EffectBuffer effects, out float newPart)
    {
        newPart = 0;
        if (index < 0 || profile.Shelf.Progress[index] >= progress)
        {
            return;
        }

        newPart = (progress - profile.Shelf.Progress[index]) / (float)CourseShelf.Whole;
        profile.Shelf.Progress[index] = progress;
        if (progress == CourseShelf.Whole)
        {
            profile.Completions = Next(profile.Completions);
            Learn(profile, at, SignalWeights.Completed);
            effects.Add(at.Effect(EffectKind.CourseCompleted) with { Value = 1 });
        }
    }

    private static void RememberView(UserProfile profile, int course)
    {
        int[] views = profile.RecentViews ?? [];
        int at = Array.IndexOf(views, course);
        if (at < 0)
        {
            profile.RecentViews = [course, .. views.AsSpan(0, Math.Min(views.Length, RecentViewsKept - 1))];
            return;
        }

        views.AsSpan(0, at).CopyTo(views.AsSpan(1));
        views[0] = course;
    }

    private static void ForgetView(UserProfile profile, int course)
    {
        if (profile.RecentViews is { } views && Array.IndexOf(views, course) is var at and >= 0)
        {
            profile.RecentViews = views.Length == 1 ? null : [.. views.AsSpan(0, at), .. views.AsSpan(at + 1)];
        }
    }

    private static void EmitCourse(in ProjectionEffect effect, ref EffectBuffer effects)
    {
        if (effect.Course >= 0)
        {
            effects.Add(effect);
        }
    }
}
