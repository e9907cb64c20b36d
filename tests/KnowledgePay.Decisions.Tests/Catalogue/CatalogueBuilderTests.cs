using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Catalogue;
using KnowledgePay.Contracts.Partners;
using KnowledgePay.Decisions.Catalogue;
using KnowledgePay.Decisions.Rules;

namespace KnowledgePay.Decisions.Tests.Catalogue;

public sealed class CatalogueBuilderTests
{
    private static readonly string[] Terms = ["games", "cooking", "openings"];
    private static readonly DateTimeOffset Now = new(2026, 3, 14, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Courses_stand_under_their_ordinals_and_are_found_by_id()
    {
        CatalogueSnapshot catalogue = Build(CatalogueSnapshot.Empty, (0, Of("a", "games")), (3, Of("b", "cooking")), (1, Of("c", "games")));
        Assert.Equal(4, catalogue.Courses.Length);
        Assert.Null(catalogue.Courses[2]);
        Assert.Equal(3, catalogue.FindCourse("b")!.Ordinal);
        Assert.Null(catalogue.FindCourse("z"));
        Assert.Equal([0, 1], catalogue.InCategory(0).ToArray());
        Assert.Equal([3], catalogue.InCategory(1).ToArray());
        Assert.Empty(catalogue.InCategory(2).ToArray());
        Assert.Empty(catalogue.InCategory(-1).ToArray());
        Assert.Empty(catalogue.InCategory(1_000).ToArray());
    }

    [Fact]
    public void The_previous_snapshot_stays_as_it_was()
    {
        CatalogueSnapshot first = Build(CatalogueSnapshot.Empty, (0, Of("a", "games")), (1, Of("b", "games")));
        sbyte[] codes = [.. first.Vectors.Codes];
        CatalogueSnapshot second = Build(first, (0, Of("a", "cooking") with { Title = "Soup" }), (1, null), (2, Of("c", "games")));
        Assert.Equal("games", first.FindCourse("a")!.Course.Category);
        Assert.NotNull(first.FindCourse("b"));
        Assert.Equal(codes, first.Vectors.Codes);
        Assert.Equal([0, 1], first.InCategory(0).ToArray());
        Assert.Null(second.FindCourse("b"));
        Assert.Equal([2], second.InCategory(0).ToArray());
        Assert.Equal(0f, second.Vectors.Scales[1]);
        Assert.NotEqual(first.Vectors.Of(0).ToArray(), second.Vectors.Of(0).ToArray());
    }

    [Fact]
    public void Steps_in_any_sizes_give_the_snapshot_of_one_step()
    {
        (int, Course?)[] changes = [.. Enumerable.Range(0, 30).Select(i => ((int, Course?))(i, Of($"c{i}", Terms[i % 2]) with { Prerequisites = i % 3 == 0 ? [$"c{(i + 7) % 30}"] : [] }))];
        CatalogueSnapshot whole = Build(CatalogueSnapshot.Empty, changes);
        CatalogueSnapshot steps = CatalogueSnapshot.Empty;
        foreach ((int, Course?) change in changes.Reverse())
        {
            steps = Build(steps, change);
        }

        Assert.Equal(whole.Vectors.Codes, steps.Vectors.Codes);
        Assert.Equal(whole.Vectors.Scales, steps.Vectors.Scales);
        Assert.Equal(whole.InCategory(0).ToArray(), steps.InCategory(0).ToArray());
        Assert.Equal(whole.Freshest, steps.Freshest);
        Assert.Equal(Asked(whole), Asked(steps));
        Assert.Equal(10, Asked(whole).Count(asked => asked.Length > 0));
        static string[] Asked(CatalogueSnapshot catalogue) =>
            [.. catalogue.Courses.Select(c => string.Join(',', catalogue.Graph.Requirements(c!.Ordinal).ToArray().Select(choices => string.Join('|', choices))))];
    }

    [Fact]
    public void A_prerequisite_counts_once_the_catalogue_knows_it_and_no_longer_than_that()
    {
        Course needs = Of("b", "games") with { Prerequisites = ["a", "a", "b", "nowhere"] };
        CatalogueSnapshot without = Build(CatalogueSnapshot.Empty, (1, needs));
        Assert.True(without.Graph.Requirements(1).IsEmpty);
        CatalogueSnapshot with = Build(without, (0, Of("a", "games")));
        Assert.Equal([0], Assert.Single(with.Graph.Requirements(1).ToArray()));
        Assert.True(Build(with, (0, null)).Graph.Requirements(1).IsEmpty);
        Assert.Equal([0], Assert.Single(with.Graph.Requirements(1).ToArray()));
    }

    [Fact]
    public void One_id_under_two_ordinals_is_refused()
    {
        CatalogueSnapshot first = Build(CatalogueSnapshot.Empty, (0, Of("a", "games")));
        ArgumentException e = Assert.Throws<ArgumentException>(() => Build(first, (5, Of("a", "games"))));
        Assert.Contains("'a'", e.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => Build(first, (-1, Of("x", "games"))));
    }

    [Fact]
    public void The_freshest_are_those_published_last()
    {
        CatalogueSnapshot catalogue = Build(CatalogueSnapshot.Empty, [.. Enumerable.Range(0, 400).Select(i => ((int, Course?))(i, Of($"c{i}", "games") with
        {
            PublishedAt = i % 2 == 0 ? Now.AddHours(-(i * 37 % 400)) : null,
        }))]);
        int[] expected = [.. Enumerable.Range(0, 400).OrderByDescending(i => i % 2 == 0 ? Now.AddHours(-(i * 37 % 400)).UtcTicks : 0).ThenByDescending(i => i).Take(CatalogueSnapshot.FreshestKept)];
        Assert.Equal(expected, catalogue.Freshest);
    }

    [Fact]
    public void A_course_is_published_from_its_time_on()
    {
        CatalogueSnapshot catalogue = Build(CatalogueSnapshot.Empty, (0, Of("a", null) with { PublishedAt = Now }), (1, Of("b", null)));
        Assert.True(catalogue.FindCourse("a")!.IsPublished(Now));
        Assert.False(catalogue.FindCourse("a")!.IsPublished(Now.AddTicks(-1)));
        Assert.True(catalogue.FindCourse("b")!.IsPublished(DateTimeOffset.MinValue));
        Assert.Equal(-1, catalogue.FindCourse("b")!.Category);
    }

    [Fact]
    public void A_product_id_of_two_partners_needs_the_partner()
    {
        CatalogueSnapshot catalogue = CatalogueBuilder.Apply(
            CatalogueSnapshot.Empty,
            new CatalogueChanges
            {
                Products = [Product(0, "north", "loan"), Product(2, "south", "loan"), Product(1, "south", "cover")],
                Partners = [new("north", new Partner { Id = "north", Name = "North" }), new("south", new Partner { Id = "south", Name = "South" })],
            },
            1,
            _ => -1);
        Assert.Null(catalogue.FindProduct(null, "loan"));
        Assert.Equal(2, catalogue.FindProduct("south", "loan")!.Ordinal);
        Assert.Equal(1, catalogue.FindProduct(null, "cover")!.Ordinal);
        Assert.Null(catalogue.FindProduct("north", "cover"));
        Assert.Equal("South", catalogue.Partners["south"].Name);
        CatalogueSnapshot after = CatalogueBuilder.Apply(catalogue, new CatalogueChanges { RemovedProducts = [2], Partners = [new("north", null)] }, 2, _ => -1);
        Assert.Equal(0, after.FindProduct(null, "loan")!.Ordinal);
        Assert.False(after.Partners.ContainsKey("north"));
        Assert.Equal(2, catalogue.FindProduct("south", "loan")!.Ordinal);
    }

    [Fact]
    public void Vectors_stand_in_blocks_as_they_stand_in_a_row()
    {
        CatalogueSnapshot catalogue = Build(CatalogueSnapshot.Empty, [.. Enumerable.Range(0, 21).Select(i => ((int, Course?))(i, Of($"c{i}", Terms[i % 2])))]);
        byte[] blocks = catalogue.Vectors.Groups.Blocks;
        Assert.Equal(2 * 16 * 64, blocks.Length);
        for (int course = 0; course < 21; course++)
        {
            for (int d = 0; d < 64; d++)
            {
                Assert.Equal(catalogue.Vectors.Of(course)[d] + 128, blocks[(course / 16 * 1024) + (d / 4 * 64) + (course % 16 * 4) + (d % 4)]);
            }
        }
    }

    private static Course Of(string id, string? category) => new()
    {
        Id = id,
        Title = $"Title of {id}",
        Category = category,
        Concepts = ["openings", "unheard of"],
        ListPrice = new Money("CNY", 100),
    };

    private static ProductEntry Product(int ordinal, string partner, string id) => new()
    {
        Ordinal = ordinal,
        Product = new PartnerProduct { Id = id, PartnerId = partner, Kind = ProductKind.Loan, Name = id },
        Eligibility = RuleCompiler.Always,
    };

    private static CatalogueSnapshot Build(CatalogueSnapshot previous, params ReadOnlySpan<(int Ordinal, Course? Course)> changes)
    {
        var courses = new List<KeyValuePair<int, Course?>>();
        foreach ((int ordinal, Course? course) in changes)
        {
            courses.Add(new(ordinal, course));
        }

        return CatalogueBuilder.Apply(previous, new CatalogueChanges { Courses = courses, Terms = Terms }, previous.Version + 1, t => Array.IndexOf(Terms, t));
    }
}
