using KnowledgePay.Storage.Sqlite;

namespace KnowledgePay.Storage.Tests.Sqlite;

public sealed class LogMoverTests : IAsyncDisposable
{
    private const int PageBytes = 4_096;
    private const int Documents = 3_000;

    private readonly SqliteFixture _fixture = new();

    private string Log => Path.Combine(_fixture.Options.DataDirectory, "engine.db-wal");

    private string Database => Path.Combine(_fixture.Options.DataDirectory, "engine.db");

    [Fact]
    public async Task The_log_begins_anew_while_writers_go_on_and_all_of_it_is_in_the_database_in_the_end()
    {
        SqliteStoreOptions options = _fixture.Options;
        options.CheckpointPages = 200;
        await using (IEngineStore store = await _fixture.Open(options))
        {
            // Some 24 MiB, of which a log that never begins anew would hold all.
            await Parallel.ForEachAsync(Enumerable.Range(0, Documents), new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = TestContext.Current.CancellationToken }, async (i, cancellation) =>
                await store.Documents.Put("written", [new DocumentWrite($"d{i}", Body(i))], cancellation));
            Assert.InRange(new FileInfo(Log).Length, 1, Documents * 2L * PageBytes / 4);
        }

        Assert.False(File.Exists(Log) && new FileInfo(Log).Length > 0);
        Assert.InRange(new FileInfo(Database).Length, Documents * 2L * PageBytes, long.MaxValue);
        await using IEngineStore again = await _fixture.Open(options);
        for (int i = 0; i < Documents; i += 7)
        {
            Assert.Equal(Body(i), (await again.Documents.Find("written", $"d{i}", TestContext.Current.CancellationToken))!.Body);
        }
    }

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    private static byte[] Body(int i) => [.. Enumerable.Repeat((byte)i, 2 * PageBytes)];
}
