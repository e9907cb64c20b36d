using CsCheck;
using KnowledgePay.Contracts.People;
using KnowledgePay.Decisions.Profiles;
using KnowledgePay.Decisions.Projections;
using KnowledgePay.Decisions.Reasons;
using KnowledgePay.Decisions.Recommending;
using KnowledgePay.Decisions.Tests.Profiles;

namespace KnowledgePay.Decisions.Tests.Recommending;

/// <summary>Of somebody of whom only the region is known, the list begins with what people there take.</summary>
public sealed class RegionalTests
{
    private const int Local = 57;

    [Fact]
    public void A_newcomer_of_a_region_is_shown_first_what_people_there_took()
    {
        Marketplace world = World();
        RecommendationDecision there = world.Recommend(Newcomer("Sichuan").Profile);
        Assert.Equal(Local, world.Ordinals(there)[0]);
        Assert.Equal((ReasonCodes.PopularInRegion, "Sichuan"), (there.Items[0].Reasons[0].Code, there.Items[0].Reasons[0].Args[0]));
        Assert.Contains(there.ToRecord().Candidates[0].Contributions, part => part.Name == "region" && part.Value > 0);

        // However it is written; elsewhere, and of whom no region is known, the crowd leads.
        Assert.Equal(Local, world.Ordinals(world.Recommend(Newcomer(" sichuan ").Profile))[0]);
        int[] elsewhere = world.Ordinals(world.Recommend(Newcomer("Hainan").Profile));
        Assert.NotEqual(Local, elsewhere[0]);
        Assert.Equal(elsewhere, world.Ordinals(world.Recommend(new UserProfile())));
    }

    [Fact]
    public void It_fades_as_the_shelf_fills()
    {
        Marketplace world = World();
        FoldedPerson person = Newcomer("Sichuan");
        float before = float.MaxValue;
        for (int course = 0; course < 30; course += 6)
        {
            world.Take(person, course, 60, person: 2_000_000);
            DecisionPart(world, person, out float now);
            Assert.True(now < before, $"{now} after {before}");
            before = now;
        }

        while (person.Profile.Shelf.Count <= RankingQuestion.LongestRegional)
        {
            world.Take(person, 60 + person.Profile.Shelf.Count, 60, person: 2_000_000);
        }

        DecisionPart(world, person, out float none);
        Assert.Equal(0, none);
    }

    [Fact]
    public void Who_refused_personalisation_is_neither_counted_nor_shown_what_their_region_takes()
    {
        Marketplace world = World();
        FoldedPerson refusing = Newcomer("Sichuan");
        refusing.Profile.Consent = new Consent { Personalisation = false };
        Assert.Equal(world.Ordinals(world.Recommend(new UserProfile { Consent = refusing.Profile.Consent })), world.Ordinals(world.Recommend(refusing.Profile)));
        long before = RegionMix.Of(world.Signals.Course(3)?.RegionMix, RegionMix.NumberOf("Sichuan"));
        world.Take(refusing, 3, 60, person: 3_000_000);
        Assert.Equal(before, RegionMix.Of(world.Signals.Course(3)?.RegionMix, RegionMix.NumberOf("Sichuan")));
        world.Take(Newcomer("Sichuan"), 3, 60, person: 3_000_001);
        Assert.Equal(before + 1, RegionMix.Of(world.Signals.Course(3)?.RegionMix, RegionMix.NumberOf("Sichuan")));
    }

    [Fact]
    public void Counts_are_the_same_in_whatever_order_and_parts_they_come() =>
        Gen.Select(Gen.Byte[1, 255], Gen.Int[0, 2]).Array[0, 60].Sample(taken =>
        {
            long[]? whole = null;
            long[]?[] parts = [null, null, null];
            foreach ((byte region, int part) in taken)
            {
                RegionMix.Add(ref whole, region, 1);
                RegionMix.Add(ref parts[part], region, 1);
            }

            long[]? merged = null;
            foreach (long[]? part in parts.Reverse())
            {
                RegionMix.Merge(ref merged, part);
            }

            Assert.Equal(whole, merged);
            Assert.All(taken.GroupBy(one => one.Item1), group => Assert.Equal(group.Count(), RegionMix.Of(whole, group.Key)));
            Assert.Equal(0, RegionMix.Of(whole, RegionMix.None));
        });

    [Fact]
    public void The_ranking_of_a_region_is_made_anew_at_most_once_a_minute()
    {
        Marketplace world = World();
        byte region = RegionMix.NumberOf("Sichuan");
        long now = Marketplace.Now.UtcTicks;
        Assert.Equal(Local, world.Signals.RegionalTop(region, now, out long takings)[0]);
        for (int i = 0; i < 200; i++)
        {
            world.Take(Newcomer("Sichuan"), 5, 60, person: 4_000_000 + i);
        }

        world.Signals.RefreshRegions(now + TimeSpan.TicksPerSecond);
        Assert.Equal(Local, world.Signals.RegionalTop(region, now, out _)[0]);
        world.Signals.RefreshRegions(now + (2 * TimeSpan.TicksPerMinute));
        Assert.Equal(5, world.Signals.RegionalTop(region, now, out long more)[0]);
        Assert.Equal(takings + 200, more);
    }

    private static void DecisionPart(Marketplace world, FoldedPerson person, out float value)
    {
        RecommendationDecision decision = world.Recommend(person.Profile, 100);
        value = (float)decision.ToRecord().Candidates.SelectMany(one => one.Contributions).Where(part => part.Name == "region").Select(part => part.Value).DefaultIfEmpty().Max();
    }

    private static FoldedPerson Newcomer(string region)
    {
        var who = new FoldedPerson();
        who.Profile.Region = region;
        return who;
    }

    /// <summary>A crowd of nowhere, and sixty people of one region who took one course that hardly anybody else did.</summary>
    private static Marketplace World()
    {
        Marketplace world = new Marketplace(120).WithCrowd(900);
        for (int i = 0; i < 60; i++)
        {
            world.Take(Newcomer("Sichuan"), Local, 30, person: 1_500_000 + i);
        }

        world.Signals.Similarity.RefreshDirty(int.MaxValue);
        return world;
    }
}
