using System.CommandLine;
using KnowledgePay.Cli.Terminal;

namespace KnowledgePay.Cli.Learning;

/// <summary><c>kpay audit …</c>.</summary>
internal static class AuditCommand
{
    public static Command Make(CliConsole console) => new("audit", "Check decisions.")
    {
        AuditFairnessCommand.Make(console),
    };
}
