using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace KnowledgePay.Benchmarks.Durable;

/// <summary>A grain that writes its whole state, of a profile's size, for each event: Orleans' own grain storage on PostgreSQL.</summary>
internal sealed class WholeStates : IAsyncDisposable
{
    /// <summary>Bytes of a person's snapshot with some twenty courses.</summary>
    public const int StateBytes = 2_000;

    private const int Grains = 2_000;

    private readonly IHost _host;
    private readonly IWholeStateGrain[] _grains;

    private WholeStates(IHost host)
    {
        _host = host;
        var factory = host.Services.GetRequiredService<IGrainFactory>();
        _grains = [.. Enumerable.Range(0, Grains).Select(i => factory.GetGrain<IWholeStateGrain>(i))];
    }

    public static async Task<WholeStates> Start(string connectionString)
    {
        await Make(connectionString).ConfigureAwait(false);
        HostApplicationBuilder builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Logging.SetMinimumLevel(LogLevel.Error);
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering(FreePort(), FreePort());
            silo.AddAdoNetGrainStorageAsDefault(storage =>
            {
                storage.Invariant = "Npgsql";
                storage.ConnectionString = connectionString + ";Search Path=whole_states";
            });
        });
        IHost host = builder.Build();
        await host.StartAsync().ConfigureAwait(false);
        return new WholeStates(host);
    }

    /// <summary>Writes a second.</summary>
    public async Task<double> Rate(int inFlight, TimeSpan time)
    {
        long started = System.Diagnostics.Stopwatch.GetTimestamp();
        long done = await DurableCheck.Repeat(inFlight, time, worker => turn => _grains[(int)(((worker * 7919L) + turn) % _grains.Length)].Append()).ConfigureAwait(false);
        return done / System.Diagnostics.Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync().ConfigureAwait(false);
        _host.Dispose();
    }

    /// <summary>A table with a primary key, and the statements that the provider asks for, each one statement: what a careful user would give it.</summary>
    private static async Task Make(string connectionString)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync().ConfigureAwait(false);
        await using var make = new NpgsqlCommand(
            """
            CREATE SCHEMA whole_states;
            SET search_path TO whole_states;
            CREATE TABLE OrleansQuery (QueryKey varchar(64) PRIMARY KEY, QueryText varchar(8000) NOT NULL);
            CREATE TABLE state (n0 bigint NOT NULL, n1 bigint NOT NULL, kind text NOT NULL, payload bytea, version integer NOT NULL, PRIMARY KEY (n0, n1, kind));
            INSERT INTO OrleansQuery VALUES
            ('ReadFromStorageKey', $$SELECT payload AS PayloadBinary, NULL::xml AS PayloadXml, NULL::text AS PayloadJson, now() AT TIME ZONE 'utc', version AS Version FROM state
                WHERE n0 = @GrainIdN0 AND n1 = @GrainIdN1 AND kind = @GrainTypeString$$),
            ('WriteToStorageKey', $$INSERT INTO state VALUES (@GrainIdN0, @GrainIdN1, @GrainTypeString, @PayloadBinary, 1)
                ON CONFLICT (n0, n1, kind) DO UPDATE SET payload = excluded.payload, version = state.version + 1 WHERE state.version = @GrainStateVersion
                RETURNING version AS NewGrainStateVersion$$),
            ('ClearStorageKey', $$UPDATE state SET payload = NULL, version = version + 1
                WHERE n0 = @GrainIdN0 AND n1 = @GrainIdN1 AND kind = @GrainTypeString AND version = @GrainStateVersion RETURNING version AS NewGrainStateVersion$$);
            """,
            connection);
        await make.ExecuteNonQueryAsync().ConfigureAwait(false);
    }

    private static int FreePort()
    {
        using var socket = new TcpListener(IPAddress.Loopback, 0);
        socket.Start();
        return ((IPEndPoint)socket.LocalEndpoint).Port;
    }
}

/// <summary>Somebody whose state is written whole.</summary>
[Alias("bench.IWholeState")]
internal interface IWholeStateGrain : IGrainWithIntegerKey
{
    [Alias("Append")]
    Task Append();
}

/// <summary>What is written.</summary>
[GenerateSerializer, Alias("bench.WholeState")]
internal sealed class WholeState
{
    [Id(0)] public long Events { get; set; }

    [Id(1)] public byte[] Profile { get; set; } = [];
}

internal sealed class WholeStateGrain([PersistentState("profile")] IPersistentState<WholeState> state) : Grain, IWholeStateGrain
{
    public Task Append()
    {
        state.State.Profile = state.State.Profile.Length > 0 ? state.State.Profile : RandomNumberGenerator.GetBytes(WholeStates.StateBytes);
        state.State.Events++;
        return state.WriteStateAsync();
    }
}
