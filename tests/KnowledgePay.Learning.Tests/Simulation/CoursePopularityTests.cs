using KnowledgePay.Contracts.Events;
using KnowledgePay.Learning.Files;
using KnowledgePay.Learning.Simulation;

namespace KnowledgePay.Learning.Tests.Simulation;

/// <summary>A popularity that drifts as dated interest did.</summary>
public sealed class CoursePopularityTests
{
    [Fact]
    public void Courses_come_into_view_when_their_items_were_of_interest()
    {
        using var folder = new TemporaryFolder();
        // Of interest are "old" in the first half of a year and "new" in the second, and "rare" now and then.
        var start = new DateTime(2025, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        IEnumerable<string> rows = Enumerable.Range(0, 360).SelectMany(day => Enumerable.Repeat((day < 180 ? "old" : "new") + $",{start.AddDays(day):yyyy-MM-dd}", 20).Concat(day % 60 == 0 ? [$"rare,{start.AddDays(day):yyyy-MM-dd}"] : []));
        string path = folder.Write("interest.csv", "what,day\n" + string.Join('\n', rows.Concat(["old,2025-01-01"])));
        var simulator = new MarketplaceSimulator(new MarketplaceOptions
        {
            Users = 300,
            Courses = 3,
            Seed = 3,
            Days = 100,
            End = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero),
            Popularity = CoursePopularity.Read(path, "what", "day", 3),
        });
        SimulatedEvent[] views = [.. simulator.History(6_000).Where(one => one.Event.Data is CourseViewed)];
        DateTimeOffset middle = new(2025, 11, 12, 0, 0, 0, TimeSpan.Zero);
        Assert.InRange(Share("c0", views.Where(view => view.Event.Time < middle)), 0.8, 1);
        Assert.InRange(Share("c1", views.Where(view => view.Event.Time > middle)), 0.8, 1);

        static double Share(string course, IEnumerable<SimulatedEvent> some) => some.Average(one => ((CourseViewed)one.Event.Data).CourseId == course ? 1.0 : 0);
    }

    [Theory]
    [InlineData("item,timestamp\na,2025-01-01\n,2025-01-02\n", "interest.csv:3:1: item '': expected an id of 1 to 256 characters.")]
    [InlineData("item,timestamp\na,yesterday\n", "interest.csv:2:3: timestamp 'yesterday': expected")]
    [InlineData("item,timestamp\n", "there are no rows; expected at least one.")]
    [InlineData("item,day\na,2025-01-01\n", "there is no column 'timestamp'; there are item, day.")]
    public void What_is_wrong_is_said_with_its_place(string text, string expected)
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("interest.csv", text);
        Assert.Contains(expected, Assert.Throws<InputException>(() => CoursePopularity.Read(path, "item", "timestamp", 3)).Message, StringComparison.Ordinal);
    }
}
