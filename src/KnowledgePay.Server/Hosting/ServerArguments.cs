using KnowledgePay.Server.Demo;

namespace KnowledgePay.Server.Hosting;

/// <summary>The command line: <c>--urls</c>, <c>--data</c>, <c>--demo</c>, <c>--config</c>, and any <c>--Section:Key=value</c>.</summary>
/// <param name="Settings">Configuration values, by key.</param>
/// <param name="ConfigurationFile">The file named with <c>--config</c>.</param>
/// <param name="Error">What is wrong with the command line, if anything.</param>
public sealed record ServerArguments(IReadOnlyDictionary<string, string?> Settings, string? ConfigurationFile, bool WantsHelp, string? Error)
{
    /// <summary>Whether to apply the database's migrations and end.</summary>
    public bool WantsMigration { get; private init; }

    /// <summary>Whether to ask the server of this machine if it is ready, and end.</summary>
    public bool WantsHealth { get; private init; }

    /// <summary>Whether to copy the embedded store, which may be in use, and end.</summary>
    public bool WantsBackup { get; private init; }

    public const string Help = """
        KnowledgePay.Server [migrate | health | backup --to DIR [--keys]] [--urls URLS] [--data DIR] [--config FILE] [--demo] [--Section:Key=VALUE]...

          migrate         apply the migrations that KnowledgePay:Storage's database lacks, and end
          health          ask the server that listens on this machine's --urls whether it is ready: exit code 0 or 1
          backup --to DIR copy the embedded store of --data as it is at this moment, also while a server uses it, and end: everything but the
                          keys, or with --keys the keys alone. The two belong in different places: the copy of the data can be read only with the keys
          --urls URLS     addresses to listen on, separated by semicolons (http://127.0.0.1:8080)
          --data DIR      where the embedded store lives (KnowledgePay:Data)
          --config FILE   settings in place of silo-config/single.json
          --demo          fill an empty store with a simulated marketplace
          --Section:Key=VALUE  any setting, for example --KnowledgePay:Http:ConcurrentRequests=256

        Later ones win: file, environment (KnowledgePay__Http__ConcurrentRequests), files of the directory that KnowledgePay:Secrets names
        (a file a setting, named like an environment variable), command line.
        """;

    public static ServerArguments Parse(IReadOnlyList<string> arguments)
    {
        var settings = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        string? file = null;
        bool migrate = arguments is ["migrate", ..];
        bool health = arguments is ["health", ..];
        bool backup = arguments is ["backup", ..];
        for (int i = migrate || health || backup ? 1 : 0; i < arguments.Count; i++)
        {
            string argument = arguments[i];
            if (argument is "--help" or "-h" or "-?")
            {
                return new ServerArguments(settings, file, true, null);
            }

            int equals = argument.IndexOf('=', StringComparison.Ordinal);
            string name = equals > 0 ? argument[..equals] : argument;
            string? value = equals > 0 ? argument[(equals + 1)..] : null;
            if (name == "--demo")
            {
                settings[DemoOptions.Section + ":Enabled"] = value ?? "true";
                continue;
            }

            if (name == "--keys" && backup)
            {
                settings[Backup.OfKeys] = value ?? "true";
                continue;
            }

            string? key = name switch
            {
                "--to" when backup => Backup.Directory,
                "--urls" => "urls",
                "--data" => "KnowledgePay:Data",
                "--config" => "",
                "--environment" => "environment",
                _ => name.StartsWith("--", StringComparison.Ordinal) && name.Contains(':', StringComparison.Ordinal) ? name[2..] : null,
            };
            if (key is null)
            {
                return new ServerArguments(settings, file, false, $"'{argument}' is not an argument of the server.");
            }

            if (value is null)
            {
                if (i + 1 >= arguments.Count || arguments[i + 1].StartsWith("--", StringComparison.Ordinal))
                {
                    return new ServerArguments(settings, file, false, $"'{name}' needs a value.");
                }

                value = arguments[++i];
            }

            if (key.Length == 0)
            {
                file = value;
            }
            else
            {
                settings[key] = value;
            }
        }

        return new ServerArguments(settings, file, false, null) { WantsMigration = migrate, WantsHealth = health, WantsBackup = backup };
    }
}
