using System.Security.Cryptography;
using BenchmarkDotNet.Attributes;
using KnowledgePay.Storage;
using KnowledgePay.Storage.Sqlite;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace KnowledgePay.Benchmarks.Storage;

/// <summary>A batch of events into the journal, beside a bare SQLite loop that writes the same bytes with the same durability.</summary>
[MemoryDiagnoser]
public class JournalBenchmarks
{
    private const int PayloadBytes = 300;

    private string _directory = "";
    private SqliteEngineStore _store = null!;
    private SqliteConnection _bare = null!;
    private SqliteCommand _insert = null!;
    private long _sequence;
    private long _written;

    [Params(1, 100, 1_000)]
    public int Batch { get; set; }

    [GlobalSetup]
    public void Open()
    {
        _directory = Directory.CreateTempSubdirectory("kpay-bench-").FullName;
        _store = new SqliteEngineStore(new SqliteStoreOptions { DataDirectory = Path.Combine(_directory, "engine") }, TimeProvider.System, NullLoggerFactory.Instance);
        _store.Open(CancellationToken.None).AsTask().GetAwaiter().GetResult();
        _bare = new SqliteConnection($"Data Source={Path.Combine(_directory, "bare.db")}");
        _bare.Open();
        using (SqliteCommand set = _bare.CreateCommand())
        {
            set.CommandText = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE bare(id INTEGER PRIMARY KEY, payload BLOB NOT NULL)";
            set.ExecuteNonQuery();
        }

        _insert = _bare.CreateCommand();
        _insert.CommandText = "INSERT INTO bare(id, payload) VALUES(@id, @payload)";
        _insert.Parameters.Add("@id", SqliteType.Integer);
        _insert.Parameters.Add("@payload", SqliteType.Blob).Value = RandomNumberGenerator.GetBytes(PayloadBytes);
    }

    [GlobalCleanup]
    public void Close()
    {
        _store.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _insert.Dispose();
        _bare.Dispose();
        SqliteConnection.ClearAllPools();
        Directory.Delete(_directory, recursive: true);
    }

    [Benchmark]
    public async Task<long> Journal()
    {
        var rows = new JournalRow[Batch];
        for (int i = 0; i < rows.Length; i++)
        {
            rows[i] = new JournalRow(new UInt128(0x9E3779B97F4A7C15UL * (ulong)(_sequence + i + 1), (ulong)(_sequence + i)), new byte[PayloadBytes]);
        }

        AppendResult result = await _store.Journal.Append(1, _sequence, rows, CancellationToken.None).ConfigureAwait(false);
        _sequence = result.Head;
        return result.FirstOffset;
    }

    [Benchmark(Baseline = true)]
    public long BareSqlite()
    {
        using SqliteTransaction transaction = _bare.BeginTransaction();
        _insert.Transaction = transaction;
        for (int i = 0; i < Batch; i++)
        {
            _insert.Parameters[0].Value = ++_written;
            _insert.ExecuteNonQuery();
        }

        transaction.Commit();
        return _written;
    }
}
