using System.Text;
using KnowledgePay.Storage.Encryption;
using KnowledgePay.Storage.Sqlite;

namespace KnowledgePay.Storage.Tests.Sqlite;

/// <summary>What is on the disk, byte by byte.</summary>
public sealed class ErasureTests : IAsyncDisposable
{
    private readonly SqliteFixture _fixture = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task No_name_key_or_secret_is_on_the_disk_in_clear()
    {
        await using SqliteEngineStore store = await _fixture.Open(_fixture.Options);
        StreamKey key = await store.Keys.GetOrCreate("u/a-rather-unusual-name", Cancellation);
        byte[] secret = await store.Keys.Secret("tokens", Cancellation);
        Assert.False(OnDisk(Encoding.UTF8.GetBytes("a-rather-unusual-name")));
        Assert.False(OnDisk(key.Key));
        Assert.False(OnDisk(secret));
    }

    [Fact]
    public async Task A_deleted_keys_wrapped_bytes_are_in_no_file_while_the_store_runs()
    {
        const int Names = 1_500;
        await using SqliteEngineStore store = await _fixture.Open(_fixture.Options);
        await Task.WhenAll(Enumerable.Range(0, Names).Select(i => store.Keys.GetOrCreate($"u/{i}", Cancellation).AsTask()));
        Dictionary<long, byte[]> wrapped = Column("SELECT stream, wrapped FROM stream_key");
        Dictionary<long, byte[]> names = Column("SELECT stream, name FROM stream_key");
        Dictionary<long, byte[]> hashes = Column("SELECT stream, hash FROM stream_name");
        StreamKey kept = await store.Keys.GetOrCreate("u/1", Cancellation);
        Assert.True(OnDisk(wrapped[kept.Stream]), "the search must be able to find what is there");

        // First a whole range, so that pages empty and merge, then one alone.
        List<long> erased = [];
        for (int i = 2; i < Names - 100; i += i < 600 ? 1 : 2)
        {
            erased.Add((await store.Keys.GetOrCreate($"u/{i}", Cancellation)).Stream);
        }

        await Task.WhenAll(Enumerable.Range(2, Names - 102).Where(i => i < 600 || i % 2 == 0).Select(i => store.Keys.Delete($"u/{i}", Cancellation).AsTask()));
        byte[] disk = Disk();
        Assert.All(erased, stream =>
        {
            Assert.True(disk.AsSpan().IndexOf(wrapped[stream]) < 0, $"the wrapped key of stream {stream} is on the disk");
            Assert.True(disk.AsSpan().IndexOf(names[stream]) < 0, $"the name of stream {stream} is on the disk");
        });
        Assert.True(OnDisk(wrapped[kept.Stream]));

        // Of a hash a rebalanced tree may keep a copy until the database is written anew.
        Assert.True(await store.Keys.Scrub(Cancellation));
        disk = Disk();
        Assert.All(erased, stream => Assert.True(disk.AsSpan().IndexOf(hashes[stream]) < 0, $"the hash of stream {stream} is on the disk"));
        Assert.False(await store.Keys.Scrub(Cancellation));
        Assert.True(OnDisk(wrapped[kept.Stream]));
        Assert.Equal(kept.Stream, (await store.Keys.GetOrCreate("u/1", Cancellation)).Stream);
        Assert.NotEqual(0, (await store.Keys.GetOrCreate("u/of-later", Cancellation)).Stream);
    }

    [Fact]
    public async Task A_backup_carries_no_keys_and_opens_with_the_installations_own()
    {
        string backup = Path.Combine(_fixture.Directory, "backup");
        StreamKey key;
        await using (SqliteEngineStore store = await _fixture.Open(_fixture.Options))
        {
            key = await store.Keys.GetOrCreate("u/alice", Cancellation);
            await store.Journal.Append(key.Stream, 0, [new JournalRow(1, StreamCipher.Encrypt(key, StreamCipher.Purpose.Event, "hello"u8))], Cancellation);
            byte[] wrapped = Column("SELECT stream, wrapped FROM stream_key")[key.Stream];
            Task writing = Task.Run(
                async () =>
                {
                    for (int i = 0; i < 200; i++)
                    {
                        await store.Journal.Append(1_000, i, [new JournalRow((UInt128)(100 + i), new byte[2_000])], Cancellation);
                    }
                },
                Cancellation);
            await store.Backup(backup, Cancellation);
            await writing;
            await Assert.ThrowsAsync<InvalidOperationException>(async () => await store.Backup(backup, Cancellation));
            Assert.Equal([SqliteEngineStore.EngineFile], Directory.GetFiles(backup, "*", SearchOption.AllDirectories).Select(Path.GetFileName));
            byte[] bytes = await File.ReadAllBytesAsync(Path.Combine(backup, SqliteEngineStore.EngineFile), Cancellation);
            Assert.True(bytes.AsSpan().IndexOf(wrapped) < 0);
            Assert.True(bytes.AsSpan().IndexOf(key.Key) < 0);
        }

        var other = new SqliteStoreOptions { DataDirectory = backup };
        InvalidOperationException alone = await Assert.ThrowsAsync<InvalidOperationException>(() => _fixture.Open(other));
        Assert.Contains("keys", alone.Message);

        string keys = Path.Combine(backup, SqliteEngineStore.KeysFolder);
        Directory.CreateDirectory(keys);
        foreach (string file in Directory.GetFiles(Path.Combine(_fixture.Options.DataDirectory, SqliteEngineStore.KeysFolder)))
        {
            File.Copy(file, Path.Combine(keys, Path.GetFileName(file)));
        }

        await using SqliteEngineStore restored = await _fixture.Open(other);
        JournalEntry entry = Assert.Single(await restored.Journal.ReadStream(key.Stream, 0, Cancellation).ToListAsync(Cancellation));
        StreamKey? found = await restored.Keys.Find("u/alice", Cancellation);
        Assert.Equal("hello"u8, StreamCipher.Decrypt(found!, StreamCipher.Purpose.Event, entry.Payload));
    }

    private bool OnDisk(byte[] bytes) => Disk().AsSpan().IndexOf(bytes) >= 0;

    private byte[] Disk()
    {
        using var all = new MemoryStream();
        foreach (string path in Directory.GetFiles(_fixture.Options.DataDirectory, "*", SearchOption.AllDirectories).Where(f => !f.EndsWith(DataDirectoryLock.Name, StringComparison.Ordinal)))
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            file.CopyTo(all);
        }

        return all.ToArray();
    }

    private Dictionary<long, byte[]> Column(string sql)
    {
        using Connection connection = Connection.Open(Path.Combine(_fixture.Options.DataDirectory, SqliteEngineStore.KeysFolder, SqliteEngineStore.KeysFile), TimeSpan.FromSeconds(5));
        var rows = new Dictionary<long, byte[]>();
        using Statement read = connection.Use(sql);
        while (read.Step())
        {
            rows.Add(read.Int64(0), read.Bytes(1));
        }

        return rows;
    }
}
