using KnowledgePay.Learning.Risk;

namespace KnowledgePay.Learning.Tests.Risk;

public sealed class OutcomeWatchTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Window = TimeSpan.FromDays(90);
    private static readonly WatchTerms Terms = new(Now, Now.AddDays(-400), Window, TimeSpan.FromDays(30), 0.74);
    private static readonly (string, int)[] One = [("x", 0)];

    [Fact]
    public void Probabilities_that_come_true_raise_no_alarm_however_many_outcomes_are_still_out()
    {
        OutcomeWatch watch = OutcomeWatch.Of(Drawn(seed: 1, 6_000, truth: 1), One, [], Terms);
        CalibrationFinding calibration = watch.Calibration!;
        Assert.InRange(calibration.Deviation, -3, 3);
        Assert.True(calibration.Cases > calibration.Ripe);
        Assert.InRange(calibration.CalibrationError!.Value, 0, 0.03);
        Assert.Empty(watch.Alarms);
        // A third of the bad outcomes is known after a third of the window: were they waited for, young cases would look too good.
        Assert.InRange(watch.Outcomes.MedianDays!.Value, 40, 50);
        Assert.InRange(watch.Outcomes.NinetyDays!.Value, 76, 86);
    }

    [Theory]
    [InlineData(0.6)]
    [InlineData(1.5)]
    public void More_or_fewer_bad_outcomes_than_said_are_an_alarm(double truth)
    {
        OutcomeWatch watch = OutcomeWatch.Of(Drawn(seed: 2, 6_000, truth), One, [], Terms);
        Assert.Equal(truth > 1, watch.Calibration!.Deviation > 0);
        Assert.Contains(OutcomeWatch.Miscalibrated, watch.Alarms.Select(alarm => alarm.Code));
    }

    [Fact]
    public void A_gap_that_nobody_would_act_upon_is_no_alarm()
    {
        WatchedCase[] cases = [.. Enumerable.Range(0, 100_000).Select(i => new WatchedCase(Now.AddDays(-300), [i % 7], 0.50, true, i % 1_000 < 525 ? TimeSpan.FromDays(9) : null))];
        OutcomeWatch watch = OutcomeWatch.Of(cases, One, [], Terms with { LearnedAuc = null });
        Assert.True(watch.Calibration!.Deviation > 3);
        Assert.Empty(watch.Alarms);
    }

    [Fact]
    public void A_model_that_tells_good_from_bad_worse_than_its_card_says_is_an_alarm()
    {
        WatchedCase[] cases = [.. Drawn(seed: 3, 3_000, truth: 1).Select((one, i) => one with { Probability = i % 2 == 0 ? 0.3 : 0.31 })];
        OutcomeWatch watch = OutcomeWatch.Of(cases, One, [], Terms);
        Assert.InRange(watch.Calibration!.Auc!.Value, 0.45, 0.55);
        Assert.Contains(OutcomeWatch.Weaker, watch.Alarms.Select(alarm => alarm.Code));
    }

    [Fact]
    public void Scores_that_moved_and_attributes_that_stopped_coming_are_an_alarm_and_an_attribute_that_grows_is_not()
    {
        WatchedCase[] before = [.. Enumerable.Range(0, 500).Select(i => new WatchedCase(Now.AddDays(-500), [i % 50], i % 50 / 100.0, true, null))];
        WatchedCase[] grown = [.. Enumerable.Range(0, 500).Select(i => new WatchedCase(Now.AddDays(-5), [i % 50 + 30], i % 50 / 100.0, true, null))];
        Assert.Empty(Watch(before, grown));
        Assert.Equal([OutcomeWatch.Shifted], Watch(before, [.. grown.Select(one => one with { Probability = (one.Probability / 2) + 0.3 })]));
        Assert.Equal([OutcomeWatch.Shifted], Watch(before, [.. grown.Select((one, i) => i % 2 == 0 ? one with { Values = [double.NaN] } : one)]));
        Assert.Empty(Watch(before, [.. grown.Take(99)]));

        static string[] Watch(WatchedCase[] before, WatchedCase[] now)
        {
            OutcomeWatch watch = OutcomeWatch.Of([.. before, .. now], One, [], Terms);
            return [.. watch.Alarms.Select(alarm => alarm.Code)];
        }
    }

    [Fact]
    public void Outcomes_that_come_after_the_window_and_reports_that_dry_up_are_alarms()
    {
        WatchedCase[] late = [.. Enumerable.Range(0, 100).Select(i => new WatchedCase(Now.AddDays(-420), [0], 0.5, true, TimeSpan.FromDays(i < 50 ? 60 : i < 70 ? 100 : 10)))];
        OutcomeWatch watch = OutcomeWatch.Of(late, One, [], Terms);
        Assert.Equal(0.2, watch.Outcomes.LateShare!.Value, 1e-9);
        Assert.Equal([OutcomeWatch.WindowTooShort], watch.Alarms.Select(alarm => alarm.Code));

        // Two cases a day, a report a day.
        WatchedCase[] steady = [.. Enumerable.Range(0, 800).Select(i => new WatchedCase(Now.AddDays(-i / 2.0), [0], 0, true, null))];
        DateTimeOffset[] daily = [.. Enumerable.Range(0, 400).Select(day => Now.AddDays(-day))];
        OutcomeLag lag = OutcomeWatch.Of(steady, One, daily, Terms).Outcomes;
        Assert.Equal(30, lag.ExpectedReports, 1.0);
        Assert.Equal(30, lag.Reports);
        Assert.Empty(Codes(steady, daily));
        Assert.Equal([OutcomeWatch.OutcomesMissing], Codes(steady, daily[25..]));
        // Nobody has come for a quarter of a year: nothing is missed.
        Assert.Empty(Codes(steady[200..], daily[100..]));

        static IEnumerable<string> Codes(WatchedCase[] cases, DateTimeOffset[] reports) => OutcomeWatch.Of(cases, One, reports, Terms).Alarms.Select(alarm => alarm.Code);
    }

    [Fact]
    public void Nothing_to_look_at_is_no_alarm()
    {
        OutcomeWatch watch = OutcomeWatch.Of([], One, [], Terms with { Learned = null });
        Assert.Null(watch.Calibration);
        Assert.Equal(new OutcomeLag(0, null, null, null, 0, 0, 0), watch.Outcomes);
        Assert.Empty(watch.Drift);
        Assert.Empty(watch.Alarms);
    }

    /// <summary>Cases of the last 300 days whose bad outcomes come evenly over the window; each goes wrong as often as its probability says, times a factor.</summary>
    private static WatchedCase[] Drawn(int seed, int cases, double truth)
    {
        var random = new Random(seed);
        return
        [
            .. Enumerable.Range(0, cases).Select(_ =>
            {
                DateTimeOffset at = Now.AddDays(-300 * random.NextDouble());
                double p = 0.02 + (0.5 * random.NextDouble() * random.NextDouble());
                DateTimeOffset wrong = at + (Window * random.NextDouble());
                return new WatchedCase(at, [random.Next(9)], p, true, random.NextDouble() < p * truth && wrong <= Now ? wrong - at : null);
            }),
        ];
    }
}
