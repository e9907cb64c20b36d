using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Contracts.Events;
using KnowledgePay.Contracts.Grains;
using KnowledgePay.Contracts.People;
using KnowledgePay.Decisions.Projections;
using KnowledgePay.Grains.Events;
using KnowledgePay.Grains.Tests.Decisions;
using KnowledgePay.Grains.Tests.Events;

namespace KnowledgePay.Grains.Tests.People;

/// <summary>The machine's clock jumps an hour, forward and back, while the engine is at work.</summary>
public sealed class JumpingClockTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Fact]
    public async Task Nothing_is_lost_or_bought_twice_and_what_was_promised_holds_by_the_clock_that_is()
    {
        const string id = "clock-1";
        var clock = new ShiftedTime();
        await using TestEngine engine = await TestEngine.Start(null, clock);
        await engine.PutCourses(60);
        IUserGrain user = engine.User(id);
        await user.BecomeCreditworthy(id);
        PriceAnswer before = await user.Quote(id, "c40");
        PriceAnswer unused = await user.Quote(id, "c41");
        CheckoutAnswer first = (await user.Checkout(before.Checkout("pay-1"))).Value!;
        CreditAnswer credit = (await user.Credit(id, 20_000)).Value!;
        long views = 0;
        foreach (TimeSpan jump in (TimeSpan[])[Hour, -Hour, -Hour, Hour, Hour])
        {
            clock.Advance(jump);
            string step = $"{jump.TotalHours}-{views}";
            Assert.Equal([EventDisposition.Accepted], await user.Append([TestEngine.Event($"view-{step}", new CourseViewed { CourseId = "c50" }, clock.GetUtcNow())]));
            views++;
            // The order of before is the answer to its repeat, whatever the time is now; and another payment gets nothing for it.
            Assert.Equal(first.OrderId, (await user.Checkout(before.Checkout("pay-1"))).Value!.OrderId);
            Assert.Equal("quote-used", (await user.Checkout(before.Checkout("pay-2-" + step))).Problem!.Type);
            // A quote of this very moment is good.
            PriceAnswer now = await user.Quote(id, $"c{41 + views}");
            Assert.Null((await user.Checkout(now.Checkout($"pay-3-{step}"))).Problem);
            Assert.Equal(views + 1, (await user.View()).Value!.Courses.Count(c => int.Parse(c.CourseId[1..]) is >= 40 and < 50));
        }

        // An hour ahead at the end: past the quote that nobody used, not past the credit.
        Assert.Equal("quote-expired", (await user.Checkout(unused.Checkout("pay-4"))).Problem!.Type);
        if (credit.Outcome == CreditOutcome.Approved)
        {
            Assert.Null((await user.Checkout((await user.Quote(id, "c55")).Checkout("pay-5", credit.DecisionId))).Problem);
        }

        await engine.CatchUp();
        Assert.Equal(views, engine.Get<LiveSignals>().EnsureCourse(50).Views);
        // What a restart would fold is what is believed now.
        var live = new EventStream(StreamNames.OfUser(id), engine.Get<StreamServices>());
        await live.Load(TestContext.Current.CancellationToken);
        UserView view = (await user.View()).Value!;
        Assert.Equal(view.Sequence, live.Profile.Sequence);
        await engine.Get<Storage.IEngineStore>().Snapshots.Delete(live.Key!.Stream, TestContext.Current.CancellationToken);
        string fromSnapshot = StateText.Of(live.Profile);
        await live.Load(TestContext.Current.CancellationToken);
        Assert.Equal(fromSnapshot, StateText.Of(live.Profile));
    }
}
