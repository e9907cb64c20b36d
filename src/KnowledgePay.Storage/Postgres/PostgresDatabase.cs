using System.Net.Sockets;
using KnowledgePay.Contracts.Grains;
using Npgsql;

namespace KnowledgePay.Storage.Postgres;

/// <summary>A pool of connections to one schema, with a bounded queue before it. What the server cannot do now is a <see cref="StoreUnavailableException"/>.</summary>
internal sealed class PostgresDatabase : IAsyncDisposable
{
    private readonly string _name;
    private readonly int _queued;
    private int _running;

    public PostgresDatabase(string name, string connectionString, string schema, int connections, PostgresStoreOptions options)
    {
        _name = name;
        _queued = connections + options.QueuedStatements;
        Schema = schema;
        Source = NpgsqlDataSource.Create(ConnectionString(connectionString, schema, connections, options.CommandTimeout));
    }

    public string Schema { get; }

    public NpgsqlDataSource Source { get; }

    public static string ConnectionString(string text, string schema, int connections, TimeSpan timeout)
    {
        NpgsqlConnectionStringBuilder connection = PostgresStoreOptions.Parse(text);
        connection.SearchPath = schema;
        connection.ApplicationName = "KnowledgePay";
        connection.MaxPoolSize = connections;
        connection.MaxAutoPrepare = 64;
        connection.AutoPrepareMinUsages = 2;
        connection.CommandTimeout = (int)timeout.TotalSeconds;
        connection.Timeout = (int)timeout.TotalSeconds;
        connection.KeepAlive = 10;
        return connection.ConnectionString;
    }

    /// <summary>Runs statements on a connection of the pool.</summary>
    /// <exception cref="StoreUnavailableException">Too many wait, or the server did not do it. A write may have happened all the same when the connection was lost.</exception>
    public async ValueTask<T> Use<T>(Func<NpgsqlConnection, ValueTask<T>> use, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (Interlocked.Increment(ref _running) > _queued)
        {
            Interlocked.Decrement(ref _running);
            throw new StoreUnavailableException($"{_name} has {_queued} statements waiting, which is its limit.");
        }

        try
        {
            await using NpgsqlConnection connection = await Source.OpenConnectionAsync(cancellation).ConfigureAwait(false);
            return await use(connection).ConfigureAwait(false);
        }
        catch (Exception failure) when (IsOfTheServer(failure))
        {
            throw Unavailable(_name, failure);
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }
    }

    /// <summary>Runs one statement and returns how many rows it wrote.</summary>
    public ValueTask<int> Execute(string sql, CancellationToken cancellation, params NpgsqlParameter[] parameters) => Use(
        async connection =>
        {
            await using NpgsqlCommand command = connection.Command(sql, parameters);
            return await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
        },
        cancellation);

    /// <summary>Runs one query and reads its rows.</summary>
    public ValueTask<List<T>> Query<T>(string sql, Func<NpgsqlDataReader, T> read, CancellationToken cancellation, params NpgsqlParameter[] parameters) => Use(
        async connection =>
        {
            await using NpgsqlCommand command = connection.Command(sql, parameters);
            return await command.Read(read, cancellation).ConfigureAwait(false);
        },
        cancellation);

    /// <summary>Runs statements in a transaction that is committed when they return.</summary>
    public ValueTask<T> Transact<T>(Func<NpgsqlConnection, ValueTask<T>> use, CancellationToken cancellation) => Use(
        async connection =>
        {
            await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancellation).ConfigureAwait(false);
            T result = await use(connection).ConfigureAwait(false);
            await transaction.CommitAsync(cancellation).ConfigureAwait(false);
            return result;
        },
        cancellation);

    public ValueTask DisposeAsync() => Source.DisposeAsync();

    public static bool IsOfTheServer(Exception failure) => failure is NpgsqlException or TimeoutException or SocketException or IOException;

    /// <remarks>Says all that the driver said, and does not carry its exceptions: this one goes from silo to silo, and they cannot.</remarks>
    public static StoreUnavailableException Unavailable(string name, Exception failure) => new($"{name} failed: {Said(failure)}");

    private static string Said(Exception failure) => failure.InnerException is { } inner ? $"{failure.Message} ({Said(inner)})" : failure.Message;
}

/// <summary>Short forms for commands with positional parameters.</summary>
internal static class Commands
{
    public static NpgsqlCommand Command(this NpgsqlConnection connection, string sql, params NpgsqlParameter[] parameters)
    {
        var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddRange(parameters);
        return command;
    }

    public static async ValueTask<List<T>> Read<T>(this NpgsqlCommand command, Func<NpgsqlDataReader, T> read, CancellationToken cancellation)
    {
        var rows = new List<T>();
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellation).ConfigureAwait(false))
        {
            rows.Add(read(reader));
        }

        return rows;
    }

    public static NpgsqlParameter P<T>(T value) => new NpgsqlParameter<T> { TypedValue = value };

    public static Guid ToGuid(this UInt128 value)
    {
        Span<byte> bytes = stackalloc byte[16];
        StoreArguments.Write(value, bytes);
        return new Guid(bytes, bigEndian: true);
    }

    public static UInt128 ToUInt128(this Guid value)
    {
        Span<byte> bytes = stackalloc byte[16];
        value.TryWriteBytes(bytes, bigEndian: true, out _);
        return StoreArguments.ReadUInt128(bytes);
    }
}
