using System.CommandLine;

namespace KnowledgePay.Cli.Learning;

/// <summary>Options that name columns of a table.</summary>
internal static class TableArguments
{
    public static Option<string> Table() => new("--table") { Description = "A CSV file with a header, .gz or not.", Required = true };

    public static Option<string> Out(string description) => new("--out") { Description = description, Required = true };

    public static Option<ulong> Seed() => new("--seed") { Description = "The same seed and input give the same result.", DefaultValueFactory = _ => 1UL };

    public static Option<string[]> Columns(string name, string description) =>
        new(name) { Description = description, AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [] };

    /// <summary>Names apart by commas, each once.</summary>
    public static string[] Names(string[]? texts) =>
        [.. (texts ?? []).SelectMany(text => text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)).Distinct(StringComparer.Ordinal)];
}
