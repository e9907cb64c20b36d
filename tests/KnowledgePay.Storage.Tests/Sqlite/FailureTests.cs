using KnowledgePay.Contracts.Grains;
using KnowledgePay.Storage.Sqlite;

namespace KnowledgePay.Storage.Tests.Sqlite;

/// <summary>Full disks, full queues, crashes.</summary>
public sealed class FailureTests : IAsyncDisposable
{
    private readonly SqliteFixture _fixture = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task A_full_disk_refuses_writes_loses_nothing_acknowledged_and_serves_again_when_there_is_room()
    {
        var acknowledged = new Dictionary<long, long>();
        await using (SqliteEngineStore store = await _fixture.Open(_fixture.Options))
        {
            await LimitPages(store, 200);
            int refused = 0;
            await Task.WhenAll(Enumerable.Range(1, 20).Select(stream => Task.Run(
                async () =>
                {
                    long head = 0;
                    try
                    {
                        for (int i = 0; i < 100; i++)
                        {
                            AppendResult result = await store.Journal.Append(stream, head, [Row(stream, i)], Cancellation);
                            head = result.Head;
                            lock (acknowledged)
                            {
                                acknowledged[stream] = head;
                            }
                        }
                    }
                    catch (StoreUnavailableException)
                    {
                        Interlocked.Increment(ref refused);
                    }
                },
                Cancellation)));
            Assert.Equal(20, refused);

            // Reads go on.
            Assert.Equal(acknowledged.Values.Sum(), (await store.Journal.Heads(Cancellation)).Values.Sum());
            await Assert.ThrowsAsync<StoreUnavailableException>(async () => await store.Journal.Append(99, 0, [.. Enumerable.Range(0, 50).Select(i => Row(99, i))], Cancellation));

            await LimitPages(store, 1_000_000);
            for (long stream = 1; stream <= 20; stream++)
            {
                AppendResult result = await store.Journal.Append(stream, acknowledged[stream], [Row(stream, (int)acknowledged[stream])], Cancellation);
                Assert.False(result.Fenced);
                acknowledged[stream] = result.Head;
            }
        }

        await using SqliteEngineStore again = await _fixture.Open(_fixture.Options);
        IReadOnlyList<JournalEntry> all = await again.Journal.ReadPartition(0, 0, 10_000, Cancellation);
        Assert.Equal(Enumerable.Range(1, all.Count).Select(i => (long)i), all.Select(e => e.Offset));
        Assert.Equal(acknowledged.OrderBy(a => a.Key), all.GroupBy(e => e.Stream).OrderBy(g => g.Key).Select(g => KeyValuePair.Create(g.Key, (long)g.Count())));
    }

