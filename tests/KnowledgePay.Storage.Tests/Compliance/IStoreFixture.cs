using Microsoft.Extensions.Time.Testing;

namespace KnowledgePay.Storage.Tests.Compliance;

/// <summary>What a store must offer so that the suite can run on it: a place of its own that outlives the store's instances.</summary>
public interface IStoreFixture : IAsyncDisposable
{
    FakeTimeProvider Time { get; }

    /// <summary>Opens the store in this place; the caller disposes it.</summary>
    Task<IEngineStore> Open();

    /// <summary>The same under a master key, with others that open what they wrapped.</summary>
    Task<IEngineStore> Open(string masterKey, params string[] previous);
}

/// <summary>Base of the suite: one fixture and one open store a test.</summary>
public abstract class StoreCompliance : IAsyncLifetime
{
    protected IStoreFixture Fixture { get; private set; } = null!;

    protected IEngineStore Store { get; private set; } = null!;

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    protected abstract IStoreFixture CreateFixture();

    public async ValueTask InitializeAsync()
    {
        Fixture = CreateFixture();
        Store = await Fixture.Open();
    }

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        await Fixture.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>As after a restart.</summary>
    protected async Task Reopen()
    {
        await Store.DisposeAsync();
        Store = await Fixture.Open();
    }

    protected static JournalRow[] Rows(params int[] fingerprints) => [.. fingerprints.Select(f => new JournalRow((UInt128)(uint)f, Payload(f)))];

    protected static byte[] Payload(int seed)
    {
        byte[] bytes = new byte[20 + (seed % 50)];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
