using CsCheck;
using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Catalogue;
using KnowledgePay.Decisions.Catalogue;

namespace KnowledgePay.Decisions.Tests.Catalogue;

/// <summary>Which courses teach which concepts, and which must be taken before which.</summary>
public sealed class CourseGraphTests
{
    private static readonly string[] Terms = ["loops", "Recursion", "graphs", "proofs"];

    private static readonly Gen<Course[]> Catalogues =
        Gen.Select(Gen.Int[0, Terms.Length - 1].Array[0, 4], Gen.Int[-Terms.Length, 14].Array[0, 3]).Array[0, 12].Select(courses => courses
            .Select((made, i) => Of($"c{i}", [.. made.Item1.Select(t => Terms[t])], [.. made.Item2.Select(p => p < 0 ? Terms[-1 - p].ToUpperInvariant() : $"c{p}")])).ToArray());

    [Fact]
    public void A_prerequisite_is_a_course_or_else_a_concept_that_one_of_several_teaches()
    {
        CourseGraph graph = Build(
            Of("a", ["loops"], []), Of("b", ["Recursion"], []), Of("c", ["recursion", "graphs"], ["loops"]), Of("d", [], ["RECURSION", "a", "nothing of that name"])).Graph;
        Assert.Equal([[0]], graph.Requirements(2).ToArray());
        Assert.Equal([[1, 2], [0]], graph.Requirements(3).ToArray());
        Assert.Equal([2, 3], graph.Followers(0).ToArray());
        Assert.Equal([3], graph.Followers(1).ToArray());
        Assert.Empty(graph.Fulfilling("graphs"));
        Assert.Equal([1, 2], graph.Fulfilling("recursion"));
    }

    [Fact]
    public void It_is_made_anew_when_something_of_it_changed_and_only_then()
    {
        CatalogueSnapshot first = Build(Of("a", ["loops"], []), Of("b", [], ["a"]));
        CatalogueSnapshot dearer = Change(first, 0, Of("a", ["loops"], []) with { ListPrice = new Money("CNY", 200), Title = "A" });
        Assert.Same(first.Graph, dearer.Graph);
        CatalogueSnapshot teaching = Change(first, 0, Of("a", ["proofs"], []));
        Assert.Equal([0], teaching.Graph.Teaching(3).ToArray());
        Assert.True(Change(first, 1, Of("b", [], [])).Graph.Requirements(1).IsEmpty);
        Assert.True(Change(first, 0, null).Graph.Requirements(1).IsEmpty);
        Assert.Equal([1], Change(first, 2, Of("c", [], ["b"])).Graph.Requirements(2)[0]);
    }

    [Fact]
    public void What_few_courses_teach_says_more_of_a_course()
    {
        CourseGraph graph = Build([Of("rare", ["proofs", "loops"], []), .. Enumerable.Range(0, 50).Select(i => Of($"c{i}", ["loops"], []))]).Graph;
        Assert.True(graph.RarityOf(3) > 2 * graph.RarityOf(0), $"{graph.RarityOf(3)} {graph.RarityOf(0)}");
        Assert.Equal(0, graph.RarityOf(2));
        Assert.Equal(0, graph.RarityOf(99));
        Assert.InRange(graph.RarityOf(3), 0.9f, 1f);
    }

    [Fact]
    public void Both_directions_say_the_same_of_any_catalogue() => Catalogues.Sample(courses =>
    {
        CatalogueSnapshot catalogue = Build(courses);
        CourseGraph graph = catalogue.Graph;
        for (int course = 0; course < courses.Length; course++)
        {
            foreach (int concept in graph.ConceptsOf(course))
            {
                Assert.Contains(course, graph.Teaching(concept).ToArray());
            }

            int[] before = [.. graph.Requirements(course).ToArray().SelectMany(choices => choices).Distinct().Order()];
            Assert.DoesNotContain(course, before);
            Assert.Equal(before, Enumerable.Range(0, courses.Length).Where(other => graph.Followers(other).Contains(course)));
            string[] names = [.. courses[course].Prerequisites.Distinct()];
            Assert.Equal(names.Count(name => Fulfilling(courses, name) is { Length: > 0 } own && !own.Contains(course)), graph.Requirements(course).Length);
        }
    });

    private static int[] Fulfilling(Course[] courses, string name) =>
        Array.FindIndex(courses, one => one.Id == name) is var known and >= 0
            ? [known]
            : [.. Enumerable.Range(0, courses.Length).Where(i => courses[i].Concepts.Contains(name, StringComparer.OrdinalIgnoreCase))];

    private static CatalogueSnapshot Build(params Course[] courses) => Change(CatalogueSnapshot.Empty, [.. courses.Select((course, i) => KeyValuePair.Create(i, (Course?)course))]);

    private static CatalogueSnapshot Change(CatalogueSnapshot from, int ordinal, Course? course) => Change(from, [KeyValuePair.Create(ordinal, course)]);

    private static CatalogueSnapshot Change(CatalogueSnapshot from, KeyValuePair<int, Course?>[] changes) => CatalogueBuilder.Apply(
        from,
        new CatalogueChanges { Courses = changes, Terms = Terms },
        from.Version + 1,
        term => Array.FindIndex(Terms, known => known.Equals(term, StringComparison.OrdinalIgnoreCase)));

    private static Course Of(string id, string[] concepts, string[] prerequisites) =>
        new() { Id = id, Title = id, ListPrice = new Money("CNY", 100), Concepts = [.. concepts], Prerequisites = [.. prerequisites] };
}
