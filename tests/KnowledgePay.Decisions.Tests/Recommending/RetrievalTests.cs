using CsCheck;
using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Decisions.Catalogue;
using KnowledgePay.Decisions.Recommending;
using KnowledgePay.Decisions.Tests.Profiles;

namespace KnowledgePay.Decisions.Tests.Recommending;

public sealed class RetrievalTests
{
    private const int Courses = 120;

    [Fact]
    public void A_memory_of_the_last_scan_changes_no_decision() =>
        Gen.Select(Gen.Int[0, Courses - 1], Gen.Int[0, 3], Gen.Int[1, 30], Gen.Int[-1, Courses - 1]).Array[1, 12].Sample(steps =>
        {
            Marketplace world = new Marketplace(Courses).WithCrowd(60);
            var person = new FoldedPerson();
            var memory = new RetrievalMemory();
            int version = 0;
            foreach ((int course, int action, int count, int page) in steps)
            {
                switch (action)
                {
                    case 0:
                        world.Take(person, course, 60, person: 1_000_000);
                        break;
                    case 1:
                        world.Do(person, Happening.Viewed(course), 61);
                        break;
                    case 2:
                        // The catalogue changes under the memory.
                        world.Put(Marketplace.CourseOf(course) with { Title = $"piano sonata {++version}", Description = "harmony and melody" });
                        break;
                    default:
                        break;
                }

                var request = new RecommendationRequest { Count = count, CourseId = page < 0 ? null : $"c{page}" };
                RecommendationDecision with = Recommender.Decide(Remembering(world.Context(person.Profile), memory), request, Marketplace.Certain);
                RecommendationDecision without = Recommender.Decide(Remembering(world.Context(person.Profile), new RetrievalMemory()), request, Marketplace.Certain);
                Assert.Equal(without.Items.Select(i => (i.CourseId, i.Score)), with.Items.Select(i => (i.CourseId, i.Score)));
            }
        }, iter: 40);

    [Fact]
    public void The_neighbours_of_a_page_are_the_nearest_by_vector_without_the_course_itself()
    {
        CourseVectors vectors = new Marketplace(Courses).Catalogue.Vectors;
        for (int course = 0; course < Courses; course++)
        {
            int[] found = PageNeighbours.Of(vectors, course).ToArray();
            Assert.DoesNotContain(course, found);
            Assert.Equal(found.Length, found.Distinct().Count());
            Assert.Equal(found, PageNeighbours.Of(vectors, course).ToArray());
            float[] near = [.. Enumerable.Range(0, Courses).Where(i => i != course).Select(i => VectorScan.Similarity(vectors, course, i)).Where(s => s > 0).OrderDescending().Take(PageNeighbours.Kept)];
            Assert.Equal(near.Length, found.Length);
            Assert.All(found.Zip(near), pair => Assert.InRange(VectorScan.Similarity(vectors, course, pair.First) - pair.Second, -0.01f, 0.01f));
        }

        Assert.Empty(PageNeighbours.Of(vectors, Courses).ToArray());
    }

    [Fact]
    public void Cosines_of_many_queries_at_once_are_those_of_each_alone() =>
        Gen.Select(Gen.SByte[-127, 127].Array[64], Gen.SByte[-127, 127].Array[64].Array[1, CandidateQueries.Most]).Sample((course, queries) =>
        {
            var vectors = new CourseVectors(course, [0.5f]);
            var asked = new CandidateQueries();
            foreach (sbyte[] query in queries)
            {
                asked.Add(query, 0.25f);
            }

            Span<float> cosines = stackalloc float[CandidateQueries.Most];
            asked.Cosines(vectors, 0, cosines);
            for (int q = 0; q < queries.Length; q++)
            {
                int dot = queries[q].Zip(course, (a, b) => a * b).Sum();
                Assert.Equal(dot * 0.25f * 0.5f, cosines[q]);
            }

            cosines.Fill(7f);
            asked.Cosines(vectors, 1, cosines);
            Assert.All(cosines[..queries.Length].ToArray(), c => Assert.Equal(0f, c));
        });

    private static DecisionContext Remembering(DecisionContext context, RetrievalMemory memory) => new()
    {
        DecisionId = context.DecisionId,
        UserId = context.UserId,
        Profile = context.Profile,
        Catalogue = context.Catalogue,
        Signals = context.Signals,
        Now = context.Now,
        Seed = context.Seed,
        Memory = memory,
    };
}
