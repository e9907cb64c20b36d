using System.CommandLine;
using System.CommandLine.Parsing;
using KnowledgePay.Cli.Importing;
using KnowledgePay.Cli.Learning;
using KnowledgePay.Cli.Loading;
using KnowledgePay.Cli.Simulating;
using KnowledgePay.Cli.Terminal;
using KnowledgePay.Client;
using KnowledgePay.Learning.Files;

namespace KnowledgePay.Cli.CommandLine;

/// <summary>The command line of <c>kpay</c>.</summary>
public static class KpayCommandLine
{
    public const int Done = 0;
    public const int Failed = 1;
    public const int WrongInput = 2;

    /// <summary>Runs one command; returns the exit code: 0 done, 1 the work failed, 2 the arguments or the input are wrong.</summary>
    public static async Task<int> Run(string[] args, CliConsole console, CancellationToken cancellation)
    {
        var simulate = new Command("simulate", "Make worlds to work with.") { SimulateMarketplaceCommand.Make(console), SimulatePricingCommand.Make(console) };
        var root = new RootCommand("KnowledgePay from the command line.")
        {
            LearnCommand.Make(console),
            PredictCommand.Make(console),
            ExplainCommand.Make(console),
            AuditCommand.Make(console),
            EvaluateCommand.Make(console),
            ImportCommand.Make(console),
            ImportModelCommand.Make(console),
            simulate,
            LoadCommand.Make(console),
        };
        ParseResult parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (ParseError error in parsed.Errors)
            {
                console.Error.WriteLine($"kpay: {error.Message}");
            }

            console.Error.WriteLine("kpay --help says what is expected.");
            return WrongInput;
        }

        try
        {
            return await parsed.InvokeAsync(
                new InvocationConfiguration { Output = console.Out, Error = console.Error, EnableDefaultExceptionHandler = false },
                cancellation).ConfigureAwait(false);
        }
        catch (InputException wrong)
        {
            console.Error.WriteLine($"kpay: {wrong.Message}");
            return WrongInput;
        }
        catch (OperationCanceledException)
        {
            console.Error.WriteLine("kpay: stopped.");
            return Failed;
        }
        catch (KnowledgePayProblemException refused)
        {
            console.Error.WriteLine($"kpay: the server refused: {refused.Message}");
            return Failed;
        }
        catch (Exception failed) when (failed is WorkFailedException or HttpRequestException or IOException or UnauthorizedAccessException or System.Net.Sockets.SocketException or System.Text.Json.JsonException)
        {
            console.Error.WriteLine($"kpay: {failed.Message}");
            return Failed;
        }
    }
}
