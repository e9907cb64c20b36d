using KnowledgePay.Storage.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace KnowledgePay.Storage.Tests.Sqlite;

public sealed class OpeningTests : IAsyncDisposable
{
    private readonly SqliteFixture _fixture = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task A_second_store_on_the_same_directory_is_refused_until_the_first_is_closed()
    {
        await using (SqliteEngineStore first = await _fixture.Open(_fixture.Options))
        {
            InvalidOperationException refusal = await Assert.ThrowsAsync<InvalidOperationException>(() => _fixture.Open(_fixture.Options));
            Assert.Contains("in use by another process", refusal.Message);
            Assert.Equal(1, (await first.Journal.Append(1, 0, [new JournalRow(1, [1])], Cancellation)).Head);
        }

        await using SqliteEngineStore second = await _fixture.Open(_fixture.Options);
        Assert.Equal(1, (await second.Journal.Heads(Cancellation))[0]);
    }

    [Theory]
    [InlineData("engine.db")]
    [InlineData("keys/keys.db")]
    public async Task A_newer_format_is_refused_and_left_alone(string file)
    {
        await using (await _fixture.Open(_fixture.Options))
        {
        }

        string path = Path.Combine(_fixture.Options.DataDirectory, file);
        using (Connection connection = Connection.Open(path, TimeSpan.FromSeconds(1)))
        {
            connection.Execute($"PRAGMA user_version={EngineSchema.FormatVersion + 1}");
        }

        InvalidDataException refusal = await Assert.ThrowsAsync<InvalidDataException>(() => _fixture.Open(_fixture.Options));
        Assert.Contains($"format {EngineSchema.FormatVersion + 1}", refusal.Message);

        // The refusal lets the directory go.
        using (Connection connection = Connection.Open(path, TimeSpan.FromSeconds(1)))
        {
            connection.Execute($"PRAGMA user_version={EngineSchema.FormatVersion}");
        }

        await using SqliteEngineStore store = await _fixture.Open(_fixture.Options);
        Assert.Equal(0, await store.Keys.Count(Cancellation));
    }

    [Fact]
    public async Task Another_programs_database_is_refused()
    {
        Directory.CreateDirectory(Path.Combine(_fixture.Options.DataDirectory, "keys"));
        using (Connection connection = Connection.Open(Path.Combine(_fixture.Options.DataDirectory, "keys", "keys.db"), TimeSpan.FromSeconds(1)))
        {
            connection.Execute("CREATE TABLE songs (title TEXT)");
        }

        await File.WriteAllTextAsync(Path.Combine(_fixture.Options.DataDirectory, "keys", "master.key"), Convert.ToBase64String(new byte[32]), Cancellation);
        await Assert.ThrowsAsync<InvalidDataException>(() => _fixture.Open(_fixture.Options));
    }

    [Fact]
    public async Task The_master_key_is_made_once_for_its_owner_only()
    {
        await using (SqliteEngineStore store = await _fixture.Open(_fixture.Options))
        {
            await store.Keys.GetOrCreate("u/alice", Cancellation);
        }

        string path = Path.Combine(_fixture.Options.DataDirectory, "keys", "master.key");
        Assert.Equal(32, Convert.FromBase64String(await File.ReadAllTextAsync(path, Cancellation)).Length);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.GetDirectoryName(path)!));
        }

        File.Move(path, path + ".away");
        InvalidOperationException missing = await Assert.ThrowsAsync<InvalidOperationException>(() => _fixture.Open(_fixture.Options));
        Assert.Contains("master.key is missing", missing.Message);

        SqliteStoreOptions wrong = _fixture.Options;
        wrong.MasterKey = Convert.ToBase64String(new byte[32]);
        InvalidOperationException other = await Assert.ThrowsAsync<InvalidOperationException>(() => _fixture.Open(wrong));
        Assert.Contains("master key is not the one", other.Message);

        SqliteStoreOptions right = _fixture.Options;
        right.MasterKey = await File.ReadAllTextAsync(path + ".away", Cancellation);
        await using SqliteEngineStore opened = await _fixture.Open(right);
        Assert.NotNull(await opened.Keys.Find("u/alice", Cancellation));
    }

    [Fact]
    public async Task Data_is_not_opened_with_another_installations_keys()
    {
        await using (await _fixture.Open(_fixture.Options))
        {
        }

        await using var other = new SqliteFixture();
        await using (await other.Open(other.Options))
        {
        }

        File.Copy(Path.Combine(other.Options.DataDirectory, "engine.db"), Path.Combine(_fixture.Options.DataDirectory, "engine.db"), overwrite: true);
        InvalidOperationException refusal = await Assert.ThrowsAsync<InvalidOperationException>(() => _fixture.Open(_fixture.Options));
        Assert.Contains("belongs to other keys", refusal.Message);
    }

    [Fact]
    public void Wrong_settings_are_named_all_at_once_and_the_key_is_not_shown()
    {
        SqliteStoreOptions options = _fixture.Options;
        options.DataDirectory = " ";
        options.MasterKey = "c2VjcmV0";
        options.Readers = 0;
        options.GroupCommit.RowsPerCommit = 0;
        options.DecisionChunks.Age = TimeSpan.Zero;
        OptionsValidationException failure = Assert.Throws<OptionsValidationException>(() => new SqliteEngineStore(options, TimeProvider.System, NullLoggerFactory.Instance));
        Assert.Equal(5, failure.Failures.Count());
        Assert.Contains("GroupCommit.RowsPerCommit is 0; expected 1 to 1000000.", failure.Failures);
        Assert.DoesNotContain("c2VjcmV0", failure.Message);
    }

    [Fact]
    public async Task Before_it_is_opened_and_after_it_is_closed_the_store_says_so()
    {
        var store = new SqliteEngineStore(_fixture.Options, TimeProvider.System, NullLoggerFactory.Instance);
        Assert.Throws<InvalidOperationException>(() => store.Journal);
        await store.Open(Cancellation);
        IJournal journal = store.Journal;
        await store.DisposeAsync();
        await store.DisposeAsync();
        Assert.Throws<ObjectDisposedException>(() => store.Journal);
        await Assert.ThrowsAsync<Contracts.Grains.StoreUnavailableException>(async () => await journal.Append(1, 0, [new JournalRow(1, [1])], Cancellation));
        await Assert.ThrowsAsync<Contracts.Grains.StoreUnavailableException>(async () => await journal.Heads(Cancellation));
    }

    [Fact]
    public async Task A_closed_store_leaves_no_write_ahead_log()
    {
        await using (SqliteEngineStore store = await _fixture.Open(_fixture.Options))
        {
            await store.Journal.Append(1, 0, [new JournalRow(1, [1])], Cancellation);
        }

        Assert.DoesNotContain(Directory.GetFiles(_fixture.Options.DataDirectory, "*-wal", SearchOption.AllDirectories), f => new FileInfo(f).Length > 0);
    }
}
