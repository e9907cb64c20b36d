using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Sockets;
using KnowledgePay.Contracts.Grains;
using Npgsql;

namespace KnowledgePay.Storage.Postgres;

/// <summary>A pool of connections to one schema, with a bounded queue before it. What the server cannot do now is a <see cref="StoreUnavailableException"/>.</summary>
internal sealed class PostgresDatabase : IAsyncDisposable
{
    /// <summary>A connection that was not used for longer than this is tried before a statement is trusted to it.</summary>
    public static readonly TimeSpan Idle = TimeSpan.FromSeconds(1);

    private readonly string _name;
    private readonly int _connections;
    private readonly int _queued;
    private readonly ConcurrentDictionary<int, long> _usedAt = new();
    private int _running;

    public PostgresDatabase(string name, string connectionString, string schema, int connections, PostgresStoreOptions options)
    {
        _name = name;
        _connections = connections;
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
            await using NpgsqlConnection connection = await Open(cancellation).ConfigureAwait(false);
            try
            {
                T result = await use(connection).ConfigureAwait(false);
                Used(connection);
                return result;
            }
            catch (InvalidOperationException failure) when (!IsOpen(connection))
            {
                // The driver found out by itself that the connection is lost, and takes no more statements.
                throw Unavailable(_name, failure);
            }
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

    /// <summary>Whether the server still answers on a connection: it may have been restarted since the connection was used.</summary>
    public static async ValueTask<bool> Answers(NpgsqlConnection connection, CancellationToken cancellation)
    {
        try
        {
            await using NpgsqlCommand nothing = connection.Command("SELECT 1");
            await nothing.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
            return true;
        }
        catch (Exception failure) when (IsOfTheServer(failure) || !IsOpen(connection))
        {
            return false;
        }
    }

    /// <inheritdoc cref="Answers(NpgsqlConnection, CancellationToken)"/>
    public static bool Answers(NpgsqlConnection connection)
    {
        try
        {
            using NpgsqlCommand nothing = connection.Command("SELECT 1");
            nothing.ExecuteNonQuery();
            return true;
        }
        catch (Exception failure) when (IsOfTheServer(failure) || !IsOpen(connection))
        {
            return false;
        }
    }

    /// <remarks>A statement that fails on a dead connection cannot be sent again here, since it may have been done. So a connection is tried while nothing is lost by it.</remarks>
    private async ValueTask<NpgsqlConnection> Open(CancellationToken cancellation)
    {
        for (int tries = 0; ; tries++)
        {
            NpgsqlConnection connection = await Source.OpenConnectionAsync(cancellation).ConfigureAwait(false);
            if (tries > _connections
                || !_usedAt.TryGetValue(connection.ProcessID, out long usedAt)
                || Stopwatch.GetElapsedTime(usedAt) < Idle
                || await Answers(connection, cancellation).ConfigureAwait(false))
            {
                return connection;
            }

            await connection.DisposeAsync().ConfigureAwait(false);
            Source.Clear();
        }
    }

    private void Used(NpgsqlConnection connection)
    {
        if (_usedAt.Count > 4 * _connections)
        {
            // Of servers that were restarted; those in use come back.
            _usedAt.Clear();
        }

        _usedAt[connection.ProcessID] = Stopwatch.GetTimestamp();
    }

    private static bool IsOpen(NpgsqlConnection connection) => connection.FullState.HasFlag(System.Data.ConnectionState.Open) && !connection.FullState.HasFlag(System.Data.ConnectionState.Broken);

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

    public static void Add(this NpgsqlBatch batch, string sql, params NpgsqlParameter[] parameters)
    {
        var command = new NpgsqlBatchCommand(sql);
        command.Parameters.AddRange(parameters);
        batch.BatchCommands.Add(command);
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
