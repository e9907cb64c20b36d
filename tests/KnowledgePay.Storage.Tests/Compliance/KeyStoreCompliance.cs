namespace KnowledgePay.Storage.Tests.Compliance;

public abstract class KeyStoreCompliance : StoreCompliance
{
    private IKeyStore Keys => Store.Keys;

    [Fact]
    public async Task A_name_has_one_key_that_survives_a_restart()
    {
        Assert.Null(await Keys.Find("u/alice", Cancellation));
        StreamKey alice = await Keys.GetOrCreate("u/alice", Cancellation);
        StreamKey bob = await Keys.GetOrCreate("u/bob", Cancellation);
        Assert.Equal(32, alice.Key.Length);
        Assert.True(alice.Stream >= 1);
        Assert.NotEqual(alice.Stream, bob.Stream);
        Assert.NotEqual(alice.Key, bob.Key);
        Assert.Equal(2, await Keys.Count(Cancellation));

        await Reopen();
        AssertSame(alice, await Keys.Find("u/alice", Cancellation));
        AssertSame(alice, await Keys.GetOrCreate("u/alice", Cancellation));
        AssertSame(bob, await Keys.GetOrCreate("u/bob", Cancellation));
        (StreamKey Key, string Name)? resolved = await Keys.Resolve(alice.Stream, Cancellation);
        Assert.Equal("u/alice", resolved?.Name);
        AssertSame(alice, resolved?.Key);
        Assert.Null(await Keys.Resolve(alice.Stream + 1_000, Cancellation));
    }

    [Fact]
    public async Task Concurrent_calls_for_a_name_give_one_key()
    {
        StreamKey[] keys = await Task.WhenAll(Enumerable.Range(0, 400).Select(i => Task.Run(async () => await Keys.GetOrCreate($"u/{i % 20}", Cancellation), Cancellation)));
        Assert.Equal(20, keys.Select(k => k.Stream).Distinct().Count());
        Assert.Equal(20, keys.Select(k => Convert.ToHexString(k.Key)).Distinct().Count());
        Assert.Equal(20, await Keys.Count(Cancellation));
    }

    [Fact]
    public async Task A_deleted_key_is_gone_and_its_stream_number_is_never_given_again()
    {
        StreamKey old = await Keys.GetOrCreate("u/alice", Cancellation);
        Assert.True(await Keys.Delete("u/alice", Cancellation));
        Assert.False(await Keys.Delete("u/alice", Cancellation));
        Assert.Null(await Keys.Find("u/alice", Cancellation));
        Assert.Null(await Keys.Resolve(old.Stream, Cancellation));
        Assert.Equal(0, await Keys.Count(Cancellation));

        await Reopen();
        Assert.Null(await Keys.Find("u/alice", Cancellation));
        Assert.Null(await Keys.Resolve(old.Stream, Cancellation));
        StreamKey again = await Keys.GetOrCreate("u/alice", Cancellation);
        Assert.True(again.Stream > old.Stream);
        Assert.NotEqual(old.Key, again.Key);
    }

    [Fact]
    public async Task A_key_that_was_made_since_is_not_deleted_for_an_old_one()
    {
        StreamKey old = await Keys.GetOrCreate("u/alice", Cancellation);
        Assert.True(await Keys.Delete("u/alice", old.Stream, Cancellation));
        StreamKey next = await Keys.GetOrCreate("u/alice", Cancellation);
        Assert.False(await Keys.Delete("u/alice", old.Stream, Cancellation));
        Assert.False(await Keys.Delete("u/alice", 0, Cancellation));
        AssertSame(next, await Keys.Find("u/alice", Cancellation));
        await Reopen();
        AssertSame(next, await Keys.Find("u/alice", Cancellation));
        Assert.True(await Keys.Delete("u/alice", next.Stream, Cancellation));
        Assert.Null(await Keys.Find("u/alice", Cancellation));
    }

    [Fact]
    public async Task Reads_that_race_a_deletion_do_not_bring_the_key_back()
    {
        for (int round = 0; round < 20; round++)
        {
            await Keys.GetOrCreate("u/racer", Cancellation);
            Task[] readers = [.. Enumerable.Range(0, 20).Select(_ => Task.Run(async () => await Keys.Find("u/racer", Cancellation), Cancellation))];
            await Keys.Delete("u/racer", Cancellation);
            await Task.WhenAll(readers);
            Assert.Null(await Keys.Find("u/racer", Cancellation));
        }
    }

    [Fact]
    public async Task A_secret_is_made_once_for_each_purpose()
    {
        byte[] tokens = await Keys.Secret("tokens", Cancellation);
        byte[] events = await Keys.Secret("events", Cancellation);
        Assert.True(tokens.Length >= 32);
        Assert.NotEqual(tokens, events);
        await Reopen();
        Assert.Equal(tokens, await Keys.Secret("tokens", Cancellation));
    }

    [Fact]
    public async Task Names_are_checked()
    {
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await Keys.Find("", Cancellation));
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await Keys.GetOrCreate(new string('a', 10_000), Cancellation));
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await Keys.GetOrCreate("u/\ud800", Cancellation));
        StreamKey chinese = await Keys.GetOrCreate("u/小明\u0000😀", Cancellation);
        await Reopen();
        AssertSame(chinese, await Keys.Find("u/小明\u0000😀", Cancellation));
        Assert.Equal("u/小明\u0000😀", (await Keys.Resolve(chinese.Stream, Cancellation))?.Name);
    }

    private static void AssertSame(StreamKey expected, StreamKey? actual)
    {
        Assert.Equal(expected.Stream, actual?.Stream);
        Assert.Equal(expected.Key, actual?.Key);
    }
}
