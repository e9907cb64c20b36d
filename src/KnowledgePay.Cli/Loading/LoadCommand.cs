using System.CommandLine;
using KnowledgePay.Cli.Terminal;

namespace KnowledgePay.Cli.Loading;

internal static class LoadCommand
{
    public static Command Make(CliConsole console) => new("load", "x");
}
