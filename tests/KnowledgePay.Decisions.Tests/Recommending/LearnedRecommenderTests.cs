using CsCheck;
using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Decisions.Recommending;
using KnowledgePay.Decisions.Recommending.Models;
using KnowledgePay.Decisions.Tests.Profiles;

namespace KnowledgePay.Decisions.Tests.Recommending;

/// <summary>A learned model in a decision: what it scores is what it scores on files for the same history.</summary>
public sealed class LearnedRecommenderTests
{
    private const int Courses = 120;
    private const int Items = 80;

    private static readonly Marketplace World = new Marketplace(Courses).WithCrowd(80);

    /// <summary>Item i of the model is course 119 − i: ordinals of the two differ, and courses below 40 are unknown to it.</summary>
    private static readonly string[] Ids = [.. Enumerable.Range(0, Items).Select(i => $"c{Courses - 1 - i}")];

    [Fact]
    public void A_shelf_is_scored_as_the_same_history_is_on_files() =>
        Gen.Int[0, Courses - 1].Array[1, 20].Sample(shelf =>
        {
            IHistoryScorer scorer = Weights(7);
            var learned = new LearnedRecommender("ease/1", scorer, Ids, 1f);
            int[] distinct = [.. shelf.Distinct()];
            float[] online = new float[Items], offline = new float[Items];
            ReadOnlySpan<HistoryEntry> known = learned.HistoryOf(World.Catalogue, distinct, new HistoryEntry[distinct.Length]);
            HistoryEntry[] history = [.. distinct.Where(c => c >= Courses - Items).Select(c => new HistoryEntry(Courses - 1 - c, float.NaN, HistoryEntry.NoTime))];
            Assert.Equal(history, known);
            learned.Score(known, online);
            scorer.Score(history, offline);
            Assert.Equal(offline, online);
        });

    [Fact]
    public void With_all_of_the_weight_the_list_is_the_model_s() =>
        Gen.Int[40, Courses - 1].Array[1, 10].Sample(shelf =>
        {
            IHistoryScorer scorer = Weights(11);
            FoldedPerson person = World.Person(shelf.Distinct().ToArray());
            RecommendationDecision decision = Decide(person, new LearnedRecommender("ease/1", scorer, Ids, 1f), Marketplace.Certain with
            {
                DiversityLambda = 1f,
                TasteWeight = 0,
                TextWeight = 0,
                ColdTextWeight = 0,
                TrendWeight = 0,
                PopularityWeight = 0,
                CategoryWeight = 0,
                InterestWeight = 0,
                NewWeight = 0,
            });
            float[] scores = new float[Items];
            scorer.Score([.. person.Profile.Shelf.Taken.ToArray().Select(c => new HistoryEntry(Courses - 1 - c, float.NaN, HistoryEntry.NoTime))], scores);
            int[] best = [.. Enumerable.Range(0, Items).Where(i => !person.Profile.Shelf.Contains(Courses - 1 - i)).OrderByDescending(i => scores[i]).Take(5)];
            Assert.Equal(best.Select(i => Courses - 1 - i), World.Ordinals(decision).Take(5));
            Assert.EndsWith("+ease/1", decision.ModelVersions.ByKind["recommender"], StringComparison.Ordinal);
            Assert.All(decision.ToRecord().Candidates, c => Assert.Equal(c.Score, c.Contributions.Where(p => p.Name != "explore").Sum(p => p.Value), 4));
        }, iter: 60);

    [Fact]
    public void A_model_that_knows_none_of_a_shelf_changes_nothing()
    {
        FoldedPerson person = World.Person(1, 2, 3);
        RecommendationDecision without = Decide(person, null, Marketplace.Certain);
        RecommendationDecision with = Decide(person, new LearnedRecommender("ease/1", Weights(3), Ids, 1f), Marketplace.Certain);

        Assert.Equal(without.Items.Select(i => (i.CourseId, i.Score)), with.Items.Select(i => (i.CourseId, i.Score)));
    }

    [Fact]
    public void Without_consent_no_model_of_what_the_person_took_speaks()
    {
        FoldedPerson person = World.Person(60, 61, 62);
        person.Profile.Consent = person.Profile.Consent with { Personalisation = false };
        RecommendationDecision without = Decide(person, null, Marketplace.Certain);
        RecommendationDecision with = Decide(person, new LearnedRecommender("ease/1", Weights(3), Ids, 1f), Marketplace.Certain);

        Assert.Equal(without.Items.Select(i => i.CourseId), with.Items.Select(i => i.CourseId));
    }

    private static RecommendationDecision Decide(FoldedPerson person, LearnedRecommender? learned, RecommendationSettings settings)
    {
        DecisionContext context = World.Context(person.Profile);
        return Recommender.Decide(
            new DecisionContext
            {
                DecisionId = context.DecisionId,
                UserId = context.UserId,
                Profile = context.Profile,
                Catalogue = context.Catalogue,
                Signals = context.Signals,
                Now = context.Now,
                Seed = context.Seed,
                Learned = learned,
            },
            new RecommendationRequest { Count = 20 },
            settings);
    }

    private static ItemWeightScorer Weights(int seed)
    {
        var random = new Random(seed);
        float[] weights = new float[Items * Items];
        for (int i = 0; i < weights.Length; i++)
        {
            weights[i] = i % (Items + 1) == 0 ? 0 : (float)random.NextDouble() - 0.2f;
        }

        return new ItemWeightScorer(Items, [.. Enumerable.Range(0, Items)], weights);
    }
}
