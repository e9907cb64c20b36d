using CsCheck;

namespace KnowledgePay.Storage.Tests.Compliance;

public abstract class JournalCompliance : StoreCompliance
{
    private IJournal Journal => Store.Journal;

    [Fact]
    public async Task An_append_gives_consecutive_sequences_and_offsets_and_is_read_back()
    {
        AppendResult first = await Journal.Append(7, 0, Rows(1, 2, 3), Cancellation);
        AppendResult other = await Journal.Append(9, 0, Rows(4), Cancellation);
        AppendResult second = await Journal.Append(7, 3, Rows(5, 6), Cancellation);

        Assert.False(first.Fenced);
        Assert.Equal(3, first.Head);
        Assert.Equal([false, false, false], first.Duplicates);
        Assert.Equal(first.FirstOffset + 3, other.FirstOffset);
        Assert.Equal(first.FirstOffset + 4, second.FirstOffset);
        Assert.Equal(5, second.Head);

        List<JournalEntry> stream = await Journal.ReadStream(7, 0, Cancellation).ToListAsync(Cancellation);
        Assert.Equal([1L, 2, 3, 4, 5], stream.Select(e => e.Sequence));
        Assert.Equal([1, 2, 3, 5, 6], stream.Select(e => (int)e.Fingerprint));
        Assert.All(stream, e => Assert.Equal(Payload((int)e.Fingerprint), e.Payload));
        Assert.All(stream, e => Assert.Equal(7, e.Stream));
        Assert.Equal([4L, 5], (await Journal.ReadStream(7, 3, Cancellation).ToListAsync(Cancellation)).Select(e => e.Sequence));
        Assert.Empty(await Journal.ReadStream(8, 0, Cancellation).ToListAsync(Cancellation));
    }

    [Fact]
    public async Task Of_two_writers_with_the_same_expectation_one_is_fenced_and_stores_nothing()
    {
        AppendResult[] results = await Task.WhenAll(
            Journal.Append(1, 0, Rows(1, 2), Cancellation).AsTask(),
            Journal.Append(1, 0, Rows(3, 4, 5), Cancellation).AsTask());

        AppendResult loser = Assert.Single(results, r => r.Fenced);
        AppendResult winner = Assert.Single(results, r => !r.Fenced);
        Assert.Equal(winner.Head, loser.Head);
        Assert.Equal(0, loser.FirstOffset);
        Assert.Equal(winner.Head, (await Journal.ReadStream(1, 0, Cancellation).ToListAsync(Cancellation)).Count);
    }

    [Fact]
    public async Task The_fence_is_checked_before_duplicates()
    {
        await Journal.Append(1, 0, Rows(1), Cancellation);
        Assert.True((await Journal.Append(1, 0, Rows(1), Cancellation)).Fenced);
        Assert.True((await Journal.Append(1, 2, Rows(1), Cancellation)).Fenced);
    }

    [Fact]
    public async Task A_fingerprint_is_stored_once_in_the_whole_journal()
    {
        AppendResult first = await Journal.Append(1, 0, Rows(1, 2, 1), Cancellation);
        Assert.Equal([false, false, true], first.Duplicates);
        Assert.Equal(2, first.Head);

        AppendResult again = await Journal.Append(1, 2, Rows(2, 3, 1), Cancellation);
        Assert.Equal([true, false, true], again.Duplicates);
        Assert.Equal(3, again.Head);
        Assert.Equal(first.FirstOffset + 2, again.FirstOffset);

        AppendResult otherStream = await Journal.Append(2, 0, Rows(3, 2), Cancellation);
        Assert.Equal([true, true], otherStream.Duplicates);
        Assert.Equal(0, otherStream.Head);
        Assert.Equal(0, otherStream.FirstOffset);
        Assert.False(otherStream.Fenced);
    }

    [Fact]
    public async Task An_append_without_rows_tells_the_head()
    {
        await Journal.Append(1, 0, Rows(1, 2), Cancellation);
        AppendResult right = await Journal.Append(1, 2, [], Cancellation);
        AppendResult wrong = await Journal.Append(1, 0, [], Cancellation);
        Assert.Equal((false, 2L), (right.Fenced, right.Head));
        Assert.Equal((true, 2L), (wrong.Fenced, wrong.Head));
    }