    [Fact]
    public async Task Decisions_that_nobody_waits_for_outlast_a_full_disk_and_those_awaited_are_refused()
    {
        await using SqliteEngineStore store = await _fixture.Open(_fixture.Options);
        await store.Decisions.Fill(store.Decisions.Reserve(), 1, [1], durable: true);
        await LimitPages(store, 1);

        DecisionAddress patient = store.Decisions.Reserve();
        DecisionAddress awaited = store.Decisions.Reserve();
        Task stored = store.Decisions.Fill(patient, 1, new byte[50_000], durable: false);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => store.Decisions.Fill(awaited, 1, new byte[50_000], durable: true));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => store.Decisions.Fill(store.Decisions.Reserve(), 1, new byte[50_000], durable: true));
        Assert.False(stored.IsCompleted);

        await LimitPages(store, 1_000_000);
        _fixture.Time.Advance(TimeSpan.FromSeconds(1));
        await stored.WaitAsync(TimeSpan.FromSeconds(30), Cancellation);
        Assert.NotNull(await store.Decisions.Find(patient, Cancellation));
        Assert.Null(await store.Decisions.Find(awaited, Cancellation));
        long head = (await store.Decisions.Heads(Cancellation))[0];
        for (long chunk = 1; chunk <= head; chunk++)
        {
            Assert.NotNull(await store.Decisions.ReadChunk(0, chunk, Cancellation));
        }
    }

    [Fact]
    public async Task A_full_disk_of_keys_gives_no_key_that_is_not_stored()
    {
        var given = new Dictionary<string, StreamKey>();
        await using (SqliteEngineStore store = await _fixture.Open(_fixture.Options))
        {
            await store.KeyWriter.Write(connection => Limit(connection, 12), Cancellation);
            await Assert.ThrowsAsync<StoreUnavailableException>(async () =>
            {
                for (int i = 0; i < 1_000; i++)
                {
                    given.Add($"u/{i}", await store.Keys.GetOrCreate($"u/{i}", Cancellation));
                }
            });
            await store.KeyWriter.Write(connection => Limit(connection, 1_000_000), Cancellation);
            given.Add("u/after", await store.Keys.GetOrCreate("u/after", Cancellation));
        }

        await using SqliteEngineStore again = await _fixture.Open(_fixture.Options);
        Assert.Equal(given.Count, await again.Keys.Count(Cancellation));
        foreach ((string name, StreamKey key) in given)
        {
            StreamKey? found = await again.Keys.Find(name, Cancellation);
            Assert.Equal(key.Stream, found?.Stream);
            Assert.Equal(key.Key, found?.Key);
        }
    }

    [Fact]
    public async Task While_too_much_waits_for_the_disk_no_address_is_given()
    {
        SqliteStoreOptions options = _fixture.Options;
        options.DecisionChunks.WaitingBytes = 100_000;
        await using SqliteEngineStore store = await _fixture.Open(options);
        await LimitPages(store, 1);
        for (int i = 0; i < 2; i++)
        {
            _ = store.Decisions.Fill(store.Decisions.Reserve(), 1, new byte[50_000], durable: false);
        }

        Assert.Throws<StoreUnavailableException>(() => store.Decisions.Reserve());
        await LimitPages(store, 1_000_000);
    }

    [Fact]
    public async Task A_full_queue_refuses_at_once_and_what_it_took_is_stored()
    {
        SqliteStoreOptions options = _fixture.Options;
        options.GroupCommit.QueuedOperations = 8;
        await using SqliteEngineStore store = await _fixture.Open(options);
        using var held = new ManualResetEventSlim();
        Task blocking = store.EngineWriter.Write(_ => held.Wait(TimeSpan.FromSeconds(60)), Cancellation);
        while (store.EngineWriter.QueueLength > 0)
        {
            await Task.Yield();
        }

        List<Task<AppendResult>> taken = [.. Enumerable.Range(1, 8).Select(s => store.Journal.Append(s, 0, [Row(s, 0)], Cancellation).AsTask())];
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await store.Journal.Append(9, 0, [Row(9, 0)], Cancellation));
        held.Set();
        await blocking;
        Assert.All(await Task.WhenAll(taken), r => Assert.Equal(1, r.Head));
        Assert.Equal(8, (await store.Journal.Heads(Cancellation))[0]);
    }

    [Fact]
    public async Task An_operation_that_fails_by_itself_does_not_take_its_neighbours_with_it()
    {
        await using SqliteEngineStore store = await _fixture.Open(_fixture.Options);
        using var held = new ManualResetEventSlim();
        Task blocking = store.EngineWriter.Write(_ => held.Wait(TimeSpan.FromSeconds(60)), Cancellation);
        Task<AppendResult> before = store.Journal.Append(1, 0, [Row(1, 0)], Cancellation).AsTask();
        Task<int> broken = store.EngineWriter.Write<int>(
            connection =>
            {
                using Statement statement = connection.Use("INSERT INTO snapshot (stream, sequence, version, payload) VALUES (5, 1, 1, x'01')");
                statement.Run();
                throw new FormatException("broken");
            },
            Cancellation);
        Task<AppendResult> after = store.Journal.Append(2, 0, [Row(2, 0)], Cancellation).AsTask();
        held.Set();
        await blocking;
        await Assert.ThrowsAsync<FormatException>(() => broken);
        Assert.Equal((1L, 2L), ((await before).FirstOffset, (await after).FirstOffset));
        Assert.Null(await store.Snapshots.Load(5, Cancellation));
    }

    [Fact]
    public async Task Files_copied_in_the_midst_of_writing_hold_every_append_acknowledged_by_then()
    {
        await using SqliteEngineStore store = await _fixture.Open(_fixture.Options);
        StreamKey key = await store.Keys.GetOrCreate("u/alice", Cancellation);
        long acknowledged = 0;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        Task writing = Task.Run(
            async () =>
            {
                for (int i = 0; !stop.IsCancellationRequested; i++)
                {
                    AppendResult result = await store.Journal.Append(key.Stream, i, [Row(key.Stream, i)], CancellationToken.None);
                    Volatile.Write(ref acknowledged, result.Head);
                }
            },
            Cancellation);
        for (int crash = 0; crash < 5; crash++)
        {
            long target = Volatile.Read(ref acknowledged) + 50;
            while (Volatile.Read(ref acknowledged) < target)
            {
                await Task.Yield();
            }

            long atLeast = Volatile.Read(ref acknowledged);
            string copy = Path.Combine(_fixture.Directory, $"crash-{crash}");
            Directory.CreateDirectory(Path.Combine(copy, SqliteEngineStore.KeysFolder));
            // The database before its log: frames that are in both are harmless, and no checkpoint happens in so few pages.
            foreach (string file in (string[])["engine.db", "engine.db-wal", "keys/keys.db", "keys/keys.db-wal", "keys/master.key"])
            {
                File.Copy(Path.Combine(_fixture.Options.DataDirectory, file), Path.Combine(copy, file));
            }

            await using SqliteEngineStore recovered = await _fixture.Open(new SqliteStoreOptions { DataDirectory = copy });
            List<JournalEntry> entries = await recovered.Journal.ReadStream(key.Stream, 0, Cancellation).ToListAsync(Cancellation);
            Assert.True(entries.Count >= atLeast, $"{entries.Count} of {atLeast} acknowledged");
            Assert.Equal(Enumerable.Range(1, entries.Count).Select(i => (long)i), entries.Select(e => e.Sequence));
            Assert.Equal(key.Key, (await recovered.Keys.Find("u/alice", Cancellation))?.Key);
            Assert.False((await recovered.Journal.Append(key.Stream, entries.Count, [Row(key.Stream, 1_000_000)], Cancellation)).Fenced);
        }

        await stop.CancelAsync();
        await writing;
    }

    private static JournalRow Row(long stream, int i) => new(((UInt128)stream << 64) + (UInt128)i, new byte[1_000]);

    private static Task LimitPages(SqliteEngineStore store, int pages) => store.EngineWriter.Write(connection => Limit(connection, pages), Cancellation);

    private static int Limit(Connection connection, int pages)
    {
        connection.Execute($"PRAGMA max_page_count={pages}");
        return pages;
    }
}
