using CsCheck;
using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Decisions.Catalogue;
using KnowledgePay.Decisions.Profiles;
using KnowledgePay.Decisions.Recommending;
using KnowledgePay.Decisions.Tests.Profiles;

namespace KnowledgePay.Decisions.Tests.Recommending;

public sealed class DiversityTests
{
    private static readonly Marketplace World = new Marketplace(180).WithCrowd(250);

    [Fact]
    public void The_list_is_that_of_naive_maximal_marginal_relevance() =>
        Gen.Select(Gen.Int[0, 179].Array[0, 8], Gen.Int[1, 40], Gen.Float[0.05f, 1f]).Sample((shelf, count, lambda) =>
        {
            RecommendationSettings settings = Marketplace.Certain with { DiversityLambda = lambda, RunnersUpRecorded = 1_000 };
            DecisionRecord record = World.Recommend(Fold(shelf), count, settings: settings).ToRecord();
            int[] chosen = [.. record.Candidates.Take(count).Select(c => World.OrdinalOf(c.Candidate))];
            Dictionary<int, double> pool = record.Candidates.ToDictionary(c => World.OrdinalOf(c.Candidate), c => c.Score);
            double best = pool.Values.Max();
            for (int slot = 0; slot < chosen.Length; slot++)
            {
                double value = Value(chosen[slot], slot);
                double most = pool.Keys.Except(chosen.Take(slot)).Max(c => Value(c, slot));
                Assert.InRange(value, most - 1e-4, most + 1e-4);
            }

            double Value(int course, int slot) =>
                (lambda * pool[course] / best) - ((1 - lambda) * chosen.Take(slot).Select(other => Likeness(course, other)).DefaultIfEmpty(0).Max());
        }, iter: 40);

    [Fact]
    public void With_a_lambda_of_one_the_list_is_by_score_alone()
    {
        RecommendationDecision decision = World.Recommend(Fold([0, 6, 12]), 40, settings: Marketplace.Certain with { DiversityLambda = 1 });
        Assert.Equal(decision.Items.Select(i => i.Score).OrderDescending(), decision.Items.Select(i => i.Score));
    }

    [Fact]
    public void The_smaller_lambda_the_less_alike_the_list()
    {
        double alike = MeanLikeness(1f);
        double mixed = MeanLikeness(0.5f);
        double different = MeanLikeness(0.1f);
        Assert.True(alike > mixed && mixed > different, $"{alike} {mixed} {different}");

        static double MeanLikeness(float lambda)
        {
            int[] items = World.Ordinals(World.Recommend(Fold([0, 6, 12]), 12, settings: Marketplace.Certain with { DiversityLambda = lambda }));
            return items.SelectMany(a => items.Where(b => b < a).Select(b => Likeness(a, b))).Average();
        }
    }

    [Fact]
    public void Equal_scores_stand_by_people_then_by_ordinal()
    {
        // Nobody took anything: all scores are 0.
        var world = new Marketplace(30);
        int[] items = world.Ordinals(world.Recommend(new UserProfile(), 30, settings: Marketplace.Certain with { DiversityLambda = 1 }));
        Assert.Equal(Enumerable.Range(0, 30), items);
    }

    private static double Likeness(int a, int b)
    {
        CourseVectors vectors = World.Catalogue.Vectors;
        double cosine = 0;
        for (int d = 0; d < CourseVectors.Dimensions; d++)
        {
            cosine += vectors.Of(a)[d] * vectors.Scales[a] * vectors.Of(b)[d] * vectors.Scales[b];
        }

        cosine = Math.Max(0, cosine);
        return Marketplace.SubjectOf(a) == Marketplace.SubjectOf(b) ? Math.Min(1, cosine + 0.2) : cosine;
    }

    private static UserProfile Fold(int[] shelf)
    {
        var person = new FoldedPerson();
        foreach (int course in shelf)
        {
            person.Does(Happening.Enrolled(course));
        }

        return person.Profile;
    }
}
