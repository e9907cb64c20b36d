using KnowledgePay.Contracts.Grains;
using KnowledgePay.Storage.Postgres;

namespace KnowledgePay.Storage.Tests.Postgres;

/// <summary>Several processes on one database: here several stores, each with its own partition and connections.</summary>
public sealed class SharedDatabaseTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Of_processes_that_race_for_the_same_sequence_one_wins_and_the_others_are_fenced()
    {
        await using var fixture = new PostgresFixture();
        await using var stores = new Stores();
        IEngineStore[] processes = [await stores.Open(fixture), await stores.Open(fixture), await stores.Open(fixture)];
        Assert.Equal(3, processes.Select(p => p.Journal.Partition).Distinct().Count());
        for (int round = 0; round < 60; round++)
        {
            AppendResult[] results = await Task.WhenAll(processes.Select((p, i) => p.Journal.Append(1, round, [Row((round * 10) + i)], Cancellation).AsTask()));
            AppendResult winner = Assert.Single(results, r => !r.Fenced);
            Assert.Equal(round + 1, winner.Head);
            Assert.All(results.Where(r => r.Fenced), r => Assert.Equal(0, r.FirstOffset));
        }

        Assert.Equal(Enumerable.Range(1, 60).Select(i => (long)i), (await processes[0].Journal.ReadStream(1, 0, Cancellation).ToListAsync(Cancellation)).Select(e => e.Sequence));
    }

    [Fact]
    public async Task The_first_statements_after_the_server_was_restarted_find_no_dead_connection()
    {
        await using PrivatePostgres server = await PrivatePostgres.Start();
        await using var fixture = new PostgresFixture();
        PostgresStoreOptions options = await fixture.Options();
        options.ConnectionString = server.ConnectionString;
        await using IEngineStore store = await fixture.Open(options);
        Assert.False((await store.Journal.Append(1, 0, [Row(1)], Cancellation)).Fenced);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(i => store.Keys.GetOrCreate($"before-{i}", Cancellation).AsTask()));

        await server.CrashAndRestart();
        // On the connections' own clock: one that was just used is not tried first.
        await Task.Delay(PostgresDatabase.Idle + TimeSpan.FromMilliseconds(200), Cancellation);

        Task<StreamKey>[] keys = [.. Enumerable.Range(0, 4).Select(i => store.Keys.GetOrCreate($"after-{i}", Cancellation).AsTask())];
        AppendResult appended = await store.Journal.Append(1, 1, [Row(2)], Cancellation);
        await Task.WhenAll(keys);
        Assert.Equal((false, 2L), (appended.Fenced, appended.Head));
    }

    [Fact]
    public async Task A_statement_on_a_connection_that_the_driver_knows_to_be_lost_finds_the_store_unavailable()
    {
        await using var fixture = new PostgresFixture();
        PostgresStoreOptions options = await fixture.Options();
        await using var database = new PostgresDatabase("the pool", options.ConnectionString, "public", 2, options);
        var refused = await Assert.ThrowsAsync<StoreUnavailableException>(async () => await database.Use(
            async connection =>
            {
                await Assert.ThrowsAnyAsync<Npgsql.NpgsqlException>(() => new Npgsql.NpgsqlCommand("SELECT pg_terminate_backend(pg_backend_pid())", connection).ExecuteNonQueryAsync(Cancellation));
                return await new Npgsql.NpgsqlCommand("SELECT 1", connection).ExecuteNonQueryAsync(Cancellation);
            },
            Cancellation));
        Assert.Contains("the pool failed", refused.Message);
        Assert.Equal([1], await database.Query("SELECT 1", reader => reader.GetInt32(0), Cancellation));
    }

    [Fact]
    public async Task An_event_that_several_processes_store_at_once_is_there_once()
    {
        await using var fixture = new PostgresFixture();
        await using var stores = new Stores();
        IEngineStore[] processes = [await stores.Open(fixture), await stores.Open(fixture)];
        for (int round = 0; round < 60; round++)
        {
            // Each to a stream of its own: only the fingerprint says that they are the same.
            AppendResult[] results = await Task.WhenAll(processes.Select((p, i) => p.Journal.Append((round * 2) + i + 1, 0, [Row(round)], Cancellation).AsTask()));
            Assert.All(results, r => Assert.False(r.Fenced));
            Assert.Single(results, r => !r.Duplicates[0]);
        }
    }

    [Fact]
    public async Task A_tail_read_beside_many_writers_misses_no_row_whatever_commits_when()
    {
        await using var fixture = new PostgresFixture();
        await using var stores = new Stores();
        IEngineStore[] writers = [await stores.Open(fixture), await stores.Open(fixture), await stores.Open(fixture)];
        IEngineStore reader = await stores.Open(fixture);
        const int appends = 120;
        Task[] writing = [.. writers.Select((w, i) => Task.Run(async () =>
        {
            await Task.WhenAll(Enumerable.Range(0, appends).Select(a => w.Journal.Append((i * appends) + a + 1, 0, [Row((((i * appends) + a) * 2) + 1_000), Row((((i * appends) + a) * 2) + 1_001)], Cancellation).AsTask()));
        }))];
        var seen = new Dictionary<int, long>();
        int rows = 0;
        for (bool ended = false; ;)
        {
            foreach ((int partition, long head) in await reader.Journal.Heads(Cancellation))
            {
                long after = seen.GetValueOrDefault(partition);
                if (after < head)
                {
                    IReadOnlyList<JournalEntry> page = await reader.Journal.ReadPartition(partition, after, (int)(head - after), Cancellation);
                    Assert.Equal(Enumerable.Range(1, (int)(head - after)).Select(i => after + i), page.Select(e => e.Offset));
                    seen[partition] = head;
                    rows += page.Count;
                }
            }

            if (ended)
            {
                break;
            }

            ended = writing.All(w => w.IsCompleted);
        }

        await Task.WhenAll(writing);
        Assert.Equal(writers.Length * appends * 2, rows);
    }

    [Fact]
    public async Task A_process_whose_partition_was_taken_stores_nothing_and_hears_of_it()
    {
        await using var fixture = new PostgresFixture();
        await using var stores = new Stores();
        PostgresStoreOptions options = await fixture.Options();
        options.Holder = "place-1";
        PostgresEngineStore zombie = await stores.Open(fixture, options);
        await zombie.Journal.Append(1, 0, [Row(1)], Cancellation);
        // A new process of the same place takes the partition at once.
        PostgresEngineStore successor = await stores.Open(fixture, options);
        Assert.Equal(zombie.Journal.Partition, successor.Journal.Partition);

        await Assert.ThrowsAsync<StoreUnavailableException>(() => zombie.Journal.Append(1, 1, [Row(2)], Cancellation).AsTask());
        Assert.True(zombie.PartitionLost.IsCancellationRequested);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => zombie.Journal.Append(2, 0, [Row(3)], Cancellation).AsTask());
        await Assert.ThrowsAsync<StoreUnavailableException>(() => zombie.Projections.Save("p", zombie.Journal.Partition, new ProjectionWatermark(1, 0), [], Cancellation).AsTask());
        DecisionAddress address = zombie.Decisions.Reserve();
        await Assert.ThrowsAsync<StoreUnavailableException>(() => zombie.Decisions.Fill(address, 1, [1], durable: true));

        // What it remembers may be of another database that stood here before: its last snapshots would lock people out.
        await zombie.Snapshots.Save(1, new Snapshot(900, 1, [9]), Cancellation);
        Assert.Null(await successor.Snapshots.Load(1, Cancellation));

        AppendResult next = await successor.Journal.Append(1, 1, [Row(2)], Cancellation);
        Assert.Equal((false, 2L, 2L), (next.Fenced, next.Head, next.FirstOffset));
        Assert.Null(await successor.Decisions.Find(address, Cancellation));
    }

    [Fact]
    public async Task A_partition_is_taken_after_its_lease_and_not_before()
    {
        await using var fixture = new PostgresFixture();
        await using var stores = new Stores();
        PostgresStoreOptions options = await fixture.Options();
        options.PartitionLease = TimeSpan.FromMinutes(5);
        PostgresEngineStore first = await stores.Open(fixture, options);
        PostgresEngineStore second = await stores.Open(fixture, options);
        Assert.NotEqual(first.Journal.Partition, second.Journal.Partition);

        // As if the first had given no sign of life for longer than the lease.
        await (await fixture.Server()).Execute($"UPDATE {fixture.Schema}.partition SET renewed_at = now() - interval '6 minutes' WHERE partition = {first.Journal.Partition}");
        PostgresEngineStore third = await stores.Open(fixture, options);
        Assert.Equal(first.Journal.Partition, third.Journal.Partition);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => first.Journal.Append(1, 0, [Row(1)], Cancellation).AsTask());
        Assert.False((await third.Journal.Append(1, 0, [Row(1)], Cancellation)).Fenced);
    }

    [Fact]
    public async Task A_record_of_another_process_is_found_while_it_is_on_its_way()
    {
        await using var fixture = new PostgresFixture();
        await using var stores = new Stores();
        IEngineStore deciding = await stores.Open(fixture), asked = await stores.Open(fixture);
        for (int i = 0; i < 20; i++)
        {
            DecisionAddress address = deciding.Decisions.Reserve();
            Task durable = deciding.Decisions.Fill(address, 1, [(byte)i], durable: true);
            LoggedDecision? found = await asked.Decisions.Find(address, Cancellation);
            await durable;
            Assert.Equal([(byte)i], (found ?? await asked.Decisions.Find(address, Cancellation))!.Value.Payload);
        }
    }

    private static JournalRow Row(int number) => new((UInt128)number + 1, BitConverter.GetBytes(number));

    /// <summary>Stores that are closed when the test ends, before their schemas are dropped.</summary>
    private sealed class Stores : IAsyncDisposable
    {
        private readonly List<PostgresEngineStore> _opened = [];

        public async Task<PostgresEngineStore> Open(PostgresFixture fixture, PostgresStoreOptions? options = null)
        {
            PostgresEngineStore store = await fixture.Open(options ?? await fixture.Options());
            _opened.Add(store);
            return store;
        }

        public async ValueTask DisposeAsync()
        {
            foreach (PostgresEngineStore store in _opened)
            {
                await store.DisposeAsync();
            }
        }
    }
}
