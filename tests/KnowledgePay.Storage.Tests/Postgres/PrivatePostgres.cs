using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace KnowledgePay.Storage.Tests.Postgres;

/// <summary>A PostgreSQL server of the tests' own: a new cluster in a temporary directory, on a free port, with durability as in production.</summary>
public sealed class PrivatePostgres : IAsyncDisposable
{
    private static readonly SemaphoreSlim Starting = new(1, 1);
    private static PrivatePostgres? _shared;

    private readonly string _directory;
    private readonly string _binaries;
    private Process? _server;

    private bool _isArchived;

    private PrivatePostgres(string directory, string binaries, int port)
    {
        _directory = directory;
        _binaries = binaries;
        Port = port;
    }

    public int Port { get; }

    public string ConnectionString => $"Host=127.0.0.1;Port={Port};Username=postgres;Database=postgres";

    /// <summary>The same server, past every network.</summary>
    public string SocketConnectionString => $"Host={_directory};Port={Port};Username=postgres;Database=postgres";

    /// <summary>The server that all tests of this process share; it ends with the process.</summary>
    public static async Task<PrivatePostgres> Shared()
    {
        await Starting.WaitAsync();
        try
        {
            if (_shared is null)
            {
                PrivatePostgres server = await Start();
                AppDomain.CurrentDomain.ProcessExit += (_, _) => server.DisposeAsync().AsTask().GetAwaiter().GetResult();
                _shared = server;
            }

            return _shared;
        }
        finally
        {
            Starting.Release();
        }
    }

    /// <summary>A server whose write-ahead log is archived, so that it can be restored to a point in time.</summary>
    public static Task<PrivatePostgres> StartArchived() => Start(isArchived: true);

    public static Task<PrivatePostgres> Start() => Start(isArchived: false);

    /// <summary>Takes a base backup while the server is in use.</summary>
    public Task TakeBaseBackup() => AsServer($"'{_binaries}/pg_basebackup' -h 127.0.0.1 -p {Port} -U postgres -D '{_directory}/base' -X none --checkpoint=fast");

    /// <summary>A new server from the base backup and the archived log, up to a restore point.</summary>
    public async Task<PrivatePostgres> Restore(string restorePoint)
    {
        string directory = Directory.CreateTempSubdirectory("kpay-postgres-").FullName;
        var server = new PrivatePostgres(directory, _binaries, FreePort());
        await server.Own(directory);
        await server.AsServer(
            $"mkdir '{directory}/archive' && cp -a '{_directory}/base' '{directory}/data' && touch '{directory}/data/recovery.signal' && cat >>'{directory}/data/postgresql.auto.conf' <<'END'\n"
            + $"restore_command = 'cp {_directory}/archive/%f %p'\nrecovery_target_name = '{restorePoint}'\nrecovery_target_action = 'promote'\nEND");
        server.Launch();
        await server.WaitUntilReady();
        // It answers readers while it still replays the log.
        while (await server.Scalar<bool>("SELECT pg_is_in_recovery()"))
        {
            await Task.Delay(50);
        }

        return server;
    }

    private static async Task<PrivatePostgres> Start(bool isArchived)
    {
        string binaries = FindBinaries();
        string directory = Directory.CreateTempSubdirectory("kpay-postgres-").FullName;
        var server = new PrivatePostgres(directory, binaries, FreePort()) { _isArchived = isArchived };
        // The server refuses to run as root.
        await server.Own(directory);
        await server.AsServer($"'{binaries}/initdb' -D '{directory}/data' -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-instructions && mkdir '{directory}/archive'");
        server.Launch();
        await server.WaitUntilReady();
        return server;
    }

    /// <summary>Ends the server as a crash would, and starts it again on what it left.</summary>
    public async Task CrashAndRestart()
    {
        await Stop("immediate");
        Launch();
        await WaitUntilReady();
    }

    /// <summary>Ends the server in an orderly way; connections are cut.</summary>
    public Task StopServer() => Stop("fast");

    /// <summary>Starts the server again on what it left.</summary>
    public async Task StartServer()
    {
        Launch();
        await WaitUntilReady();
    }

