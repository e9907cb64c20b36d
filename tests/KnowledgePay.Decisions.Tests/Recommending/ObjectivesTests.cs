using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Contracts.Events;
using KnowledgePay.Contracts.People;
using KnowledgePay.Decisions.Profiles;
using KnowledgePay.Decisions.Recommending;
using KnowledgePay.Decisions.Tests.Profiles;

namespace KnowledgePay.Decisions.Tests.Recommending;

public sealed class ObjectivesTests
{
    private const int Dear = 30, Finished = 42, Sponsored = 48;

    /// <summary>Of one subject: course 30 earns ten times what others do, in another currency; course 42 is finished by all who take it; a partner pays most for 48, and something for 54.</summary>
    private static readonly Marketplace World = Make();

    [Theory]
    [InlineData(Dear, "margin")]
    [InlineData(Finished, "completion")]
    [InlineData(Sponsored, "partner")]
    public void A_weight_moves_up_what_serves_it_and_says_so_and_without_it_nothing_moves(int course, string part)
    {
        UserProfile profile = World.Person(0, 6, 12).Profile;
        RecommendationSettings interest = Marketplace.Certain with { DiversityLambda = 1, RunnersUpRecorded = 100 };
        RecommendationSettings settings = part switch { "margin" => interest with { MarginWeight = 3 }, "partner" => interest with { PartnerWeight = 3 }, _ => interest with { CompletionWeight = 3 } };
        DecisionRecord before = World.Recommend(profile, settings: interest).ToRecord(), after = World.Recommend(profile, settings: settings).ToRecord();
        Assert.True(Place(after) < Place(before), $"{Place(before)} and {Place(after)}");
        Assert.DoesNotContain(before.Candidates.SelectMany(one => one.Contributions), one => one.Name == part);
        Assert.All(after.Candidates, one =>
        {
            Assert.Equal(one.Score, one.Contributions.Sum(own => own.Value), 1e-4);
            Assert.InRange(Added(one), 0, 3 + 1e-6);
        });
        Assert.Equal(after.Candidates.Max(Added), Added(after.Candidates.Single(one => World.OrdinalOf(one.Candidate) == course)));

        double Added(CandidateRecord one) => one.Contributions.SingleOrDefault(own => own.Name == part).Value;

        int Place(DecisionRecord record) => Array.IndexOf([.. record.Candidates.Select(one => World.OrdinalOf(one.Candidate))], course) is var at and >= 0 ? at : int.MaxValue;
    }

    [Fact]
    public void Lists_that_are_the_same_for_everybody_have_no_such_aim()
    {
        RecommendationSettings settings = Marketplace.Certain with { MarginWeight = 5, CompletionWeight = 5, PartnerWeight = 5 };
        DecisionContext context = World.Context(new UserProfile());
        Assert.Equal(World.Ordinals(Recommender.Trending(context, 10, Marketplace.Certain)), World.Ordinals(Recommender.Trending(context, 10, settings)));
        UserProfile refuses = World.Person(0, 6).Profile;
        refuses.Consent = Consent.Default with { Personalisation = false };
        Assert.Equal(World.Ordinals(World.Recommend(refuses)), World.Ordinals(World.Recommend(refuses, settings: settings)));
    }

    [Fact]
    public void Settings_out_of_range_are_named()
    {
        Assert.Empty(RecommendationSettings.Default.Faults());
        string[] faults = [.. (RecommendationSettings.Default with { MarginWeight = -1, DiversityLambda = 2, ColdPeople = 0, NewDays = -1, ExplorationRate = float.NaN }).Faults()];
        Assert.Equal(5, faults.Length);
        Assert.Contains("MarginWeight is -1; expected 0 to 10.", faults);
    }

    private static Marketplace Make()
    {
        Marketplace world = new Marketplace(60, (course, i) => i switch
        {
            Dear => course with { ListPrice = new Money("USD", 14_000) },
            Sponsored => course with { PartnerValue = new Money("CNY", 3_000) },
            54 => course with { PartnerValue = new Money("CNY", 1_000) },
            _ => course,
        }).WithCrowd(150);
        for (int person = 0; person < 20; person++)
        {
            FoldedPerson who = new();
            world.Take(who, Finished, 50, person: 5_000 + person);
            world.Do(who, new CourseCompleted { CourseId = $"c{Finished}" }, 55, 5_000 + person);
        }

        world.Signals.Similarity.RefreshDirty(int.MaxValue);
        return world;
    }
}
