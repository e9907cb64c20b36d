using System.Collections.Immutable;
using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Events;
using KnowledgePay.Contracts.Grains;
using KnowledgePay.Decisions.Projections;
using KnowledgePay.Grains.Events;
using KnowledgePay.Grains.Projections;
using KnowledgePay.Grains.Tests.Events;
using KnowledgePay.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace KnowledgePay.Grains.Tests.Projections;

/// <summary>The figures of a course are a recount of the events about it: none lost, none twice, whatever stopped in between.</summary>
public sealed class CourseFigureTests(SharedEngine shared)
{
    [Fact]
    public async Task Figures_are_a_recount_of_the_events()
    {
        // An engine of its own: in the shared one others take courses at random.
        await using TestEngine engine = await TestEngine.Start();
        await engine.PutCourses(3);
        Recount expected = await Crowd(engine, "figures", "c1");
        await engine.CatchUp();

        await AssertFigures(engine, "c1", expected);
        Assert.Equal(expected.Views, engine.Get<LiveSignals>().EnsureCourse(1).Views);
    }

    [Fact]
    public async Task A_restart_neither_loses_nor_doubles()
    {
        string data = Directory.CreateTempSubdirectory("kpay-projections-").FullName;
        try
        {
            Recount expected;
            await using (TestEngine engine = await TestEngine.Start(data))
            {
                await engine.PutCourses(3);
                expected = await Crowd(engine, "stop-1", "c1");
            }

            await using TestEngine again = await TestEngine.Start(data);
            await AssertFigures(again, "c1", expected);
            expected += await Crowd(again, "stop-2", "c1");
            await again.CatchUp();
            await AssertFigures(again, "c1", expected);
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    [Fact]
    public async Task What_is_taken_together_counts_once_also_after_a_restart()
    {
        string data = Directory.CreateTempSubdirectory("kpay-together-").FullName;
        try
        {
            await using (TestEngine engine = await TestEngine.Start(data))
            {
                await engine.PutCourses(3);
                foreach (string person in new[] { "together-1", "together-2", "together-3" })
                {
                    await engine.User(person).Append(TestEngine.Enrolled("c1", "c2"));
                }

                await engine.CatchUp();
                AssertTogether(engine, 3);
            }

            await using TestEngine again = await TestEngine.Start(data);
            AssertTogether(again, 3);
            await again.User("together-4").Append(TestEngine.Enrolled("c1", "c2"));
            await again.CatchUp();
            AssertTogether(again, 4);
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }

        static void AssertTogether(TestEngine engine, int people)
        {
            LiveSignals signals = engine.Get<LiveSignals>();
            Assert.Equal(
                (people, people, people, people, (long)people * 2),
                (signals.Similarity.People, signals.Similarity.Degree(1), signals.Similarity.PairCount(1, 2), signals.Similarity.PairCount(2, 1), signals.AllCourses.Enrolments));
        }
    }

    [Theory]
    [InlineData("100")]
    [InlineData("600000")]
    public async Task A_crash_neither_loses_nor_doubles_whatever_was_saved(string saveMilliseconds)
    {
        string crashed = Directory.CreateTempSubdirectory("kpay-crashed-").FullName;
        try
        {
            Recount expected;
            await using (TestEngine engine = await TestEngine.Start(null, null, ("KnowledgePay:Projector:SaveMilliseconds", saveMilliseconds)))
            {
                await engine.PutCourses(3);
                expected = await Crowd(engine, "crash-1", "c1");
                await engine.CatchUp();
                await AssertFigures(engine, "c1", expected);
                expected += await Crowd(engine, "crash-2", "c1");
                // What is on the disk at this moment is what a crash would leave.
                await engine.Get<IEngineStore>().Backup(crashed, TestContext.Current.CancellationToken);
                CopyKeys(engine.Data, crashed);
            }

            await using TestEngine again = await TestEngine.Start(crashed);
            await AssertFigures(again, "c1", expected);
        }
        finally
        {
            Directory.Delete(crashed, recursive: true);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_append_whose_post_was_lost_is_read_back_from_the_journal(bool moreFollows)
    {
        string course = moreFollows ? "c71" : "c72";
        TestEngine engine = shared.Engine;
        // A projector that does not run takes the posts and never applies them: to the one that runs they are lost.
        await using Projector deaf = ActivatorUtilities.CreateInstance<Projector>(engine.Services);
        StreamServices services = new StreamServicesOf(engine) { Projector = deaf }.Build();
        var stream = new EventStream("u/lost-" + course, services);
        await stream.Append([.. Enumerable.Range(0, 5).Select(i => TestEngine.Event($"lost-{course}-{i}", new CourseViewed { CourseId = course }))]);
        int expected = 5;
        if (moreFollows)
        {
            await engine.User("lost-more-" + course).Append([TestEngine.Event($"lost-{course}-more", new CourseViewed { CourseId = course })]);
            expected = 6;
        }

        await engine.CatchUp();
        Assert.Equal(expected, (await Figures.Of(engine, course, f => f.Views == expected)).Views);
    }

    [Fact]
    public async Task Market_prices_of_a_course_count_in_its_own_stream()
    {
        ICourseGrain course = shared.Engine.Grains.GetGrain<ICourseGrain>("c73");
        IncomingEvent observed = TestEngine.Event("market-1", new MarketPriceObserved { CourseId = "c73", Competitor = "elsewhere", Price = new Money("CNY", 8_000) });

        Assert.Equal([EventDisposition.Accepted, EventDisposition.Duplicate], await course.Append([observed, observed]));
        await shared.Engine.CatchUp();
        MarketPrice seen = Assert.Single(shared.Engine.Get<LiveSignals>().EnsureCourse(73).Market!);
        Assert.Equal(("elsewhere", new Money("CNY", 8_000)), (seen.Competitor, seen.Price));
    }

    private static async Task AssertFigures(TestEngine engine, string course, Recount expected)
    {
        CourseFigures f = await Figures.Of(engine, course, f => Recount.Of(f) == expected);
        Assert.Equal(expected, Recount.Of(f));
    }

    /// <summary>Eight people do several things with a course, some of it reported twice.</summary>
    private static async Task<Recount> Crowd(TestEngine engine, string prefix, string course)
    {
        var total = new Recount(0, 0, 0, 0, 0, 0);
        for (int person = 0; person < 8; person++)
        {
            string id = $"{prefix}-{person}";
            var events = ImmutableArray.CreateBuilder<IncomingEvent>();
            for (int view = 0; view <= person % 3; view++)
            {
                events.Add(TestEngine.Event($"{id}-view-{view}", new CourseViewed { CourseId = course }));
            }

            events.Add(TestEngine.Event($"{id}-enrol", new CourseEnrolled { CourseId = course, Price = new Money("CNY", 1_000) }));
            total += new Recount((person % 3) + 1, 1, 0, 0, 0, 1_000);
            if (person % 2 == 0)
            {
                events.Add(TestEngine.Event($"{id}-done", new CourseCompleted { CourseId = course }));
                events.Add(TestEngine.Event($"{id}-rate", new CourseRated { CourseId = course, Stars = 4 }));
                events.Add(TestEngine.Event($"{id}-say", new CourseCommented { CourseId = course, Text = "很好" }));
                total += new Recount(0, 0, 1, 1, 1, 0);
            }

            await engine.User(id).Append(events.ToImmutable());
            await engine.User(id).Append([.. events.Take(2)]);
        }

        return total;
    }

    private static void CopyKeys(string from, string to)
    {
        foreach (string file in Directory.GetFiles(Path.Combine(from, "keys")))
        {
            string target = Path.Combine(to, "keys", Path.GetFileName(file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            if (!file.EndsWith("-shm", StringComparison.Ordinal))
            {
                File.Copy(file, target);
            }
        }
    }

    private readonly record struct Recount(long Views, long Enrolments, long Completions, long Ratings, long Comments, long RevenueMinorUnits)
    {
        public static Recount Of(CourseFigures f) => new(f.Views, f.Enrolments, f.Completions, f.Ratings, f.Comments, f.Revenue.Sum(m => m.MinorUnits));

        public static Recount operator +(Recount a, Recount b) => new(
            a.Views + b.Views,
            a.Enrolments + b.Enrolments,
            a.Completions + b.Completions,
            a.Ratings + b.Ratings,
            a.Comments + b.Comments,
            a.RevenueMinorUnits + b.RevenueMinorUnits);
    }
}