    /// <summary>SIGKILL to the server and all of its processes, as when the machine's power goes.</summary>
    public async Task KillServer()
    {
        if (_server is { } server)
        {
            _server = null;
            string postmaster = File.ReadLines(Path.Combine(_directory, "data", "postmaster.pid")).First();
            await AsServer($"kill -9 {postmaster} $(ps -o pid= --ppid {postmaster}) 2>/dev/null || true");
            server.StandardInput.Close();
            await server.WaitForExitAsync();
            server.Dispose();
        }
    }

    /// <summary>Gives a directory to the user whom the server runs as.</summary>
    public Task Own(string directory) => Environment.IsPrivilegedProcess ? Run("chown", "postgres", directory) : Task.CompletedTask;

    public async Task Execute(string sql)
    {
        await using var connection = new NpgsqlConnection(ConnectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    public Task<T> Scalar<T>(string sql) => Scalar<T>("postgres", sql);

    public async Task<T> Scalar<T>(string database, string sql)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(ConnectionString) { Database = database, Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    public async ValueTask DisposeAsync()
    {
        await Stop("immediate");
        try
        {
            Directory.Delete(_directory, recursive: true);
        }
        catch (IOException)
        {
            // A last process of the server may still be writing; it is a temporary directory.
        }
    }

    private static string FindBinaries()
    {
        string? newest = Directory.Exists("/usr/lib/postgresql")
            ? Directory.GetDirectories("/usr/lib/postgresql").OrderByDescending(d => int.TryParse(Path.GetFileName(d), out int v) ? v : 0).Select(d => Path.Combine(d, "bin")).FirstOrDefault(d => File.Exists(Path.Combine(d, "initdb")))
            : null;
        newest ??= (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').FirstOrDefault(d => File.Exists(Path.Combine(d, "initdb")));
        return newest ?? throw new InvalidOperationException("PostgreSQL is not installed: tests/run.sh installs Debian's package 'postgresql'.");
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <remarks>The shell waits for the end of its input, which comes also when the tests are killed, and then ends the server.</remarks>
    private void Launch()
    {
        string options = $"-D '{_directory}/data' -p {Port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='{_directory}' -c fsync=on -c synchronous_commit=on -c max_connections=200 -c shared_buffers=64MB";
        options += _isArchived ? $" -c archive_mode=on -c archive_command='cp %p \"{_directory}/archive/%f\"'" : "";
        ProcessStartInfo start = Shell($"'{_binaries}/postgres' {options} >>'{_directory}/server.log' 2>&1 & server=$!; cat >/dev/null; kill -QUIT $server 2>/dev/null; wait");
        start.RedirectStandardInput = true;
        _server = Process.Start(start)!;
    }

    private async Task WaitUntilReady()
    {
        for (int i = 0; ; i++)
        {
            try
            {
                await Execute("SELECT 1");
                return;
            }
            catch (NpgsqlException) when (i < 600 && _server is { HasExited: false })
            {
                await Task.Delay(50);
            }
        }
    }

    private async Task Stop(string mode)
    {
        if (_server is { } server)
        {
            _server = null;
            await AsServer($"'{_binaries}/pg_ctl' -D '{_directory}/data' -m {mode} -w stop || true");
            server.StandardInput.Close();
            await server.WaitForExitAsync();
            server.Dispose();
        }
    }

    private async Task AsServer(string command)
    {
        ProcessStartInfo start = Shell(command);
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        await Finish(start);
    }

    private ProcessStartInfo Shell(string command)
    {
        ProcessStartInfo start = Environment.IsPrivilegedProcess
            ? new ProcessStartInfo("runuser", ["-u", "postgres", "--", "sh", "-c", command])
            : new ProcessStartInfo("sh", ["-c", command]);
        start.WorkingDirectory = _directory;
        return start;
    }

    private static Task Run(string program, params string[] arguments) =>
        Finish(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true });

    private static async Task Finish(ProcessStartInfo start)
    {
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        string errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{start.FileName} ended with {process.ExitCode}: {await output}{errors}");
        }
    }
}
