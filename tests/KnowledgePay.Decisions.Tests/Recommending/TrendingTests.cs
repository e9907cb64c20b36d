using KnowledgePay.Decisions.Profiles;
using KnowledgePay.Decisions.Recommending;
using KnowledgePay.Decisions.Tests.Profiles;

namespace KnowledgePay.Decisions.Tests.Recommending;

public sealed class TrendingTests
{
    [Fact]
    public void What_many_take_today_leads_whatever_was_popular_long_ago()
    {
        var world = new Marketplace(400);
        for (int course = 0; course < 300; course++)
        {
            for (int i = 0; i < 20; i++)
            {
                world.Take(new FoldedPerson(), course, day: -200, person: (course * 100) + i);
            }
        }

        for (int i = 0; i < 5; i++)
        {
            world.Take(new FoldedPerson(), 350, day: 89.9, person: 90_000 + i);
        }

        RecommendationDecision trending = Trending(world, 10);
        Assert.Equal("c350", trending.Items[0].CourseId);
        Assert.Equal("trending", trending.Items[0].Reasons[0].Code);
    }

    [Fact]
    public void A_new_course_that_nobody_took_does_not_stand_above_those_that_people_take()
    {
        var world = new Marketplace(60, static (c, i) => i >= 50 ? c with { PublishedAt = Marketplace.Now.AddDays(-1) } : c);
        for (int i = 0; i < 500; i++)
        {
            world.Take(new FoldedPerson(), (int)(50 * Math.Pow(i / 500.0, 2)), day: 80, person: i + 1);
        }

        int[] items = world.Ordinals(Trending(world, 50));
        int[] taken = [.. items.TakeWhile(i => i < 50)];
        Assert.All(Enumerable.Range(0, 50).Where(i => world.Signals.Similarity.Degree(i) > 0), i => Assert.Contains(i, taken));
    }

    [Fact]
    public void Trending_is_filled_up_to_the_count_from_the_whole_catalogue()
    {
        var world = new Marketplace(80);
        world.Take(new FoldedPerson(), 7, 89);
        RecommendationDecision trending = Trending(world, 60);
        Assert.Equal(60, trending.Items.Length);
        Assert.Equal("c7", trending.Items[0].CourseId);
    }

    [Fact]
    public void Someone_who_refused_personalisation_sees_what_is_trending()
    {
        var world = new Marketplace(400);
        for (int course = 0; course < 200; course++)
        {
            for (int i = 0; i < 10; i++)
            {
                world.Take(new FoldedPerson(), course, day: -200, person: (course * 100) + i);
            }
        }

        for (int i = 0; i < 5; i++)
        {
            world.Take(new FoldedPerson(), 350, day: 89.9, person: 90_000 + i);
        }

        UserProfile refuses = new FoldedPerson().Does(Happening.Consents(personalisation: false)).Profile;
        Assert.Equal("c350", world.Recommend(refuses, 5).Items[0].CourseId);
    }

    private static RecommendationDecision Trending(Marketplace world, int count) =>
        Recommender.Trending(world.Context(new UserProfile()), count, Marketplace.Certain);
}
