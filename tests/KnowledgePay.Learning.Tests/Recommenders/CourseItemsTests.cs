using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Catalogue;
using KnowledgePay.Learning.Interactions;
using KnowledgePay.Learning.Items;
using KnowledgePay.Learning.Recommenders;

namespace KnowledgePay.Learning.Tests.Recommenders;

/// <summary>What is learned of courses that nobody took yet.</summary>
public sealed class CourseItemsTests
{
    private static readonly string[] Subjects = ["painting", "cooking", "chess", "sailing"];

    [Fact]
    public void A_course_that_nobody_took_is_ranked_by_its_likeness_to_those_that_were()
    {
        InteractionSet set = TasteWorld.Set(TasteWorld.Make());
        Course[] courses = [.. Enumerable.Range(0, 40).Select(item => Course($"i{item}", item % TasteWorld.Tastes)), Course("fresh", 1)];
        ItemFeatures features = CourseItems.Of(courses, set.Items);
        Assert.Equal((41, 41), (set.Items.Count, features.Items));
        RecommenderModel model = new RecommenderLearning(new RecommenderOptions { Algorithm = "ease" }, TimeProvider.System).Learn(set.WithAddedItems(), features).Model;
        int fresh = model.Items.Find("fresh");
        Assert.InRange(Place(1, 5, 9), 0, 9);
        Assert.InRange(Place(0, 4, 8), 10, 40);

        int Place(params int[] history)
        {
            float[] scores = TasteWorld.Scores(model.Scorer, TasteWorld.History(history));
            return scores.Count(score => score > scores[fresh]);
        }
    }

    [Fact]
    public void Of_many_that_nobody_took_the_newest_take_part()
    {
        var items = new IdTable(["taken"]);
        DateTimeOffset start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        IEnumerable<Course> courses = Enumerable.Range(0, CourseItems.MostUntaken + 10).Select(k => Course($"c{k}", k % 4) with { PublishedAt = start.AddMinutes(k) });
        ItemFeatures features = CourseItems.Of([.. courses, Course("taken", 2)], items);
        Assert.Equal(CourseItems.MostUntaken + 1, items.Count);
        Assert.Equal((-1, -1, 1), (items.Find("c0"), items.Find("c9"), items.Find($"c{CourseItems.MostUntaken + 9}")));
        Assert.True(features.FeaturesOf(0).Length > 0);
    }

    private static Course Course(string id, int subject) => new()
    {
        Id = id,
        Title = $"About {Subjects[subject]}",
        Category = Subjects[subject],
        Tags = [Subjects[subject]],
        ListPrice = new Money("CNY", 9_900),
        DurationMinutes = 60,
    };
}
