using KnowledgePay.Contracts.Events;
using KnowledgePay.Grains.Events;
using KnowledgePay.Grains.Hosting;
using KnowledgePay.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Orleans.Serialization;

namespace KnowledgePay.Grains.Tests.Events;

public sealed class StoredFormatsTests
{
    private const string OldFormat = "1";
    private const string Setting = "KnowledgePay:Storage:NewestEventFormat";

    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_upgraded_engine_reads_the_old_journal_and_an_older_one_does_not_start_on_the_new()
    {
        string data = Directory.CreateTempSubdirectory("kpay-formats-").FullName;
        try
        {
            await using (TestEngine old = await TestEngine.Start(data, null, (Setting, OldFormat)))
            {
                Assert.Equal(1, old.Get<EventCodecSource>().Codec.Writes);
                await old.User("upgraded").Append([TestEngine.Event("e1", new CourseViewed { CourseId = "c1", Seconds = 40 })]);
            }

            await using (TestEngine present = await TestEngine.Start(data))
            {
                Assert.Equal(2, present.Get<EventCodecSource>().Codec.Writes);
                await ForgetSnapshot(present, "upgraded");
                Assert.Equal(1, (await present.User("upgraded").View()).Value!.Sequence);
                EventDisposition[] taken = [.. await present.User("upgraded").Append(
                [
                    TestEngine.Event("e1", new CourseViewed { CourseId = "c1", Seconds = 40 }),
                    TestEngine.Event("e2", new CourseViewed { CourseId = "c2", Seconds = 40 }),
                ])];
                Assert.Equal([EventDisposition.Duplicate, EventDisposition.Accepted], taken);
            }

            Exception refused = await Assert.ThrowsAnyAsync<Exception>(() => TestEngine.Start(data, null, (Setting, OldFormat)));
            Assert.Contains("Events of the store have format 2; this process reads up to 1", refused.ToString(), StringComparison.Ordinal);

            await using TestEngine again = await TestEngine.Start(data);
            await ForgetSnapshot(again, "upgraded");
            Assert.Equal(2, (await again.User("upgraded").View()).Value!.Sequence);
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    [Fact]
    public async Task The_format_is_raised_when_the_last_process_that_does_not_read_it_is_gone()
    {
        await using TestEngine engine = await TestEngine.Start(settings: (Setting, OldFormat));
        (StoredFormats old, EventCodec oldCodec) = await Process(engine, "old", reads: 1);
        (StoredFormats present, EventCodec codec) = await Process(engine, "new", reads: 2);
        var members = new Dictionary<string, bool> { ["old"] = true, ["new"] = true };
        for (int look = 0; look < 3; look++)
        {
            await old.Refresh(members, Cancellation);
            await present.Refresh(members, Cancellation);
        }

        Assert.Equal((1, 1), (oldCodec.Writes, codec.Writes));
        Assert.True(old.IsRaised);
        Assert.False(present.IsRaised);

        members["old"] = false;
        await present.Refresh(members, Cancellation);
        Assert.Equal(1, codec.Writes);
        StoredFormatException refused = await Assert.ThrowsAsync<StoredFormatException>(() => Process(engine, "late", reads: 1));
        Assert.Contains("Run the version that wrote them", refused.Message, StringComparison.Ordinal);

        // The late one announced itself before it looked; it is in no list of members, and counts until it surely is not about to join.
        await present.Refresh(members, Cancellation);
        Assert.Equal(1, codec.Writes);
        _time.Advance(TimeSpan.FromMinutes(11));
        await present.Refresh(members, Cancellation);
        await present.Refresh(members, Cancellation);
        Assert.Equal(2, codec.Writes);
        Assert.True(present.IsRaised);

        (StoredFormats third, EventCodec joined) = await Process(engine, "third", reads: 2);
        members["third"] = true;
        await third.Refresh(members, Cancellation);
        Assert.Equal(1, joined.Writes);
        await third.Refresh(members, Cancellation);
        Assert.Equal(2, joined.Writes);
    }

    [Fact]
    public async Task A_format_in_use_is_not_written_while_a_process_that_cannot_read_it_came_in_between()
    {
        await using TestEngine engine = await TestEngine.Start(settings: (Setting, OldFormat));
        (StoredFormats raiser, EventCodec raised) = await Process(engine, "raiser", reads: 2);
        (_, EventCodec between) = await Process(engine, "between", reads: 1);

        // The raiser's first look was before: in the list of members the other is not.
        await engine.Get<IEngineStore>().Documents.Put("stored-format", [new DocumentWrite("in-use", """{"version":1,"events":2,"at":"2026-01-01T00:00:00Z"}"""u8.ToArray())], Cancellation);
        (StoredFormats late, EventCodec joined) = await Process(engine, "late", reads: 2);
        var members = new Dictionary<string, bool> { ["raiser"] = true };
        for (int look = 0; look < 3; look++)
        {
            await raiser.Refresh(members, Cancellation);
            await late.Refresh(members, Cancellation);
        }

        Assert.Equal((1, 1, 1), (raised.Writes, joined.Writes, between.Writes));
    }

    [Fact]
    public async Task A_member_that_announced_nothing_is_of_an_old_version()
    {
        await using TestEngine engine = await TestEngine.Start(settings: (Setting, OldFormat));
        (StoredFormats present, EventCodec codec) = await Process(engine, "new", reads: 2);
        var members = new Dictionary<string, bool> { ["new"] = true, ["silent"] = true };
        await present.Refresh(members, Cancellation);
        await present.Refresh(members, Cancellation);
        Assert.Equal(1, codec.Writes);

        members["silent"] = false;
        await present.Refresh(members, Cancellation);
        await present.Refresh(members, Cancellation);
        Assert.Equal(2, codec.Writes);
    }

    /// <summary>The journal alone is to say who the person is.</summary>
    private static async Task ForgetSnapshot(TestEngine engine, string userId)
    {
        IEngineStore store = engine.Get<IEngineStore>();
        StreamKey? key = await store.Keys.Find(StreamNames.OfUser(userId), Cancellation);
        await store.Snapshots.Delete(key!.Stream, Cancellation);
    }

    private async Task<(StoredFormats Formats, EventCodec Codec)> Process(TestEngine engine, string name, int reads)
    {
        IEngineStore store = engine.Get<IEngineStore>();
        var source = new EventCodecSource(engine.Get<Serializer>(), Options.Create(new EngineOptions { Storage = { NewestEventFormat = reads } }));
        await source.Open(store, Cancellation);
        var formats = new StoredFormats(store, source, _time, NullLogger<StoredFormats>.Instance);
        await formats.Open(name, Cancellation);
        return (formats, source.Codec);
    }
}
