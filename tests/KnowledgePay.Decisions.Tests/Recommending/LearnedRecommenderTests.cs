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
    public void With_all_of_the_weight_the_list_is_the_model_s() => // Of the one world there is one writer at a time.
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
        }, iter: 60, threads: 1);

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

    [Fact]
    public void What_a_model_remembers_of_a_person_changes_nothing_and_no_more_does_finding_its_best_than_scoring_all()
    {
        var blend = new BlendScorer([Factors(5), Weights(6)], [0.6f, 0.4f]);
        LearnedRecommender Learned(int from) => new("blend/1", blend, Ids, 0.8f, from);
        LearnedRecommender warm = Learned(1);
        (from shelf in Gen.Int[40, Courses - 1].Array[1, 6]
         from user in Gen.Int[0, 2]
         from pages in Gen.Int[0, Courses - 1].Array[1, 4]
         from count in Gen.Int[1, 60]
         select (shelf, user, pages, count)).Sample(
            drawn =>
            {
                FoldedPerson person = World.Person([.. drawn.shelf.Distinct()]);
                foreach (int page in drawn.pages)
                {
                    DecisionContext context = World.Context(person.Profile) with { UserId = $"u{drawn.user}" };
                    var request = new RecommendationRequest { Count = drawn.count, CourseId = page % 2 == 0 ? $"c{page}" : null };
                    RecommendationDecision first = Recommender.Decide(context with { Learned = Learned(1) }, request, Marketplace.Certain);
                    RecommendationDecision again = Recommender.Decide(context with { Learned = warm }, request, Marketplace.Certain);
                    RecommendationDecision whole = Recommender.Decide(context with { Learned = Learned(int.MaxValue) }, request, Marketplace.Certain);
                    Assert.Equal(first.Items.Select(i => (i.CourseId, i.Score)), again.Items.Select(i => (i.CourseId, i.Score)));
                    Assert.Equal(first.Items[0].CourseId, whole.Items[0].CourseId);
                    Assert.All(first.Items.Zip(whole.Items), pair => Assert.Equal(pair.Second.Score, pair.First.Score, 0.01));
                }
            }, iter: 100, threads: 1);
    }

    [Fact]
    public void A_model_is_asked_again_for_another_person_or_shelf_and_else_not()
    {
        var counting = new CountingScorer(Weights(4));
        var learned = new LearnedRecommender("counted/1", counting, Ids, 0.8f, 1);
        FoldedPerson person = World.Person(60, 61, 62);
        Ask(person, "ann", 1);
        Ask(person, "ann", 1);
        Ask(person, "ben", 2);
        World.Take(person, 64, 61);
        Ask(person, "ann", 3);

        void Ask(FoldedPerson who, string user, int expected)
        {
            Recommender.Decide(World.Context(who.Profile) with { UserId = user, Learned = learned }, new RecommendationRequest { Count = 20 }, Marketplace.Certain);
            Assert.Equal(expected, counting.Asked);
        }
    }

    private sealed class CountingScorer(IHistoryScorer inner) : IHistoryScorer
    {
        public int Asked { get; private set; }

        public int Items => inner.Items;

        public void Score(ReadOnlySpan<HistoryEntry> history, Span<float> scores)
        {
            Asked++;
            inner.Score(history, scores);
        }
    }

    private static RecommendationDecision Decide(FoldedPerson person, LearnedRecommender? learned, RecommendationSettings settings) =>
        Recommender.Decide(World.Context(person.Profile) with { Learned = learned }, new RecommendationRequest { Count = 20 }, settings);

    private static FactorScorer Factors(int seed)
    {
        var random = new Random(seed);
        return new FactorScorer([.. Enumerable.Range(0, Items * 32).Select(_ => random.NextSingle() - 0.4f)], 32, 0.1f, 0.1f, 1f);
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
