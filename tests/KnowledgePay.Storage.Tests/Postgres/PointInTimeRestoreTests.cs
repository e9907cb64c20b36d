using KnowledgePay.Storage.Postgres;

namespace KnowledgePay.Storage.Tests.Postgres;

/// <summary>PostgreSQL's own backup, as README says to take it, restored to the moment before a mishap. The keys are on another server, which is not set back.</summary>
public sealed class PointInTimeRestoreTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_acknowledged_before_the_moment_is_there_and_who_was_erased_since_stays_erased()
    {
        await using var fixture = new PostgresFixture();
        await using PrivatePostgres server = await PrivatePostgres.StartArchived();
        PostgresStoreOptions options = await fixture.Options();
        options.KeysConnectionString = options.ConnectionString;
        options.ConnectionString = server.ConnectionString;
        StreamKey kept, erased;
        await using (IEngineStore store = await fixture.Open(options))
        {
            kept = await store.Keys.GetOrCreate("u/kept", Cancellation);
            erased = await store.Keys.GetOrCreate("u/erased", Cancellation);
            await Append(store, kept, 0, 50);
            await Append(store, erased, 0, 20);
            Task load = Append(store, kept, 50, 100);
            await server.TakeBaseBackup();
            await load;
            // Between the backup and the moment: only the write-ahead log has these.
            await Append(store, kept, 100, 200);
            await server.Execute("SELECT pg_create_restore_point('before-the-mishap')");
            await Append(store, kept, 200, 230);
            await store.Keys.Delete("u/erased", erased.Stream, Cancellation);
            await store.Journal.EraseStream(erased.Stream, Cancellation);
            await server.Execute($"TRUNCATE {fixture.Schema}.journal");
            await server.Execute("SELECT pg_switch_wal()");
        }

        await server.StopServer();
        await using PrivatePostgres restored = await server.Restore("before-the-mishap");
        options.ConnectionString = restored.ConnectionString;
        await using IEngineStore again = await fixture.Open(options);
        List<JournalEntry> entries = await again.Journal.ReadStream(kept.Stream, 0, Cancellation).ToListAsync(Cancellation);
        Assert.Equal(Enumerable.Range(1, 200).Select(i => (long)i), entries.Select(e => e.Sequence));
        Assert.All(entries, e => Assert.Equal([(byte)e.Sequence], e.Payload));
        Assert.Equal(kept.Key, (await again.Keys.Find("u/kept", Cancellation))!.Key);
        // The rows of the erased are back, and nothing opens them.
        Assert.Equal(20, await again.Journal.ReadStream(erased.Stream, 0, Cancellation).CountAsync(Cancellation));
        Assert.Null(await again.Keys.Find("u/erased", Cancellation));
        Assert.Null(await again.Keys.Resolve(erased.Stream, Cancellation));
        // Work goes on: what came after the moment is sent again and is new.
        await Append(again, kept, 200, 230);
        Assert.True((await again.Keys.GetOrCreate("u/later", Cancellation)).Stream > erased.Stream);
    }

    private static async Task Append(IEngineStore store, StreamKey key, int from, int until)
    {
        for (int i = from; i < until; i++)
        {
            AppendResult result = await store.Journal.Append(key.Stream, i, [new JournalRow((UInt128)((key.Stream << 20) + i), [(byte)(i + 1)])], Cancellation);
            Assert.Equal((false, i + 1L, false), (result.Fenced, result.Head, result.Duplicates[0]));
        }
    }
}
