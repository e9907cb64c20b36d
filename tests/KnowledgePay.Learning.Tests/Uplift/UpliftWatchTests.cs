using KnowledgePay.Learning.Risk;
using KnowledgePay.Learning.Uplift;

namespace KnowledgePay.Learning.Tests.Uplift;

public sealed class UpliftWatchTests
{
    private static readonly DateTimeOffset Now = new(2026, 6, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Learned = Now.AddDays(-100);
    private static readonly WatchTerms Terms = new(Now, Learned, TimeSpan.Zero, TimeSpan.FromDays(60), null);

    [Fact]
    public void A_model_whose_differences_come_effectis_left_in_peace()
    {
        int alarms = 0;
        for (int seed = 0; seed < 40; seed++)
        {
            // What it learned from would say something else altogether.
            UpliftWatch watch = UpliftWatch.Of([.. Offers(seed, 500, -150, predicted => -predicted), .. Offers(seed + 100, 1_000, -50, predicted => predicted)], ["viewed"], Terms);
            Assert.Equal(1_000, watch.Difference!.Shown + watch.Difference.HeldOut);
            Assert.InRange(watch.Difference.Realised - watch.Difference.Predicted, -5 * watch.Difference.Error, 5 * watch.Difference.Error);
            Assert.InRange(watch.Difference.PredictedSpread, 0.1, 0.2);
            alarms += watch.Alarms.Count;
        }

        Assert.InRange(alarms, 0, 1);
    }

    [Fact]
    public void Offers_that_no_longer_bring_anything_about_or_bring_it_to_others_are_told()
    {
        UpliftWatch none = UpliftWatch.Of(Offers(1, 4_000, -50, _ => 0), ["viewed"], Terms);
        Assert.Equal([OutcomeWatch.Miscalibrated, OutcomeWatch.Weaker], none.Alarms.Select(alarm => alarm.Code));
        UpliftWatch turned = UpliftWatch.Of(Offers(2, 4_000, -50, predicted => 0.3 - predicted), ["viewed"], Terms);
        Assert.Equal([OutcomeWatch.Weaker], turned.Alarms.Select(alarm => alarm.Code));
        Assert.True(turned.Difference!.RealisedSpread < 0, turned.Difference.ToString());
    }

    [Fact]
    public void Other_people_than_it_learned_from_are_told_and_of_few_nothing_is_said()
    {
        WatchedOffer[] then = Offers(3, 400, -150, predicted => predicted), now = Offers(4, 400, -50, predicted => predicted, value: 0.5);
        Assert.Contains(OutcomeWatch.Shifted, UpliftWatch.Of([.. then, .. now], ["viewed"], Terms).Alarms.Select(alarm => alarm.Code));
        UpliftWatch few = UpliftWatch.Of([.. then, .. now.Take(30)], ["viewed"], Terms);
        Assert.Null(few.Difference);
        Assert.Empty(few.Drift);
    }

    /// <summary>A third held out; the model says a difference of 0 to 0.3 by the value.</summary>
    private static WatchedOffer[] Offers(int seed, int count, int day, Func<double, double> effect, double value = 0)
    {
        var random = new Random(seed);
        var offers = new WatchedOffer[count];
        for (int i = 0; i < count; i++)
        {
            double own = Math.Min(1, value + random.NextDouble()), predicted = 0.3 * own;
            bool shown = random.Next(3) > 0;
            bool bought = random.NextDouble() < 0.35 + (shown ? effect(predicted) : 0);
            offers[i] = new WatchedOffer(Now.AddDays(day + random.NextDouble()), new OfferCase([own], "p/pass", shown, bought), predicted);
        }

        return offers;
    }
}
