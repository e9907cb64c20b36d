using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Contracts.Events;
using KnowledgePay.Contracts.Grains;
using KnowledgePay.Contracts.People;
using KnowledgePay.Grains.Tests.Decisions;
using KnowledgePay.Grains.Users;
using Microsoft.Extensions.Time.Testing;
using Orleans.Runtime;

namespace KnowledgePay.Grains.Tests.People;

/// <summary>Calls that go to an activation directly, on any thread, beside those that come as messages.</summary>
public sealed class LocalUsersTests(SharedEngine shared)
{
    [Fact]
    public async Task An_activation_is_handed_out_after_a_message_and_for_a_minute()
    {
        TestEngine engine = shared.Engine;
        Assert.Null(engine.Get<LocalUsers>().Find("local-1"));
        await engine.User("local-1").GetConsent();
        UserGrain near = engine.Get<LocalUsers>().Find("local-1")!;
        Assert.NotNull(near);

        var time = new FakeTimeProvider();
        var local = new LocalUsers(time);
        local.Add("local-1", near);
        time.Advance(TimeSpan.FromSeconds(59));
        Assert.Same(near, local.Find("local-1"));
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.Null(local.Find("local-1"));
        local.Called("local-1");
        Assert.Same(near, local.Find("local-1"));
    }

    [Fact]
    public async Task Direct_calls_from_many_threads_see_every_acknowledged_event_and_lose_none()
    {
        TestEngine engine = shared.Engine;
        IUserGrain grain = engine.User("local-2");
        await grain.Append(TestEngine.Enrolled("c50"));
        UserGrain near = engine.Get<LocalUsers>().Find("local-2")!;
        await Parallel.ForEachAsync(Enumerable.Range(0, 8), async (worker, _) =>
        {
            for (int i = 0; i < 12; i++)
            {
                string course = $"c{(worker * 12) + i}";
                IUserGrain via = i % 3 == 0 ? grain : near;
                await via.Append([TestEngine.Event($"local-2-{worker}-{i}", new CourseEnrolled { CourseId = course })]);
                RecommendationAnswer list = (await near.Recommend(new RecommendationRequest { Count = 100 })).Value!;
                Assert.DoesNotContain(course, list.Items.Select(item => item.CourseId));
                await near.Quote("local-2", $"c{100 + i}");
                Assert.Null((await near.Offers(new OffersRequest { UserId = "local-2", Surface = "home" })).Problem);
            }
        });

        UserView view = (await grain.View()).Value!;
        Assert.Equal(96, view.Courses.Length);
    }

    [Fact]
    public async Task The_same_day_has_one_price_however_many_ask_at_once()
    {
        TestEngine engine = shared.Engine;
        await engine.User("local-3").GetConsent();
        UserGrain near = engine.Get<LocalUsers>().Find("local-3")!;
        PriceAnswer[] quotes = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => Task.Run(() => near.Quote("local-3", "c7"))));

        Assert.Single(quotes.Select(q => q.Price).Distinct());
    }

    [Fact]
    public async Task A_retired_activation_refuses_events_and_the_next_one_has_all()
    {
        await using TestEngine engine = await TestEngine.Start();
        await engine.PutCourses(12);
        await engine.User("local-4").Append(TestEngine.Enrolled("c1"));
        UserGrain near = engine.Get<LocalUsers>().Find("local-4")!;
        await near.Append(TestEngine.Enrolled("c2"));
        await engine.Grains.GetGrain<IManagementGrain>(0).ForceActivationCollection(TimeSpan.Zero);
        while (engine.Get<LocalUsers>().Find("local-4") is not null || !near.IsRetired)
        {
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }

        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await near.Append(TestEngine.Enrolled("c3")));
        await engine.User("local-4").Append(TestEngine.Enrolled("c4"));
        Assert.Equal(["c1", "c2", "c4"], (await engine.User("local-4").View()).Value!.Courses.Select(c => c.CourseId).Order());
        Assert.NotSame(near, engine.Get<LocalUsers>().Find("local-4"));
    }
}
