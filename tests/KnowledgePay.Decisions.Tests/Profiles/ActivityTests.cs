using CsCheck;
using KnowledgePay.Contracts.Events;
using KnowledgePay.Decisions.Profiles;

namespace KnowledgePay.Decisions.Tests.Profiles;

public sealed class ActivityTests
{
    [Fact]
    public void Activity_is_the_decayed_count_at_each_half_life_whatever_the_order() =>
        Gen.Int[0, 60 * 24 * 40].Array[1, 60].Sample(minutes =>
        {
            var person = new FoldedPerson();
            foreach (int minute in minutes)
            {
                person.Does(Happening.Viewed(1), minute / 1440.0);
            }

            DateTimeOffset now = FoldedPerson.At(41);
            ActivityLevels levels = person.Profile.CurrentActivity(now);
            AssertLevel(levels.Hour, 1);
            AssertLevel(levels.Day, 24);
            AssertLevel(levels.Week, 24 * 7);
            AssertLevel(levels.Month, 24 * 30);

            void AssertLevel(double level, double halfLifeHours)
            {
                double expected = minutes.Sum(m => Math.Pow(2, -(((41.0 * 24) - (m / 60.0)) / halfLifeHours)));
                Assert.InRange(level, (expected * 0.999) - 1e-9, (expected * 1.001) + 1e-9);
            }
        }, iter: 200);

    [Fact]
    public void A_single_event_halves_in_each_half_life()
    {
        UserProfile profile = new FoldedPerson().Does(Happening.Viewed(1)).Profile;
        Assert.Equal(0.5f, profile.CurrentActivity(FoldedPerson.Start.AddHours(1)).Hour, 1e-4);
        Assert.Equal(0.5f, profile.CurrentActivity(FoldedPerson.At(1)).Day, 1e-4);
        Assert.Equal(0.5f, profile.CurrentActivity(FoldedPerson.At(7)).Week, 1e-4);
        Assert.Equal(0.5f, profile.CurrentActivity(FoldedPerson.At(30)).Month, 1e-4);
    }

    [Fact]
    public void Reading_before_the_last_event_does_not_grow_the_levels()
    {
        UserProfile profile = new FoldedPerson().Does(Happening.Viewed(1), 10).Profile;
        Assert.Equal(1f, profile.CurrentActivity(FoldedPerson.At(3)).Week);
    }

    [Fact]
    public void First_and_last_seen_are_the_earliest_and_the_latest_event() => Gen.Int[0, 5_000].Array[1, 20].Sample(minutes =>
    {
        var person = new FoldedPerson();
        foreach (int minute in minutes)
        {
            person.Does(Happening.Enrolled(minute % 5), minute / 1440.0);
        }

        Assert.Equal(FoldedPerson.At(minutes.Min() / 1440.0).UtcTicks, person.Profile.FirstSeenTicks);
        Assert.Equal(FoldedPerson.At(minutes.Max() / 1440.0).UtcTicks, person.Profile.LastSeenTicks);
    }, iter: 100);

    [Fact]
    public void What_is_done_to_a_person_is_not_activity_of_theirs()
    {
        EventData[] passive =
        [
            Happening.Quoted(1, 9_000, 5), Happening.Credit("d-1"), Happening.Consents(), Happening.Shown(1), Happening.InstallmentPaid("l1"),
            Happening.InstallmentMissed("l1"), Happening.Defaulted("l1"), Happening.Refunded(100), Happening.ChargedBack(100),
        ];
        Assert.All(passive, data =>
        {
            var person = new FoldedPerson().Does(Happening.Viewed(1));
            long seen = person.Profile.LastSeenTicks;
            person.Does(data, 5);
            Assert.Equal(seen, person.Profile.LastSeenTicks);
            Assert.Equal(1f, person.Profile.Activity.Month);
        });
    }

    [Fact]
    public void Recency_tenure_and_frequency_are_read_as_of_now()
    {
        var person = new FoldedPerson();
        for (int day = 0; day < 300; day++)
        {
            person.Does(Happening.Viewed(1), day);
        }

        double[] values = new double[ProfileFeatures.Count];
        ProfileFeatures.Read(person.Profile, FoldedPerson.At(301), values);
        Assert.Equal(2, values[(int)ProfileFeature.RecencyDays], 1e-6);
        Assert.Equal(301, values[(int)ProfileFeature.TenureDays], 1e-6);
        // One event a day is 30 in 30 days; the level is as of two quiet days later.
        Assert.InRange(values[(int)ProfileFeature.Frequency30d], 28, 31);
    }

    [Fact]
    public void A_person_never_seen_has_no_recency()
    {
        double[] values = new double[ProfileFeatures.Count];
        ProfileFeatures.Read(new UserProfile(), FoldedPerson.Start, values);
        Assert.True(double.IsNaN(values[(int)ProfileFeature.RecencyDays]));
        Assert.True(double.IsNaN(values[(int)ProfileFeature.DaysSincePurchase]));
        Assert.Equal(0.5, values[(int)ProfileFeature.PriceSensitivity]);
        Assert.Equal(0, values[(int)ProfileFeature.ActivityMonth]);
    }

    [Fact]
    public void Features_do_not_fit_a_shorter_span() =>
        Assert.Throws<ArgumentException>(() => ProfileFeatures.Read(new UserProfile(), FoldedPerson.Start, new double[ProfileFeatures.Count - 1]));
}
