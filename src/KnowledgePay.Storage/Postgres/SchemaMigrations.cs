using System.Globalization;
using System.Reflection;
using Npgsql;
using static KnowledgePay.Storage.Postgres.Commands;

namespace KnowledgePay.Storage.Postgres;

/// <summary>Brings a schema to the version that this program knows: numbered scripts, forward only, each in a transaction of its own.</summary>
/// <remarks>Processes that start together wait for each other; a second run changes nothing.</remarks>
public static class SchemaMigrations
{
    /// <summary>Scripts of the engine's data, of the keys, of Orleans' tables: folders of <c>silo-config/schema</c>.</summary>
    public const string Engine = "engine";
    public const string Keys = "keys";
    public const string Orleans = "orleans";

    private const string VersionTable = "schema_version";

    /// <summary>Applies what is missing; returns the names of the scripts that were applied.</summary>
    /// <exception cref="InvalidDataException">The schema is newer than this program.</exception>
    public static async Task<IReadOnlyList<string>> Apply(string connectionString, string schema, string set, CancellationToken cancellation)
    {
        await using NpgsqlConnection connection = await Open(connectionString, cancellation).ConfigureAwait(false);
        var applied = new List<string>();
        foreach (Script script in Scripts(set))
        {
            await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancellation).ConfigureAwait(false);
            await Execute(connection, "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", cancellation, P("KnowledgePay/" + schema)).ConfigureAwait(false);
            if (await Version(connection, schema, set, cancellation).ConfigureAwait(false) < script.Version)
            {
                // A role that may not make schemas can still use one that was made for it.
                if (await Scalar(connection, "SELECT count(*) FROM pg_namespace WHERE nspname = $1", cancellation, P(schema)).ConfigureAwait(false) == 0)
                {
                    await Execute(connection, $"CREATE SCHEMA \"{schema}\"", cancellation).ConfigureAwait(false);
                }

                await Execute(connection, $"SET LOCAL search_path TO \"{schema}\"", cancellation).ConfigureAwait(false);
                await Execute(
                    connection,
                    $"CREATE TABLE IF NOT EXISTS {VersionTable} (script_set text NOT NULL, version integer NOT NULL, name text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (script_set, version))",
                    cancellation).ConfigureAwait(false);
                await Execute(connection, script.Text, cancellation).ConfigureAwait(false);
                await Execute(connection, $"INSERT INTO {VersionTable} (script_set, version, name) VALUES ($1, $2, $3)", cancellation, P(set), P(script.Version), P(script.Name)).ConfigureAwait(false);
                applied.Add($"{schema}: {set}/{script.Name}");
            }

            await transaction.CommitAsync(cancellation).ConfigureAwait(false);
        }

        return applied;
    }

    /// <summary>Makes sure that the schema is exactly what this program knows.</summary>
    /// <exception cref="InvalidDataException">It is newer than this program.</exception>
    /// <exception cref="InvalidOperationException">It is older, or not there.</exception>
    public static async Task Check(string connectionString, string schema, string set, CancellationToken cancellation)
    {
        await using NpgsqlConnection connection = await Open(connectionString, cancellation).ConfigureAwait(false);
        int version = await Version(connection, schema, set, cancellation).ConfigureAwait(false);
        int wanted = Scripts(set)[^1].Version;
        if (version < wanted)
        {
            throw new InvalidOperationException($"Schema {schema} has version {version} of {set}, this program needs {wanted}. Run 'KnowledgePay.Server migrate', or set KnowledgePay:Storage:MigrateAtStart.");
        }
    }

    private static async Task<NpgsqlConnection> Open(string connectionString, CancellationToken cancellation)
    {
        NpgsqlConnectionStringBuilder text = PostgresStoreOptions.Parse(connectionString);
        text.Pooling = false;
        text.ApplicationName = "KnowledgePay migrations";
        var connection = new NpgsqlConnection(text.ConnectionString);
        try
        {
            await connection.OpenAsync(cancellation).ConfigureAwait(false);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private static async Task<int> Version(NpgsqlConnection connection, string schema, string set, CancellationToken cancellation)
    {
        if (await Scalar(connection, "SELECT count(*) FROM pg_tables WHERE schemaname = $1 AND tablename = $2", cancellation, P(schema), P(VersionTable)).ConfigureAwait(false) == 0)
        {
            return 0;
        }

        int version = (int)await Scalar(connection, $"SELECT coalesce(max(version), 0)::bigint FROM \"{schema}\".{VersionTable} WHERE script_set = $1", cancellation, P(set)).ConfigureAwait(false);
        int known = Scripts(set)[^1].Version;
        return version <= known
            ? version
            : throw new InvalidDataException($"Schema {schema} has version {version} of {set}; this program knows versions up to {known}. Run the program that migrated it, or a newer one.");
    }

    private static async Task<long> Scalar(NpgsqlConnection connection, string sql, CancellationToken cancellation, params NpgsqlParameter[] parameters)
    {
        await using NpgsqlCommand command = connection.Command(sql, parameters);
        return (long)(await command.ExecuteScalarAsync(cancellation).ConfigureAwait(false))!;
    }

    private static async Task Execute(NpgsqlConnection connection, string sql, CancellationToken cancellation, params NpgsqlParameter[] parameters)
    {
        await using NpgsqlCommand command = connection.Command(sql, parameters);
        // A migration may rewrite a large table.
        command.CommandTimeout = 0;
        await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
    }

    private static List<Script> Scripts(string set)
    {
        Assembly assembly = typeof(SchemaMigrations).Assembly;
        string prefix = $"schema/{set}/";
        var scripts = new List<Script>();
        foreach (string resource in assembly.GetManifestResourceNames().Where(n => n.StartsWith(prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
            string name = resource[prefix.Length..];
            scripts.Add(new Script(int.Parse(name.AsSpan(0, 4), CultureInfo.InvariantCulture), name, reader.ReadToEnd()));
        }

        return scripts;
    }

    private sealed record Script(int Version, string Name, string Text);
}
