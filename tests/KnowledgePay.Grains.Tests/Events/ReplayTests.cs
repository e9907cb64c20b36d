using System.Collections.Immutable;
using CsCheck;
using KnowledgePay.Contracts.Events;
using KnowledgePay.Decisions.Profiles;
using KnowledgePay.Grains.Events;
using KnowledgePay.Storage;

namespace KnowledgePay.Grains.Tests.Events;

public sealed class ReplayTests(SharedEngine shared)
{
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(100_000)]
    public async Task What_is_stored_folds_to_the_live_state_whatever_snapshots_there_are(int snapshotEvery)
    {
        // A few events leave nothing in a profile: of all sequences some must, or nothing is compared.
        bool leavesSomething = false;
        await AnyEvents.Sequences(40).SampleAsync(
            async events =>
            {
                StreamServices services = new StreamServicesOf(shared.Engine) { SnapshotEveryEvents = snapshotEvery }.Build();
                string name = "u/replay-" + events[0].Id;
                var live = new EventStream(name, services);
                foreach (IncomingEvent[] batch in events.Chunk(3))
                {
                    await live.Append([.. batch]);
                }

                Assert.Equal(events.Length, live.Profile.Sequence);
                leavesSomething |= StateText.Of(new UserProfile { Sequence = events.Length }) != StateText.Of(live.Profile);
                Assert.Equal(StateText.Of(live.Profile), StateText.Of(await Reloaded(name, services)));

                IEngineStore store = shared.Engine.Get<IEngineStore>();
                await store.Snapshots.Delete(live.Key!.Stream, TestContext.Current.CancellationToken);
                Assert.Equal(StateText.Of(live.Profile), StateText.Of(await Reloaded(name, services)));
            },
            iter: 15,
            threads: 1);
        Assert.True(leavesSomething);
    }

    [Fact]
    public async Task A_snapshot_that_does_not_open_is_deleted_and_the_journal_says_it_all()
    {
        StreamServices services = new StreamServicesOf(shared.Engine) { SnapshotEveryEvents = 100_000 }.Build();
        IncomingEvent[] events = [.. AnyEvents.Sequences(20).Single()];
        string name = "u/damaged-" + events[0].Id;
        var live = new EventStream(name, services);
        await live.Append([.. events]);
        IEngineStore store = shared.Engine.Get<IEngineStore>();
        long stream = live.Key!.Stream;
        Snapshot sound = services.Codec.EncodeSnapshot(live.Key, live.Profile);
        byte[] damaged = [.. sound.Payload];
        damaged[^1] ^= 1;
        foreach (byte[] payload in (byte[][])[damaged, [7, 7, 7], services.Codec.EncodeSnapshot(new StreamKey(stream, new byte[32]), live.Profile).Payload])
        {
            await store.Snapshots.Save(stream, new Snapshot(events.Length + 900, UserProfile.FormatVersion, payload), TestContext.Current.CancellationToken);
            Assert.Equal(StateText.Of(live.Profile), StateText.Of(await Reloaded(name, services)));
            Assert.Null(await store.Snapshots.Load(stream, TestContext.Current.CancellationToken));
        }
    }

    [Fact]
    public async Task Duplicates_in_any_order_and_batch_change_nothing() =>
        await Gen.Select(AnyEvents.Sequences(30), Gen.Int[0, 1_000_000]).SampleAsync(
            async (events, seed) =>
            {
                StreamServices services = new StreamServicesOf(shared.Engine) { SnapshotEveryEvents = 5 }.Build();
                string name = "u/again-" + events[0].Id;
                var stream = new EventStream(name, services);
                var random = new Random(seed);
                for (int i = 0; i < events.Length; i++)
                {
                    // Something that was sent before rides along with each new event, before or behind it.
                    IncomingEvent again = events[random.Next(i + 1)];
                    await stream.Append(random.Next(2) == 0 ? [again, events[i]] : [events[i], again]);
                }

                string before = StateText.Of(stream.Profile);
                IncomingEvent[] shuffled = [.. events];
                random.Shuffle(shuffled);
                foreach (IncomingEvent[] batch in shuffled.Chunk(4))
                {
                    ImmutableArray<EventDisposition> answer = await stream.Append([.. batch]);
                    Assert.All(answer, d => Assert.Equal(EventDisposition.Duplicate, d));
                }

                Assert.Equal(events.Length, stream.Profile.Sequence);
                Assert.Equal(before, StateText.Of(stream.Profile));
                Assert.Equal(before, StateText.Of(await Reloaded(name, services)));
            },
            iter: 15,
            threads: 1);

    [Fact]
    public async Task A_snapshot_of_a_newer_format_is_passed_over_and_the_journal_says_what_it_said()
    {
        // A silo of the next version has written it; this one is still at work beside it.
        const string name = "u/newer-snapshot";
        StreamServices services = new StreamServicesOf(shared.Engine) { SnapshotEveryEvents = 100_000 }.Build();
        var live = new EventStream(name, services);
        ImmutableArray<IncomingEvent> events = AnyEvents.Sequences(30).Single();
        await live.Append(events);
        IEngineStore store = shared.Engine.Get<IEngineStore>();
        await store.Snapshots.Save(live.Key!.Stream, new Snapshot(live.Profile.Sequence, UserProfile.FormatVersion + 1, [1, 2, 3]), TestContext.Current.CancellationToken);

        Assert.Equal(StateText.Of(live.Profile), StateText.Of(await Reloaded(name, services)));
        // It writes its own once there is more to say, and the newer one reads that.
        var older = new EventStream(name, services);
        await older.Append([TestEngine.Event(name + "-more", new CourseViewed { CourseId = "c1" })]);
        await older.Retire();
        Assert.Equal((UserProfile.FormatVersion, older.Profile.Sequence), await store.Snapshots.Load(live.Key.Stream, TestContext.Current.CancellationToken) is { } saved ? (saved.Version, saved.Sequence) : default);
        Assert.Equal(StateText.Of(older.Profile), StateText.Of(await Reloaded(name, services)));
    }

    [Theory]
    [InlineData("1")]
    [InlineData("100000")]
    public async Task A_restart_on_the_same_directory_gives_the_state_that_was_live(string snapshotEvery)
    {
        string data = Directory.CreateTempSubdirectory("kpay-restart-").FullName;
        (string, string)[] settings = [("KnowledgePay:SnapshotEveryEvents", snapshotEvery)];
        var before = new Dictionary<string, string>();
        try
        {
            await using (TestEngine engine = await TestEngine.Start(data, null, settings))
            {
                await engine.PutCourses(12);
                for (int person = 0; person < 12; person++)
                {
                    string id = $"restart-{person}";
                    ImmutableArray<IncomingEvent> events = AnyEvents.Sequences(60).Single();
                    await engine.User(id).Append(events);
                    await engine.User(id).Append(events);
                    var stream = new EventStream(StreamNames.OfUser(id), engine.Get<StreamServices>());
                    await stream.Load(TestContext.Current.CancellationToken);
                    Assert.Equal(events.Length, (await engine.User(id).View()).Value!.Sequence);
                    before[id] = StateText.Of(stream.Profile);
                }
            }

            await using TestEngine again = await TestEngine.Start(data, null, settings);
            foreach ((string id, string state) in before)
            {
                var stream = new EventStream(StreamNames.OfUser(id), again.Get<StreamServices>());
                await stream.Load(TestContext.Current.CancellationToken);
                Assert.Equal(state, StateText.Of(stream.Profile));
                Assert.Equal(stream.Profile.Sequence, (await again.User(id).View()).Value!.Sequence);
            }
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    private static async Task<UserProfile> Reloaded(string name, StreamServices services)
    {
        var stream = new EventStream(name, services);
        await stream.Load(TestContext.Current.CancellationToken);
        return stream.Profile;
    }
}
