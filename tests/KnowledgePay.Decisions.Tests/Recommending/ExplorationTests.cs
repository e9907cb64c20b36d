using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Decisions.Profiles;
using KnowledgePay.Decisions.Reasons;
using KnowledgePay.Decisions.Recommending;
using KnowledgePay.Decisions.Tests.Profiles;

namespace KnowledgePay.Decisions.Tests.Recommending;

public sealed class ExplorationTests
{
    private const int Seeds = 3_000;
    private const int Count = 8;

    private static readonly Marketplace World = new Marketplace(60).WithCrowd(120);

    private static readonly RecommendationSettings Half = RecommendationSettings.Default with { ExplorationRate = 0.5f };

    [Fact]
    public void The_share_of_answers_that_explore_is_the_settings_rate()
    {
        int explored = Run(Half).Count(r => Explored(r) is not null);
        // Five standard deviations of a fair coin.
        Assert.InRange(explored, (Seeds / 2) - 137, (Seeds / 2) + 137);
        Assert.DoesNotContain(Run(Marketplace.Certain).Take(200), r => Explored(r) is not null);
    }

    [Fact]
    public void The_logged_propensity_of_an_explored_course_is_how_often_it_is_explored()
    {
        DecisionRecord[] records = Run(Half);
        CandidateRecord[] explored = [.. records.Select(Explored).OfType<CandidateRecord>()];
        double propensity = Assert.Single(explored.Select(e => e.Propensity!.Value).Distinct());
        int courses = (int)Math.Round(0.5 / propensity);
        Assert.InRange(explored.Select(e => e.Candidate).Distinct().Count(), courses - 1, courses);
        double expected = Seeds * propensity;
        Assert.All(explored.GroupBy(e => e.Candidate), g => Assert.InRange(g.Count(), expected - (5 * Math.Sqrt(expected)), expected + (5 * Math.Sqrt(expected))));
    }

    [Fact]
    public void The_logged_propensity_of_an_item_that_may_give_way_is_how_often_it_stays()
    {
        DecisionRecord[] records = Run(Half);
        DecisionRecord greedy = records.First(r => Explored(r) is null);
        for (int slot = 0; slot < Count; slot++)
        {
            CandidateRecord item = greedy.Candidates[slot];
            int stays = records.Count(r => r.Candidates[slot].Candidate == item.Candidate);
            double expected = slot < Half.ExplorationFreeSlots ? 1 : 1 - (0.5 / (Count - Half.ExplorationFreeSlots));
            Assert.Equal(expected, item.Propensity!.Value, 1e-5);
            double deviation = 5 * Math.Sqrt(Seeds * expected * (1 - expected));
            Assert.InRange(stays, (Seeds * expected) - deviation, (Seeds * expected) + deviation);
        }
    }

    [Fact]
    public void The_first_slots_are_never_explored_and_no_answer_explores_twice()
    {
        foreach (DecisionRecord record in Run(Half))
        {
            int[] slots = [.. Enumerable.Range(0, Count).Where(i => record.Candidates[i].Contributions.Any(c => c.Name == "explore"))];
            Assert.InRange(slots.Length, 0, 1);
            Assert.All(slots, s => Assert.True(s >= Half.ExplorationFreeSlots));
        }
    }

    [Fact]
    public void A_list_that_is_no_longer_than_the_free_slots_does_not_explore()
    {
        RecommendationSettings always = RecommendationSettings.Default with { ExplorationRate = 1 };
        for (ulong seed = 0; seed < 50; seed++)
        {
            DecisionRecord record = World.Recommend(Person(), 3, seed: seed, settings: always).ToRecord();
            Assert.All(record.Candidates.Take(3), c => Assert.Equal(1, c.Propensity));
        }
    }

    [Fact]
    public void Where_everything_is_in_the_list_there_is_nothing_to_explore()
    {
        RecommendationSettings always = RecommendationSettings.Default with { ExplorationRate = 1 };
        var small = new Marketplace(9).WithCrowd(20);
        DecisionRecord record = small.Recommend(new UserProfile(), 20, settings: always).ToRecord();
        Assert.Equal(9, record.Candidates.Length);
        Assert.All(record.Candidates, c => Assert.Equal(1, c.Propensity));
    }

    [Fact]
    public void An_explored_item_says_so()
    {
        RecommendationSettings always = RecommendationSettings.Default with { ExplorationRate = 1 };
        RecommendationDecision decision = World.Recommend(Person(), Count, seed: 3, settings: always);
        Assert.Single(decision.Items, i => i.Reasons[0].Code == ReasonCodes.Exploration);
    }

    private static UserProfile Person() => new FoldedPerson().Does(Happening.Enrolled(0)).Does(Happening.Enrolled(6)).Profile;

    private static DecisionRecord[] Run(RecommendationSettings settings)
    {
        UserProfile person = Person();
        return [.. Enumerable.Range(0, Seeds).Select(s => World.Recommend(person, Count, seed: (ulong)s * 7919, settings: settings).ToRecord())];
    }

    private static CandidateRecord? Explored(DecisionRecord record)
    {
        foreach (CandidateRecord candidate in record.Candidates)
        {
            if (candidate.Contributions.Any(c => c.Name == "explore"))
            {
                return candidate;
            }
        }

        return null;
    }
}
