using System.CommandLine;
using KnowledgePay.Cli.Terminal;

namespace KnowledgePay.Cli.Learning;

/// <summary><c>kpay learn …</c>: models from files.</summary>
internal static class LearnCommand
{
    public static Command Make(CliConsole console) => new("learn", "Learn a model from a file.")
    {
        LearnRiskCommand.Make(console),
    };
}
