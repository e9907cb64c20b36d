using CsCheck;
using KnowledgePay.Contracts.Events;
using KnowledgePay.Decisions.Catalogue;
using KnowledgePay.Decisions.Profiles;
using KnowledgePay.Decisions.Projections;

namespace KnowledgePay.Decisions.Tests.Profiles;

public sealed class ReplayTests
{
    [Fact]
    public void A_replay_gives_the_live_state_and_the_same_effects() => EventGen.Life.Sample(life =>
    {
        FoldedPerson live = Fold(life);
        FoldedPerson replayed = Fold(life);
        Assert.Equal(FoldedPerson.Text(live.Profile), FoldedPerson.Text(replayed.Profile));
        Assert.Equal(live.AllEffects.Select(Describe), replayed.AllEffects.Select(Describe));
    }, iter: 200);

    [Fact]
    public void A_snapshot_at_any_point_changes_nothing() => Gen.Select(EventGen.Life, Gen.Int[0, 80]).Sample((life, cut) =>
    {
        FoldedPerson whole = Fold(life);
        FoldedPerson first = Fold(life.Take(cut));
        var second = new FoldedPerson { Profile = FoldedPerson.Restored(first.Profile) };
        foreach (StoredEvent e in life.Skip(cut))
        {
            second.Apply(second.Profile.Sequence + 1, e);
        }

        Assert.Equal(FoldedPerson.Text(whole.Profile), FoldedPerson.Text(second.Profile));
        Assert.Equal(whole.AllEffects.Skip(first.AllEffects.Count).Select(Describe), second.AllEffects.Select(Describe));
    }, iter: 200);

    [Fact]
    public void Replaying_an_overlap_is_harmless() => Gen.Select(EventGen.Life, Gen.Int[0, 80]).Sample((life, from) =>
    {
        FoldedPerson person = Fold(life);
        string before = FoldedPerson.Text(person.Profile);
        int effects = person.AllEffects.Count;
        for (int i = Math.Min(from, life.Length); i < life.Length; i++)
        {
            person.Apply(i + 1, life[i]);
        }

        Assert.Equal(before, FoldedPerson.Text(person.Profile));
        Assert.Equal(effects, person.AllEffects.Count);
    }, iter: 100);

    [Fact]
    public void Whatever_comes_in_the_state_stays_finite_and_bounded() => EventGen.Life.Sample(life =>
    {
        var person = new FoldedPerson();
        foreach (StoredEvent e in life)
        {
            person.Apply(person.Profile.Sequence + 1, e);
            AssertBounded(person.Profile);
        }
    }, iter: 200);

    [Fact]
    public void A_snapshot_reads_back_as_it_was() => EventGen.Life.Sample(life =>
    {
        UserProfile profile = Fold(life).Profile;
        Assert.Equal(FoldedPerson.Text(profile), FoldedPerson.Text(FoldedPerson.Restored(profile)));
    }, iter: 100);

    [Fact]
    public void Every_feature_of_any_life_is_a_number_or_missing() => EventGen.Life.Sample(life =>
    {
        UserProfile profile = Fold(life).Profile;
        double[] values = new double[ProfileFeatures.Count];
        ProfileFeatures.Read(profile, FoldedPerson.At(500), values);
        Assert.DoesNotContain(values, double.IsInfinity);
        foreach (ProfileFeature rate in (ProfileFeature[])[ProfileFeature.CompletionRate, ProfileFeature.MeanProgress, ProfileFeature.RefundRate, ProfileFeature.PaymentFailureRate,
            ProfileFeature.PriceSensitivity, ProfileFeature.MeanDiscountSeen, ProfileFeature.MeanDiscountBought, ProfileFeature.FullPriceShare, ProfileFeature.RiskScore])
        {
            double value = values[(int)rate];
            Assert.True(double.IsNaN(value) || value is >= 0 and <= 1, $"{rate} is {value}");
        }
    }, iter: 200);

    [Fact]
    public void A_typical_profile_takes_less_than_four_kilobytes()
    {
        var random = new Random(5);
        var person = new FoldedPerson();
        person.Does(new UserProfiled { BirthYear = 1990, Occupation = "engineer", Region = "Shanghai", Interests = ["chess", "go", "history"] });
        person.Does(Happening.Consents(personalPricing: true));
        for (int day = 1; day <= 300; day++)
        {
            int course = day * 10;
            person.Does(Happening.Viewed(course, random.Next(300)), day);
            if (day % 3 == 0)
            {
                person.Does(Happening.Quoted(course, 9_000, day), day);
                person.Does(Happening.Ordered(course, 9_000, $"pay-{day}"), day);
                person.Does(Happening.Progressed(course, random.NextDouble()), day + 0.5);
                person.Does(Happening.Rated(course, 4.5), day + 0.6);
            }
        }

        Assert.Equal(100, person.Profile.Shelf.Count);
        int bytes = FoldedPerson.Bytes(person.Profile).Length;
        Assert.InRange(bytes, 500, 4_096);
    }

