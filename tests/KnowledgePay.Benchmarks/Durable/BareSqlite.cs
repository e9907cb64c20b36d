using System.Diagnostics;
using System.Security.Cryptography;
using Microsoft.Data.Sqlite;

namespace KnowledgePay.Benchmarks.Durable;

/// <summary>The journal's table and keys in a file of their own, with the durability of the engine's.</summary>
internal sealed class BareSqlite : IBareLoop, IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("kpay-bench-").FullName;
    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _insert;
    private readonly long[] _sequences;
    private long _offset;

    public BareSqlite(int streams)
    {
        _sequences = new long[streams];
        _connection = new SqliteConnection($"Data Source={Path.Combine(_directory, "bare.db")}");
        _connection.Open();
        using SqliteCommand make = _connection.CreateCommand();
        make.CommandText = """
            PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-16384; PRAGMA wal_autocheckpoint=16000;
            CREATE TABLE journal ("offset" INTEGER PRIMARY KEY, stream INTEGER NOT NULL, sequence INTEGER NOT NULL, fingerprint BLOB NOT NULL, payload BLOB NOT NULL);
            CREATE UNIQUE INDEX journal_by_stream ON journal (stream, sequence);
            CREATE UNIQUE INDEX journal_by_fingerprint ON journal (fingerprint);
            """;
        make.ExecuteNonQuery();
        _insert = _connection.CreateCommand();
        _insert.CommandText = "INSERT INTO journal VALUES (@offset, @stream, @sequence, @fingerprint, @payload)";
        foreach ((string name, SqliteType type) in new[] { ("@offset", SqliteType.Integer), ("@stream", SqliteType.Integer), ("@sequence", SqliteType.Integer), ("@fingerprint", SqliteType.Blob), ("@payload", SqliteType.Blob) })
        {
            _insert.Parameters.Add(name, type);
        }
    }

    public Task<double> Rate(int batch, int payloadBytes, TimeSpan time) => Task.Run(() =>
    {
        _insert.Parameters[4].Value = RandomNumberGenerator.GetBytes(payloadBytes);
        long started = Stopwatch.GetTimestamp(), rows = 0;
        while (Stopwatch.GetElapsedTime(started) < time)
        {
            using SqliteTransaction transaction = _connection.BeginTransaction();
            _insert.Transaction = transaction;
            for (int i = 0; i < batch; i++)
            {
                long stream = _offset % _sequences.Length;
                _insert.Parameters[0].Value = ++_offset;
                _insert.Parameters[1].Value = stream;
                _insert.Parameters[2].Value = ++_sequences[stream];
                _insert.Parameters[3].Value = RandomNumberGenerator.GetBytes(16);
                _insert.ExecuteNonQuery();
            }

            transaction.Commit();
            rows += batch;
        }

        return rows / Stopwatch.GetElapsedTime(started).TotalSeconds;
    });

    public void Dispose()
    {
        _insert.Dispose();
        _connection.Dispose();
        SqliteConnection.ClearAllPools();
        Directory.Delete(_directory, recursive: true);
    }
}
