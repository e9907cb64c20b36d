using System.Collections.Immutable;
using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Events;
using KnowledgePay.Contracts.Grains;
using KnowledgePay.Contracts.People;
using KnowledgePay.Grains.Events;
using KnowledgePay.Storage;

namespace KnowledgePay.Grains.Tests.Events;

public sealed class AppendTests(SharedEngine shared)
{
    private readonly TestEngine _engine = shared.Engine;

    [Fact]
    public async Task An_acknowledged_event_is_in_the_journal_and_in_the_state()
    {
        IUserGrain user = _engine.User("append-1");
        ImmutableArray<EventDisposition> answer = await user.Append(TestEngine.Enrolled("c1", "c2"));

        Assert.Equal([EventDisposition.Accepted, EventDisposition.Accepted], answer);
        UserView view = (await user.View()).Value!;
        Assert.Equal(2, view.Sequence);
        Assert.Equal(["c1", "c2"], view.Courses.Select(c => c.CourseId).Order());
        Assert.Equal([1, 2], await Sequences("append-1"));
    }

    [Fact]
    public async Task An_event_twice_in_a_batch_counts_once()
    {
        IUserGrain user = _engine.User("append-2");
        IncomingEvent e = TestEngine.Event("append-2-a", new CourseViewed { CourseId = "c1" });

        Assert.Equal([EventDisposition.Accepted, EventDisposition.Duplicate], await user.Append([e, e]));
        Assert.Equal(1, (await user.View()).Value!.Sequence);
        Assert.Equal([1], await Sequences("append-2"));
    }

    [Fact]
    public async Task An_event_that_is_sent_again_counts_once_and_what_is_new_beside_it_is_taken()
    {
        IUserGrain user = _engine.User("append-3");
        IncomingEvent first = TestEngine.Event("append-3-a", new CourseViewed { CourseId = "c1" });
        IncomingEvent second = TestEngine.Event("append-3-b", new CourseEnrolled { CourseId = "c2" });
        await user.Append([first]);

        Assert.Equal([EventDisposition.Duplicate, EventDisposition.Accepted, EventDisposition.Duplicate], await user.Append([first, second, first]));
        Assert.Equal(2, (await user.View()).Value!.Sequence);
        Assert.Equal([1, 2], await Sequences("append-3"));
    }

    [Fact]
    public async Task An_event_id_that_another_person_had_is_a_duplicate_and_changes_nobody()
    {
        IncomingEvent e = TestEngine.Event("append-4-a", new CourseEnrolled { CourseId = "c1" });
        await _engine.User("append-4").Append([e]);

        Assert.Equal([EventDisposition.Duplicate], await _engine.User("append-4-other").Append([e]));
        Assert.Equal(1, (await _engine.User("append-4").View()).Value!.Sequence);
        Assert.Empty((await _engine.User("append-4-other").View()).Value!.Courses);
        Assert.Empty(await Sequences("append-4-other"));
    }

    [Fact]
    public async Task The_same_id_of_another_source_is_another_event()
    {
        IUserGrain user = _engine.User("append-5");
        IncomingEvent e = TestEngine.Event("append-5-a", new CourseViewed { CourseId = "c1" });

        Assert.Equal([EventDisposition.Accepted, EventDisposition.Accepted], await user.Append([e, e with { Source = "/elsewhere" }]));
    }

    [Fact]
    public async Task A_person_of_whom_nothing_is_held_is_not_found()
    {
        Answer<UserView> view = await _engine.User("append-nobody").View();

        Assert.Equal("not-found", view.Problem!.Type);
    }

    [Fact]
    public async Task Appends_beyond_the_queue_limit_are_refused_and_can_be_sent_again()
    {
        var limited = new StreamServicesOf(_engine) { UserQueueLimit = 4 };
        var stream = new EventStream("u/append-6", limited.Build());
        IncomingEvent[] events = [.. Enumerable.Range(0, 12).Select(i => TestEngine.Event($"append-6-{i}", new CourseViewed { CourseId = "c1" }))];
        // All are started before the first commit can come back: the stream's turn is held by the first.
        var single = new SingleTurn();
        Task<ImmutableArray<EventDisposition>>[] sent = await single.Run(() => events.Select(e => stream.Append([e]).AsTask()).ToArray());
        int refused = 0;
        foreach (Task<ImmutableArray<EventDisposition>> task in sent)
        {
            try
            {
                await task;
            }
            catch (StoreUnavailableException)
            {
                refused++;
            }
        }

        Assert.Equal(8, refused);
        foreach (IncomingEvent e in events)
        {
            await stream.Append([e]);
        }

        Assert.Equal(12, stream.Profile.Sequence);
        Assert.Equal(Enumerable.Range(1, 12).Select(i => (long)i), await Sequences("append-6"));
    }

    private async Task<List<long>> Sequences(string userId)
    {
        IEngineStore store = _engine.Get<IEngineStore>();
        StreamKey? key = await store.Keys.Find(StreamNames.OfUser(userId), TestContext.Current.CancellationToken);
        var sequences = new List<long>();
        if (key is not null)
        {
            await foreach (JournalEntry entry in store.Journal.ReadStream(key.Stream, 0, TestContext.Current.CancellationToken))
            {
                sequences.Add(entry.Sequence);
            }
        }

        return sequences;
    }
}