    [Fact]
    public void A_profile_of_ten_thousand_events_is_no_larger_than_its_bounds()
    {
        var random = new Random(6);
        var person = new FoldedPerson();
        for (int i = 0; i < 10_000; i++)
        {
            int course = random.Next(60);
            EventData data = (i % 10) switch
            {
                0 => Happening.Shown(random.Next(500)),
                1 => Happening.Quoted(course + random.Next(1_000), 9_000, i / 10.0),
                2 => Happening.InstallmentMissed($"loan-{random.Next(500)}"),
                3 => Happening.Credit($"decision-{i}", expiresDay: (i / 10.0) + 7),
                4 => Happening.Ordered(course, 9_000, $"pay-{i}"),
                5 => Happening.Paid(9_000, PaymentOutcome.Succeeded, $"x-{i}", $"device-{i}"),
                6 => new UserProfiled { Interests = [$"interest number {i}"], Occupation = new string('o', 5_000) },
                _ => Happening.Viewed(course + random.Next(1_000)),
            };
            person.Does(data, i / 10.0);
        }

        Assert.InRange(FoldedPerson.Bytes(person.Profile).Length, 1, 16_384);
    }

    [Fact]
    public void Folding_a_view_allocates_no_more_after_a_thousand_events_than_after_fifty()
    {
        long early = BytesOfViews(50);
        long late = BytesOfViews(1_000);
        Assert.InRange(late, 0, early + 64);

        static long BytesOfViews(int before)
        {
            var profile = new UserProfile();
            var effects = new EffectBuffer();
            StoredEvent[] events = [.. Enumerable.Range(0, 100).Select(i => FoldedPerson.Stored(Happening.Viewed(i, 30), FoldedPerson.At(i / 100.0)))];
            for (int i = 0; i < before; i++)
            {
                effects.Clear();
                ProfileFold.Apply(profile, i + 1, events[i % 100], 1, ref effects);
            }

            long start = GC.GetAllocatedBytesForCurrentThread();
            for (int i = before; i < before + 100; i++)
            {
                effects.Clear();
                ProfileFold.Apply(profile, i + 1, events[i % 100], 1, ref effects);
            }

            return (GC.GetAllocatedBytesForCurrentThread() - start) / 100;
        }
    }

    private static FoldedPerson Fold(IEnumerable<StoredEvent> life)
    {
        var person = new FoldedPerson();
        foreach (StoredEvent e in life)
        {
            person.Apply(person.Profile.Sequence + 1, e);
        }

        return person;
    }

    private static string Describe(ProjectionEffect e) =>
        $"{e.Kind} {e.Course} {e.Product} {e.Amount} {e.ListPrice} {e.Value} {e.Previous} {e.TimeTicks} {e.Segment} {e.RiskBand} {e.Person} {e.Competitor} [{string.Join(',', e.ShelfBefore.ToArray())}] {e.ShelfCount}";

    private static void AssertBounded(UserProfile p)
    {
        Assert.InRange(p.RiskScore, 0f, 1f);
        Assert.True(p.Taste is null || (p.Taste.Length == CourseVectors.Dimensions && Array.TrueForAll(p.Taste, float.IsFinite)));
        Assert.All(new[] { p.Activity.Hour, p.Activity.Day, p.Activity.Week, p.Activity.Month, p.PaymentVelocity }, v => Assert.InRange(v, 0f, 1e6f));
        foreach (RunningMoments moments in (RunningMoments[])[p.ViewSeconds, p.Stars, p.Sentiment, p.LogPaymentAmount])
        {
            Assert.True(double.IsFinite(moments.Mean) && moments.SumOfSquares >= 0 && double.IsFinite(moments.SumOfSquares));
        }

        foreach ((TermAffinities affinities, int capacity) in ((TermAffinities, int)[])[(p.Categories, TermAffinities.CategoryCapacity), (p.Concepts, TermAffinities.ConceptCapacity)])
        {
            Assert.Equal(affinities.Terms.Length, affinities.Weights.Length);
            Assert.InRange(affinities.Terms.Length, 0, capacity);
            Assert.All(affinities.Weights, w => Assert.InRange(w, 0f, 1e6f));
            Assert.Equal(affinities.Terms.Length, affinities.Terms.Distinct().Count());
        }

        Assert.InRange(p.PriceResponse.Bought, 0f, p.PriceResponse.Seen);
        Assert.InRange(p.PriceResponse.DiscountBoughtSum, 0f, p.PriceResponse.DiscountSeenSum);
        Assert.InRange(p.RecentViews?.Length ?? 0, 0, ProfileFold.RecentViewsKept);
        Assert.InRange(p.Quotes?.Length ?? 0, 0, ProfileFold.QuotesKept);
        Assert.InRange(p.Offers?.Length ?? 0, 0, ProfileFold.OffersKept);
        Assert.InRange(p.Loans?.Length ?? 0, 0, ProfileFold.LoansKept);
        Assert.InRange(p.Credit?.Length ?? 0, 0, ProfileFold.StandingsKept);
        Assert.InRange(p.Devices?.Length ?? 0, 0, ProfileFold.DevicesKept);
        Assert.InRange(p.OrderPayments?.Length ?? 0, 0, ProfileFold.PaymentsKept);
        Assert.InRange(p.Interests?.Length ?? 0, 0, ProfileFold.InterestsKept);
        Assert.InRange(p.Spent?.Length ?? 0, 0, ProfileFold.CurrenciesKept);
        Assert.All(p.Spent ?? [], m => Assert.True(m.MinorUnits >= 0));
        Assert.True(p.BirthYear is 0 or (>= 1900 and <= 2100));
        Assert.True(p.Followers >= 0);
    }
}
