using KnowledgePay.Contracts.Grains;

namespace KnowledgePay.Storage.Tests.Compliance;

public abstract class DecisionLogCompliance : StoreCompliance
{
    private IDecisionLog Decisions => Store.Decisions;

    [Fact]
    public async Task A_durable_record_is_found_by_its_address_also_after_a_restart()
    {
        DecisionAddress address = Decisions.Reserve();
        await Decisions.Fill(address, 7, [1, 2, 3], durable: true);
        LoggedDecision? found = await Decisions.Find(address, Cancellation);
        Assert.Equal([1, 2, 3], found?.Payload);
        await Reopen();
        found = await Decisions.Find(address, Cancellation);
        Assert.Equal((7L, address), (found?.Stream, found?.Address));
        Assert.Equal([1, 2, 3], found?.Payload);

        Assert.Null(await Decisions.Find(address with { Nonce = address.Nonce ^ 1 }, Cancellation));
        Assert.Null(await Decisions.Find(address with { Index = address.Index + 1 }, Cancellation));
        Assert.Null(await Decisions.Find(address with { Index = -1 }, Cancellation));
        Assert.Null(await Decisions.Find(address with { Chunk = address.Chunk + 1 }, Cancellation));
        Assert.Null(await Decisions.Find(address with { Partition = address.Partition + 1_000 }, Cancellation));
    }

    [Fact]
    public async Task A_record_that_nobody_waits_for_is_found_at_once_and_is_durable_when_the_clock_moves()
    {
        DecisionAddress address = Decisions.Reserve();
        Task stored = Decisions.Fill(address, 7, [1], durable: false);
        Assert.False(stored.IsCompleted);
        Fixture.Time.Advance(TimeSpan.FromSeconds(1));
        await stored.WaitAsync(TimeSpan.FromSeconds(30), Cancellation);

        DecisionAddress next = Decisions.Reserve();
        Task second = Decisions.Fill(next, 7, [2], durable: false);
        Assert.Equal([2], (await Decisions.Find(next, Cancellation))?.Payload);
        Assert.True(second.IsCompleted);
        Assert.Equal(address.Chunk + 1, next.Chunk);
    }

    [Fact]
    public async Task What_waits_is_written_when_the_store_closes()
    {
        DecisionAddress filled = Decisions.Reserve();
        DecisionAddress unfilled = Decisions.Reserve();
        Task stored = Decisions.Fill(filled, 7, [1], durable: false);
        await Reopen();
        await stored;
        Assert.NotNull(await Decisions.Find(filled, Cancellation));
        Assert.Null(await Decisions.Find(unfilled, Cancellation));
    }

    [Fact]
    public async Task Chunks_are_numbered_without_gaps_across_restarts_and_hold_what_was_filled()
    {
        var filled = new List<(DecisionAddress Address, int Value)>();
        for (int round = 0; round < 3; round++)
        {
            Task[] writers = [.. Enumerable.Range(0, 16).Select(_ => Task.Run(
                async () =>
                {
                    for (int i = 0; i < 200; i++)
                    {
                        DecisionAddress address = Decisions.Reserve();
                        bool givenUp = i % 10 == 3;
                        Task task = Decisions.Fill(address, 1 + (i % 5), givenUp ? null : BitConverter.GetBytes(i), durable: i % 50 == 0);
                        if (!givenUp)
                        {
                            lock (filled)
                            {
                                filled.Add((address, i));
                            }
                        }

                        if (i % 50 == 0)
                        {
                            await task;
                        }
                    }
                },
                Cancellation))];
            await Task.WhenAll(writers);
            await Reopen();
        }

        long head = (await Decisions.Heads(Cancellation))[Decisions.Partition];
        var read = new List<LoggedDecision>();
        for (long chunk = 1; chunk <= head; chunk++)
        {
            IReadOnlyList<LoggedDecision>? records = await Decisions.ReadChunk(Decisions.Partition, chunk, Cancellation);
            Assert.NotNull(records);
            read.AddRange(records);
        }

        Assert.Null(await Decisions.ReadChunk(Decisions.Partition, head + 1, Cancellation));
        Assert.Equal(filled.Count, read.Count);
        Dictionary<DecisionAddress, int> values = filled.ToDictionary(f => f.Address, f => f.Value);
        Assert.All(read, r => Assert.Equal(values[r.Address], BitConverter.ToInt32(r.Payload)));

        List<LoggedDecision> stream = await Decisions.ReadStream(4, Cancellation).ToListAsync(Cancellation);
        Assert.Equal(read.Where(r => r.Stream == 4).Select(r => r.Address), stream.Select(r => r.Address));
        Assert.NotEmpty(stream);
    }

    [Fact]
    public async Task An_export_sees_records_that_are_not_durable_yet()
    {
        await Decisions.Fill(Decisions.Reserve(), 7, [1], durable: true);
        _ = Decisions.Fill(Decisions.Reserve(), 7, [2], durable: false);
        _ = Decisions.Fill(Decisions.Reserve(), 8, [3], durable: false);
        List<LoggedDecision> all = await Decisions.ReadStream(7, Cancellation).ToListAsync(Cancellation);
        Assert.Equal([1, 2], all.Select(r => (int)r.Payload[0]));
    }

    [Fact]
    public async Task An_address_is_filled_once()
    {
        DecisionAddress address = Decisions.Reserve();
        DecisionAddress other = Decisions.Reserve();
        _ = Decisions.Fill(address, 7, [1], durable: false);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => Decisions.Fill(address, 7, [2], durable: true));
        await Decisions.Fill(other, 7, null, durable: false);
        Assert.Equal([1], (await Decisions.Find(address, Cancellation))?.Payload);
    }

    [Fact]
    public async Task An_address_that_nobody_fills_is_given_up_and_does_not_hold_the_others_for_ever()
    {
        DecisionAddress forgotten = Decisions.Reserve();
        Task stored = Decisions.Fill(Decisions.Reserve(), 7, [1], durable: true);
        for (int i = 0; i < 1_000 && !stored.IsCompleted; i++)
        {
            Fixture.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        await stored.WaitAsync(TimeSpan.FromSeconds(30), Cancellation);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => Decisions.Fill(forgotten, 7, [2], durable: true));
        Assert.Null(await Decisions.Find(forgotten, Cancellation));
    }

    [Fact]
    public async Task A_record_that_is_too_large_is_refused_and_does_not_hold_the_others()
    {
        DecisionAddress large = Decisions.Reserve();
        await Assert.ThrowsAsync<ArgumentException>(() => Decisions.Fill(large, 7, new byte[DecisionChunkLimits.LargestRecordBytes + 1], durable: true));
        await Decisions.Fill(Decisions.Reserve(), 7, new byte[DecisionChunkLimits.LargestRecordBytes], durable: true);
    }

    [Fact]
    public async Task Old_chunks_are_deleted_by_the_clock_and_their_numbers_are_not_given_again()
    {
        DecisionAddress old = Decisions.Reserve();
        await Decisions.Fill(old, 7, [1], durable: true);
        Fixture.Time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(1, await Decisions.DeleteBefore(Fixture.Time.GetUtcNow(), Cancellation));
        Assert.Equal(0, await Decisions.DeleteBefore(Fixture.Time.GetUtcNow(), Cancellation));
        Assert.Null(await Decisions.Find(old, Cancellation));
        await Reopen();
        DecisionAddress next = Decisions.Reserve();
        await Decisions.Fill(next, 7, [2], durable: true);
        if (next.Partition == old.Partition)
        {
            Assert.Equal(old.Chunk + 1, next.Chunk);
        }
    }
}
