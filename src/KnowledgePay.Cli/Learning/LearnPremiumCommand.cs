using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using KnowledgePay.Cli.Terminal;
using KnowledgePay.Learning.Files;
using KnowledgePay.Learning.ModelFiles;
using KnowledgePay.Learning.Premium;
using KnowledgePay.Learning.Tables;

namespace KnowledgePay.Cli.Learning;

/// <summary><c>kpay learn premium</c>.</summary>
internal static class LearnPremiumCommand
{
    public static Command Make(CliConsole console)
    {
        var table = new Option<string>("--table") { Description = "CSV file, a row a policy.", Required = true };
        var claims = new Option<string>("--claims") { Description = "Column with the number of claims.", Required = true };
        var exposure = new Option<string>("--exposure") { Description = "Column with what was insured, for example years.", Required = true };
        var amount = new Option<string?>("--amount") { Description = "Column with the total amount of the row's claims: learns severity too." };
        var drop = LearnOptions.Drop();
        var categorical = LearnOptions.Categorical();
        var algorithm = new Option<string>("--algorithm") { Description = "auto, glm or boosted.", DefaultValueFactory = _ => "auto" };
        algorithm.AcceptOnlyFromAmong("auto", "glm", "boosted");
        var mostClaims = new Option<double?>("--max-claims") { Description = "More claims in a row count as so many; no cap when absent." };
        var mostExposure = new Option<double?>("--max-exposure") { Description = "More exposure in a row counts as so much; no cap when absent." };
        var safety = Share("--safety", "Share of the pure premium that is added against chance.", 0.05);
        var expenses = Share("--expenses", "Share of the charged premium that pays expenses.", 0.25);
        var profit = Share("--profit", "Share of the charged premium that is profit.", 0.05);
        var seed = LearnOptions.Seed();
        var output = LearnOptions.Out();
        var command = new Command("premium", "Learn claim frequency, and severity where amounts are given.")
        {
            table, claims, exposure, amount, drop, categorical, algorithm, mostClaims, mostExposure, safety, expenses, profit, seed, output,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            long started = console.Time.GetTimestamp();
            var loading = new PremiumLoading { Safety = parsed.GetValue(safety), Expenses = parsed.GetValue(expenses), Profit = parsed.GetValue(profit) };
            if (!(loading.Safety is >= 0 and <= 10) || !(loading.Expenses >= 0) || !(loading.Profit >= 0) || !(loading.Expenses + loading.Profit < 1))
            {
                throw new InputException("--safety, --expenses and --profit: expected 0 or more, and expenses and profit together below 1.");
            }

            var settings = new PremiumSettings
            {
                Claims = parsed.GetValue(claims)!,
                Exposure = parsed.GetValue(exposure)!,
                Amount = parsed.GetValue(amount),
                Algorithm = parsed.GetValue(algorithm)!,
                MostClaims = Cap("--max-claims", parsed.GetValue(mostClaims)),
                MostExposure = Cap("--max-exposure", parsed.GetValue(mostExposure)),
                Loading = loading,
                Seed = parsed.GetValue(seed),
            };
            string[] numbers = settings.Amount is { } name ? [settings.Claims, settings.Exposure, name] : [settings.Claims, settings.Exposure];
            Table read = TableReader.Read(parsed.GetValue(table)!, new TableOptions
            {
                Drop = LearnOptions.Names(parsed.GetValue(drop)!),
                Categorical = LearnOptions.Names(parsed.GetValue(categorical)!),
                Numeric = numbers,
                NamedBy = "--claims, --exposure, --amount, --drop or --categorical",
            }, cancellation);
            string directory = parsed.GetValue(output)!;
            (PremiumModel model, JsonObject report) = await ProgressDisplay.Run(console, "learn premium", display => Task.Run(
                () => PremiumTrainer.Train(read, settings, share => display.Report(share, read.Rows, "rows"), cancellation), cancellation)).ConfigureAwait(false);
            model.Write(directory);
            report["seconds"] = Report.Number(console.Time.GetElapsedTime(started).TotalSeconds, 2);
            Report.Write(directory, report);
            console.Out.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"premium: {read.Rows} rows, held-out deviance {report["validation"]!["devianceRatio"]?.ToJsonString()} of one frequency for all ({report["hyperParameters"]!["algorithm"]}); written to {directory}"));
            return 0;
        });
        return command;
    }

    private static Option<double> Share(string name, string description, double value) => new(name) { Description = description, DefaultValueFactory = _ => value };

    private static double? Cap(string option, double? value) =>
        value is null or > 0 ? value : throw new InputException($"{option} {value.Value.ToString(CultureInfo.InvariantCulture)}: expected a number above 0.");
}
