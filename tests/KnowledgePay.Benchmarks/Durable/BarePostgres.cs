using System.Diagnostics;
using System.Security.Cryptography;
using Npgsql;

namespace KnowledgePay.Benchmarks.Durable;

/// <summary>The journal's table and keys in a schema of their own; one statement with arrays a batch, the quickest way that Npgsql has to insert into indices and know of each row.</summary>
internal sealed class BarePostgres(string connectionString, int streams) : IBareLoop, IAsyncDisposable
{
    private readonly NpgsqlConnection _connection = new(connectionString);
    private readonly long[] _sequences = new long[streams];
    private long _offset;

    public async Task Make()
    {
        await _connection.OpenAsync().ConfigureAwait(false);
        await using var make = new NpgsqlCommand(
            """
            CREATE SCHEMA bare;
            CREATE TABLE bare.journal (partition integer NOT NULL, "offset" bigint NOT NULL, stream bigint NOT NULL, sequence bigint NOT NULL, fingerprint uuid NOT NULL, payload bytea NOT NULL, PRIMARY KEY (partition, "offset"));
            ALTER TABLE bare.journal ALTER COLUMN payload SET STORAGE EXTERNAL;
            CREATE UNIQUE INDEX journal_by_stream ON bare.journal (stream, sequence);
            CREATE UNIQUE INDEX journal_by_fingerprint ON bare.journal (fingerprint);
            """,
            _connection);
        await make.ExecuteNonQueryAsync().ConfigureAwait(false);
    }

    public async Task<double> Rate(int batch, int payloadBytes, TimeSpan time)
    {
        byte[] payload = RandomNumberGenerator.GetBytes(payloadBytes);
        await using var insert = new NpgsqlCommand(
            "INSERT INTO bare.journal SELECT 1, o, s, q, f, p FROM unnest($1, $2, $3, $4, $5) AS rows (o, s, q, f, p)", _connection)
        {
            Parameters =
            {
                new NpgsqlParameter<long[]>(), new NpgsqlParameter<long[]>(), new NpgsqlParameter<long[]>(), new NpgsqlParameter<Guid[]>(), new NpgsqlParameter<byte[][]>(),
            },
        };
        insert.Parameters[0].Value = insert.Parameters[1].Value = insert.Parameters[2].Value = Array.Empty<long>();
        insert.Parameters[3].Value = Array.Empty<Guid>();
        insert.Parameters[4].Value = Array.Empty<byte[]>();
        await insert.PrepareAsync().ConfigureAwait(false);
        long started = Stopwatch.GetTimestamp(), rows = 0;
        while (Stopwatch.GetElapsedTime(started) < time)
        {
            long[] offsets = new long[batch], owners = new long[batch], sequences = new long[batch];
            var fingerprints = new Guid[batch];
            byte[][] payloads = new byte[batch][];
            for (int i = 0; i < batch; i++)
            {
                owners[i] = _offset % _sequences.Length;
                offsets[i] = ++_offset;
                sequences[i] = ++_sequences[owners[i]];
                fingerprints[i] = Guid.NewGuid();
                payloads[i] = payload;
            }

            insert.Parameters[0].Value = offsets;
            insert.Parameters[1].Value = owners;
            insert.Parameters[2].Value = sequences;
            insert.Parameters[3].Value = fingerprints;
            insert.Parameters[4].Value = payloads;
            await insert.ExecuteNonQueryAsync().ConfigureAwait(false);
            rows += batch;
        }

        return rows / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();
}
