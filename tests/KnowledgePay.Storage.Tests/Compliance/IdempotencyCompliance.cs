namespace KnowledgePay.Storage.Tests.Compliance;

public abstract class IdempotencyCompliance : StoreCompliance
{
    private IIdempotencyStore Idempotency => Store.Idempotency;

    [Fact]
    public async Task A_key_starts_once_and_then_answers_what_was_kept()
    {
        IdempotencyEntry started = await Idempotency.Begin(1, 100, Cancellation);
        Assert.True(started.Started);
        Assert.Equal(Fixture.Time.GetUtcNow(), started.At);
        IdempotencyEntry waiting = await Idempotency.Begin(1, 200, Cancellation);
        Assert.Equal((false, (UInt128)100, 0), (waiting.Started, waiting.BodyHash, waiting.Status));
        Assert.Null(waiting.Payload);

        await Idempotency.Complete(1, 7, 201, [1, 2, 3], Cancellation);
        await Idempotency.Complete(1, 8, 500, [9], Cancellation);
        await Idempotency.Release(1, Cancellation);
        await Reopen();
        IdempotencyEntry done = await Idempotency.Begin(1, 100, Cancellation);
        Assert.Equal((false, 7L, 201), (done.Started, done.Stream, done.Status));
        Assert.Equal([1, 2, 3], done.Payload!);
        Assert.Equal(started.At, done.At);
    }

    [Fact]
    public async Task Of_many_that_begin_at_once_one_starts()
    {
        IdempotencyEntry[] entries = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Idempotency.Begin(UInt128.MaxValue, 1, Cancellation).AsTask()));
        Assert.Single(entries, e => e.Started);
    }

    [Fact]
    public async Task A_released_key_may_be_tried_again()
    {
        await Idempotency.Begin(1, 100, Cancellation);
        await Idempotency.Release(1, Cancellation);
        Assert.True((await Idempotency.Begin(1, 200, Cancellation)).Started);
    }

    [Fact]
    public async Task An_answer_for_nobody_keeps_the_body_and_lets_the_same_body_start_once_more()
    {
        await Idempotency.Begin(1, 100, Cancellation);
        await Idempotency.Complete(1, IIdempotencyStore.Nobody, 404, [], Cancellation);
        IdempotencyEntry other = await Idempotency.Begin(1, 200, Cancellation);
        Assert.Equal((false, (UInt128)100), (other.Started, other.BodyHash));

        IdempotencyEntry[] same = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => Idempotency.Begin(1, 100, Cancellation).AsTask()));
        Assert.Single(same, e => e.Started);
        await Idempotency.Complete(1, 7, 201, [5], Cancellation);
        Assert.Equal([5], (await Idempotency.Begin(1, 100, Cancellation)).Payload!);
    }

    [Fact]
    public async Task Completing_what_was_not_begun_is_an_error()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await Idempotency.Complete(1, 7, 200, [], Cancellation));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await Idempotency.Complete(1, 7, 0, [], Cancellation));
    }

    [Fact]
    public async Task Old_entries_are_deleted_by_the_clock()
    {
        await Task.WhenAll(Enumerable.Range(0, 2_500).Select(i => Idempotency.Begin((UInt128)i, 1, Cancellation).AsTask()));
        Fixture.Time.Advance(TimeSpan.FromHours(1));
        DateTimeOffset cut = Fixture.Time.GetUtcNow();
        await Idempotency.Begin(9_999, 1, Cancellation);
        Assert.Equal(2_500, await Idempotency.DeleteBefore(cut, Cancellation));
        Assert.Equal(0, await Idempotency.DeleteBefore(cut, Cancellation));
        Assert.False((await Idempotency.Begin(9_999, 1, Cancellation)).Started);
        Assert.True((await Idempotency.Begin(0, 1, Cancellation)).Started);
    }
}
