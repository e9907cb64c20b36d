using System.Security.Cryptography;

namespace KnowledgePay.Storage.Tests.Compliance;

/// <summary>The master key is replaced by another: nobody's key is lost, nobody gets a second one, and the old master key opens nothing any more.</summary>
public abstract class KeyRotationCompliance : IAsyncLifetime
{
    private const int People = 300;

    private readonly string _old = Made();
    private readonly string _new = Made();

    protected IStoreFixture Fixture { get; private set; } = null!;

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    protected string Old => _old;

    protected string New => _new;

    protected abstract IStoreFixture CreateFixture();

    public ValueTask InitializeAsync()
    {
        Fixture = CreateFixture();
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await Fixture.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task After_a_rotation_the_new_master_key_alone_opens_everything_and_the_old_one_nothing()
    {
        var keys = new Dictionary<string, StreamKey>();
        byte[] secret;
        long destroyed;
        await using (IEngineStore before = await Fixture.Open(_old))
        {
            for (int i = 0; i < People; i++)
            {
                keys[$"u/{i}"] = await before.Keys.GetOrCreate($"u/{i}", Cancellation);
            }

            destroyed = (await before.Keys.GetOrCreate("u/gone", Cancellation)).Stream;
            await before.Keys.Delete("u/gone", Cancellation);
            secret = await before.Keys.Secret("tokens", Cancellation);
            Assert.Equal(0, await before.Keys.Rewrap(Cancellation));
        }

        await Assert.ThrowsAsync<InvalidOperationException>(async () => await Fixture.Open(_new));
        await using (IEngineStore rotating = await Fixture.Open(_new, _old))
        {
            // Everybody is found before, and who is new is wrapped by the new key at once.
            await AssertHolds(rotating, keys, secret, destroyed);
            keys["u/new"] = await rotating.Keys.GetOrCreate("u/new", Cancellation);
            // Each key, the secret for tokens, and the names' secret.
            Assert.Equal(People + 2, await rotating.Keys.Rewrap(Cancellation));
            Assert.Equal(0, await rotating.Keys.Rewrap(Cancellation));
            await AssertHolds(rotating, keys, secret, destroyed);
        }

        await Assert.ThrowsAsync<InvalidOperationException>(async () => await Fixture.Open(_old));
        await using IEngineStore after = await Fixture.Open(_new);
        await AssertHolds(after, keys, secret, destroyed);
        Assert.True((await after.Keys.GetOrCreate("u/later", Cancellation)).Stream > keys.Values.Max(k => k.Stream));
    }

    [Fact]
    public async Task A_rotation_can_be_rotated_again()
    {
        string third = Made();
        StreamKey key;
        await using (IEngineStore first = await Fixture.Open(_old))
        {
            key = await first.Keys.GetOrCreate("u/alice", Cancellation);
        }

        await using (IEngineStore second = await Fixture.Open(_new, _old))
        {
            await second.Keys.Rewrap(Cancellation);
        }

        await using (IEngineStore last = await Fixture.Open(third, _new))
        {
            await last.Keys.Rewrap(Cancellation);
        }

        await using IEngineStore store = await Fixture.Open(third);
        Assert.Equal(key.Key, (await store.Keys.Find("u/alice", Cancellation))!.Key);
    }

    [Fact]
    public async Task A_rotation_that_was_interrupted_goes_on_where_it_was()
    {
        var keys = new Dictionary<string, StreamKey>();
        await using (IEngineStore before = await Fixture.Open(_old))
        {
            for (int i = 0; i < People; i++)
            {
                keys[$"u/{i}"] = await before.Keys.GetOrCreate($"u/{i}", Cancellation);
            }
        }

        await using (IEngineStore rotating = await Fixture.Open(_new, _old))
        {
            using var interrupt = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
            Task<long> rewrapping = rotating.Keys.Rewrap(interrupt.Token).AsTask();
            await interrupt.CancelAsync();
            try
            {
                await rewrapping;
            }
            catch (OperationCanceledException)
            {
                // As far as it came; on a quick machine, to its end.
            }
        }

        await using (IEngineStore again = await Fixture.Open(_new, _old))
        {
            await again.Keys.Rewrap(Cancellation);
        }

        await using IEngineStore after = await Fixture.Open(_new);
        foreach ((string name, StreamKey key) in keys)
        {
            Assert.Equal(key.Key, (await after.Keys.Find(name, Cancellation))!.Key);
        }
    }

    [Fact]
    public async Task Who_is_erased_during_a_rotation_stays_erased()
    {
        await using (IEngineStore before = await Fixture.Open(_old))
        {
            for (int i = 0; i < People; i++)
            {
                await before.Keys.GetOrCreate($"u/{i}", Cancellation);
            }
        }

        await using (IEngineStore rotating = await Fixture.Open(_new, _old))
        {
            Task erasing = Task.Run(
                async () =>
                {
                    for (int i = 0; i < People; i += 7)
                    {
                        await rotating.Keys.Delete($"u/{i}", Cancellation);
                    }
                },
                Cancellation);
            await rotating.Keys.Rewrap(Cancellation);
            await erasing;
        }

        await using IEngineStore after = await Fixture.Open(_new);
        for (int i = 0; i < People; i++)
        {
            Assert.Equal(i % 7 == 0, await after.Keys.Find($"u/{i}", Cancellation) is null);
        }
    }

    protected static string Made() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    private static async Task AssertHolds(IEngineStore store, Dictionary<string, StreamKey> keys, byte[] secret, long destroyed)
    {
        foreach ((string name, StreamKey key) in keys)
        {
            StreamKey? found = await store.Keys.Find(name, Cancellation);
            Assert.Equal((key.Stream, Convert.ToHexString(key.Key)), (found!.Stream, Convert.ToHexString(found.Key)));
            Assert.Equal(name, (await store.Keys.Resolve(key.Stream, Cancellation))!.Value.Name);
        }

        Assert.Equal(secret, await store.Keys.Secret("tokens", Cancellation));
        Assert.Null(await store.Keys.Find("u/gone", Cancellation));
        Assert.Null(await store.Keys.Resolve(destroyed, Cancellation));
    }
}