    [Fact]
    public async Task Bad_arguments_are_refused_and_store_nothing()
    {
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await Journal.Append(0, 0, Rows(1), Cancellation));
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await Journal.Append(1, -1, Rows(1), Cancellation));
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await Journal.Append(1, 0, [new JournalRow(1, null!)], Cancellation));
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await Journal.Append(1, 0, [.. Rows(2), new JournalRow(1, new byte[IJournal.LargestPayloadBytes + 1])], Cancellation));
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await Journal.Append(1, 0, new JournalRow[IJournal.LargestAppend + 1], Cancellation));
        Assert.Equal(0, (await Journal.Heads(Cancellation)).Values.Sum());
    }

    [Fact]
    public async Task The_largest_append_and_the_largest_payload_are_taken()
    {
        JournalRow[] rows = [.. Enumerable.Range(0, IJournal.LargestAppend).Select(i => new JournalRow((UInt128)i, [1, 2, 3]))];
        Assert.Equal(IJournal.LargestAppend, (await Journal.Append(1, 0, rows, Cancellation)).Head);
        byte[] large = new byte[IJournal.LargestPayloadBytes];
        Random.Shared.NextBytes(large);
        await Journal.Append(2, 0, [new JournalRow(UInt128.MaxValue, large)], Cancellation);
        JournalEntry entry = Assert.Single(await Journal.ReadStream(2, 0, Cancellation).ToListAsync(Cancellation));
        Assert.Equal(large, entry.Payload);
        Assert.Equal(UInt128.MaxValue, entry.Fingerprint);
        Assert.Equal(IJournal.LargestAppend, await Journal.ReadStream(1, 0, Cancellation).CountAsync(Cancellation));
    }

    [Fact]
    public async Task A_partition_is_read_in_commit_order_page_by_page()
    {
        for (int i = 0; i < 25; i++)
        {
            await Journal.Append(1 + (i % 3), i / 3, Rows(i), Cancellation);
        }

        var read = new List<JournalEntry>();
        while (await Journal.ReadPartition(Journal.Partition, read.LastOrDefault().Offset, 10, Cancellation) is { Count: > 0 } page)
        {
            Assert.InRange(page.Count, 1, 10);
            read.AddRange(page);
        }

        Assert.Equal(Enumerable.Range(0, 25), read.Select(e => (int)e.Fingerprint));
        Assert.Equal(Enumerable.Range(1, 25).Select(i => (long)i), read.Select(e => e.Offset));
        Assert.All(read, e => Assert.Equal(Journal.Partition, e.Partition));
        Assert.Equal(25, (await Journal.Heads(Cancellation))[Journal.Partition]);
        Assert.Empty(await Journal.ReadPartition(Journal.Partition + 1_000, 0, 10, Cancellation));
    }

    [Fact]
    public async Task Appends_from_many_tasks_are_all_stored_once_without_gaps()
    {
        const int Streams = 40;
        const int Each = 30;
        await Task.WhenAll(Enumerable.Range(1, Streams).Select(stream => Task.Run(
            async () =>
            {
                for (int i = 0; i < Each; i++)
                {
                    AppendResult result = await Journal.Append(stream, i * 2, Rows((stream * 10_000) + (i * 2), (stream * 10_000) + (i * 2) + 1), Cancellation);
                    Assert.Equal((i * 2) + 2, result.Head);
                }
            },
            Cancellation)));

        IReadOnlyList<JournalEntry> all = await Journal.ReadPartition(Journal.Partition, 0, 10_000, Cancellation);
        Assert.Equal(Streams * Each * 2, all.Count);
        Assert.Equal(Enumerable.Range(1, all.Count).Select(i => (long)i), all.Select(e => e.Offset));
        Assert.All(all.GroupBy(e => e.Stream), s => Assert.Equal(Enumerable.Range(1, Each * 2).Select(i => (long)i), s.Select(e => e.Sequence)));
    }

    [Fact]
    public async Task A_reader_beside_a_writer_sees_whole_appends_only()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        Task writer = Task.Run(
            async () =>
            {
                for (int i = 0; i < 100; i++)
                {
                    await Journal.Append(1, i * 10, Rows([.. Enumerable.Range(i * 10, 10)]), Cancellation);
                }
            },
            Cancellation);
        while (!writer.IsCompleted)
        {
            long head = (await Journal.Heads(Cancellation))[Journal.Partition];
            Assert.Equal(0, head % 10);
        }

        await writer;
        Assert.Equal(1_000, (await Journal.Heads(Cancellation))[Journal.Partition]);
    }

    [Fact]
    public async Task Everything_is_there_after_a_restart_and_numbers_go_on()
    {
        await Journal.Append(1, 0, Rows(1, 2), Cancellation);
        await Reopen();
        Assert.True((await Journal.Append(1, 0, Rows(3), Cancellation)).Fenced);
        AppendResult next = await Journal.Append(1, 2, Rows(2, 3), Cancellation);
        Assert.Equal([true, false], next.Duplicates);
        List<JournalEntry> entries = await Journal.ReadStream(1, 0, Cancellation).ToListAsync(Cancellation);
        Assert.Equal([1, 2, 3], entries.Select(e => (int)e.Fingerprint));
        Assert.Equal(3, entries.Select(e => (e.Partition, e.Offset)).Distinct().Count());
    }

    [Fact]
    public async Task An_erased_stream_keeps_its_places_and_fingerprints_and_loses_its_payloads()
    {
        await Journal.Append(1, 0, Rows(1, 2), Cancellation);
        await Journal.Append(2, 0, Rows(3), Cancellation);
        await Journal.EraseStream(1, Cancellation);

        IReadOnlyList<JournalEntry> all = await Journal.ReadPartition(Journal.Partition, 0, 10, Cancellation);
        Assert.Equal(3, all.Count);
        Assert.All(all, e => Assert.Equal(e.Stream == 1, e.Payload.Length == 0));
        AppendResult repeat = await Journal.Append(2, 1, Rows(1), Cancellation);
        Assert.Equal([true], repeat.Duplicates);
    }

    [Fact]
    public async Task A_cancelled_append_stores_nothing()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Journal.Append(1, 0, Rows(1), cancelled.Token));
        Assert.False((await Journal.Append(1, 0, Rows(1), Cancellation)).Fenced);
    }

    [Fact]
    public async Task Any_order_of_appends_and_repeats_gives_what_a_model_gives()
    {
        // An append of fingerprints to a stream, at an offset from the true head: 0 most of the time.
        var append = Gen.Select(Gen.Int[1, 4], Gen.Frequency((6, Gen.Const(0)), (1, Gen.Int[-2, 2])), Gen.Int[0, 60].Array[0, 6]);
        await append.Array[1, 40].SampleAsync(
            async appends =>
            {
                await using IStoreFixture fixture = CreateFixture();
                await using IEngineStore store = await fixture.Open();
                var streams = new Dictionary<long, List<int>>();
                var seen = new HashSet<int>();
                var order = new List<(long, int)>();
                foreach ((int stream, int error, int[] fingerprints) in appends)
                {
                    if (!streams.TryGetValue(stream, out List<int>? stored))
                    {
                        streams.Add(stream, stored = []);
                    }

                    long expected = Math.Max(0, stored.Count + error);
                    AppendResult result = await store.Journal.Append(stream, expected, Rows(fingerprints), CancellationToken.None);
                    if (result.Fenced != (expected != stored.Count))
                    {
                        return false;
                    }

                    if (!result.Fenced)
                    {
                        int before = order.Count;
                        bool[] duplicates = fingerprints.Select(f => !seen.Add(f)).ToArray();
                        int[] added = fingerprints.Where((_, i) => !duplicates[i]).ToArray();
                        stored.AddRange(added);
                        order.AddRange(added.Select(f => ((long)stream, f)));
                        if (!Enumerable.SequenceEqual(duplicates, result.Duplicates) || result.FirstOffset != (added.Length == 0 ? 0 : before + 1))
                        {
                            return false;
                        }
                    }

                    if (result.Head != stored.Count)
                    {
                        return false;
                    }
                }

                IReadOnlyList<JournalEntry> all = await store.Journal.ReadPartition(store.Journal.Partition, 0, 10_000, CancellationToken.None);
                return all.Select(e => (e.Stream, (int)e.Fingerprint)).SequenceEqual(order);
            },
            iter: 30,
            threads: 1);
    }
}
