using CsCheck;
using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Catalogue;
using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Decisions.Catalogue;
using KnowledgePay.Decisions.Paths;
using KnowledgePay.Decisions.Reasons;

namespace KnowledgePay.Decisions.Tests.Paths;

public sealed class PathFinderTests
{
    private static readonly DateTimeOffset Now = new(2026, 6, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void On_any_graph_a_path_can_be_walked_and_there_is_one_whenever_there_is_a_way() =>
        Gen.Select(Gen.Int[1, 14], Gen.Int[0, 40], Gen.Int[0, int.MaxValue]).Sample((count, edges, seed) =>
        {
            // Courses and concepts ask for each other at random: circles, and things that nothing teaches, are among them.
            var random = new Random(seed);
            var asks = new List<string>[count];
            var teaches = new List<string>[count];
            for (int course = 0; course < count; course++)
            {
                asks[course] = [];
                teaches[course] = [.. Enumerable.Range(0, 4).Where(_ => random.Next(3) == 0).Select(concept => $"k{concept}")];
            }

            for (int edge = 0; edge < edges; edge++)
            {
                asks[random.Next(count)].Add(random.Next(4) == 0 ? $"k{random.Next(5)}" : $"c{random.Next(count)}");
            }

            CatalogueSnapshot catalogue = Catalogue([.. Enumerable.Range(0, count).Select(course => Of($"c{course}", asks[course], teaches[course]))]);
            int[] shelf = [.. Enumerable.Range(0, count).Where(_ => random.Next(5) == 0)];
            Answer<PathAnswer> answer = PathFinder.Find(catalogue, shelf, "c0", Now);

            // Whatever can be taken at some time, by taking all that can be taken, again and again.
            bool Fulfilled(HashSet<int> has, int course, string asked) =>
                asked == $"c{course}" || (asked[0] == 'c' ? has.Contains(int.Parse(asked[1..], System.Globalization.CultureInfo.InvariantCulture)) : teaches[course].Contains(asked) || has.Any(one => teaches[one].Contains(asked)));
            var can = new HashSet<int>(shelf);
            while (Enumerable.Range(0, count).FirstOrDefault(course => !can.Contains(course) && asks[course].TrueForAll(asked => Fulfilled(can, course, asked)), -1) is var next && next >= 0)
            {
                can.Add(next);
            }

            if (answer.Value is not { } path)
            {
                Assert.Equal((409, "no-path"), (answer.Problem!.Status, answer.Problem.Type));
                Assert.NotEmpty(answer.Problem.Detail!);
                return !can.Contains(0);
            }

            var walked = new HashSet<int>(shelf);
            foreach (PathStep step in path.Steps)
            {
                int course = catalogue.FindCourse(step.CourseId)!.Ordinal;
                Assert.True(asks[course].TrueForAll(asked => Fulfilled(walked, course, asked)), step.CourseId);
                Assert.True(walked.Add(course), $"{step.CourseId} was there");
            }

            return can.Contains(0) && walked.Contains(0) && (shelf.Contains(0) ? path.Steps.IsEmpty : path.Steps[^1].CourseId == "c0");
        }, iter: 2000);

    [Fact]
    public void Of_courses_that_teach_a_concept_the_one_is_taken_that_asks_for_least()
    {
        CatalogueSnapshot catalogue = Catalogue(
            Of("goal", ["calculus"], []), Of("hard", ["algebra", "logic"], ["Calculus"]), Of("easy", [], ["calculus"]), Of("algebra", [], []), Of("logic", [], []));
        PathAnswer path = PathFinder.Find(catalogue, [], "goal", Now).Value!;
        Assert.Equal(["easy", "goal"], path.Steps.Select(step => step.CourseId));
        Assert.Equal(ReasonCodes.PathNeededFor, path.Steps[0].Reasons[0].Code);
        Assert.Equal(ReasonCodes.PathGoal, path.Steps[1].Reasons[0].Code);

        // Whoever has the hard one needs no other.
        Assert.Equal(["goal"], PathFinder.Find(catalogue, [1], "goal", Now).Value!.Steps.Select(step => step.CourseId));
        Assert.Empty(PathFinder.Find(catalogue, [0], "goal", Now).Value!.Steps);
        Assert.Equal(404, PathFinder.Find(catalogue, [], "nowhere", Now).Problem!.Status);
    }

    [Fact]
    public void Why_nothing_leads_there_is_said()
    {
        CatalogueSnapshot catalogue = Catalogue(
            Of("a", ["b"], []), Of("b", ["c"], []), Of("c", ["b"], []), Of("x", ["magic"], []), Of("y", ["soon"], []), Of("soon", [], []) with { PublishedAt = Now.AddDays(1) });
        string Why(string goal) => PathFinder.Find(catalogue, [], goal, Now).Problem!.Detail!;
        Assert.Contains("'b' needs 'c' needs 'b'", Why("a"), StringComparison.Ordinal);
        Assert.Contains("'x' asks for 'magic'", Why("x"), StringComparison.Ordinal);
        Assert.Contains("'soon' is not published yet", Why("y"), StringComparison.Ordinal);
    }

    [Fact]
    public void The_prerequisites_of_computer_science_at_four_universities_have_their_paths()
    {
        string? edges = Shared("university_cs_edges.csv");
        Assert.SkipWhen(edges is null, "../shared/data/prerequisites is not here.");
        (string Course, string Asked)[] pairs = [.. File.ReadLines(edges!).Select(line => line.Split(',')).Where(cells => cells.Length == 2).Select(cells => (Id(cells[0]), Id(cells[1])))];
        string[] ids = [.. pairs.SelectMany(pair => (string[])[pair.Course, pair.Asked]).Distinct()];
        CatalogueSnapshot catalogue = Catalogue([.. ids.Select(id => Of(id, [.. pairs.Where(pair => pair.Course == id).Select(pair => pair.Asked)], []))]);
        int found = 0, longest = 0;
        foreach (string id in ids)
        {
            Answer<PathAnswer> answer = PathFinder.Find(catalogue, [], id, Now);
            Assert.True(answer.Value is not null || answer.Problem!.Type == "no-path");
            found += answer.Value is null ? 0 : 1;
            longest = Math.Max(longest, answer.Value?.Steps.Length ?? 0);
        }

        Assert.True(found > 0.9 * ids.Length && longest >= 4, $"{found} of {ids.Length}, at most {longest} steps");
        TestContext.Current.TestOutputHelper?.WriteLine($"{found} of {ids.Length} courses can be reached from nothing, over at most {longest} steps");
    }

    private static string Id(string text) => text.Replace(' ', '_');

    private static string? Shared(string file)
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            string path = Path.Combine(at.FullName, "..", "shared", "data", "prerequisites", file);
            if (File.Exists(path))
            {
                return path;
            }
        }

        return null;
    }

    private static Course Of(string id, IEnumerable<string> prerequisites, IEnumerable<string> concepts) => new()
    {
        Id = id,
        Title = $"Title of {id}",
        Prerequisites = [.. prerequisites],
        Concepts = [.. concepts],
        ListPrice = new Money("CNY", 100),
    };

    private static CatalogueSnapshot Catalogue(params Course[] courses)
    {
        string[] terms = [.. courses.SelectMany(course => course.Concepts).Distinct()];
        return CatalogueBuilder.Apply(
            CatalogueSnapshot.Empty,
            new CatalogueChanges { Courses = [.. courses.Select((course, ordinal) => new KeyValuePair<int, Course?>(ordinal, course))], Terms = terms },
            1,
            term => Array.IndexOf(terms, term));
    }
}
