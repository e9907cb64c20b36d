using System.CommandLine;

namespace KnowledgePay.Cli.Learning;

/// <summary>Options that the learning commands share.</summary>
internal static class LearnOptions
{
    public static Option<ulong> Seed() => new("--seed") { Description = "The same seed and input give the same model.", DefaultValueFactory = _ => 1UL };

    public static Option<string> Out() => new("--out") { Description = "Directory for the model and report.json.", Required = true };

    public static Option<string> Model() => new("--model") { Description = "A model directory that 'kpay learn' wrote.", Required = true };

    public static Option<string> OutFile() => new("--out") { Description = "CSV file to write; compressed when its name ends in .gz.", Required = true };

    public static Option<string[]> Drop() => new("--drop") { Description = "Columns to leave out, separated by commas.", DefaultValueFactory = _ => [] };

    public static Option<string[]> Categorical() => new("--categorical") { Description = "Columns to take as categories although they hold numbers, separated by commas.", DefaultValueFactory = _ => [] };

    public static string[] Names(IEnumerable<string> lists) =>
        [.. lists.SelectMany(list => list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)).Distinct(StringComparer.Ordinal)];
}
