using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using KnowledgePay.Cli.Terminal;
using KnowledgePay.Learning.ModelFiles;
using KnowledgePay.Learning.Tables;
using KnowledgePay.Learning.Uplift;

namespace KnowledgePay.Cli.Learning;

/// <summary><c>kpay learn uplift</c>.</summary>
internal static class LearnUpliftCommand
{
    public static Command Make(CliConsole console)
    {
        var table = new Option<string>("--table") { Description = "CSV file, a row a person of a trial.", Required = true };
        var treatment = new Option<string>("--treatment") { Description = "Column with the arm: 0 control and 1 treated, or names (see --control).", Required = true };
        var outcome = new Option<string>("--outcome") { Description = "Column with what came of it: 0 and 1, or an amount.", Required = true };
        var control = new Option<string?>("--control") { Description = "The treatment column's value for control; found by itself when one begins with control, no or none." };
        var treated = new Option<string?>("--treated") { Description = "The value to compare with control when there are several; rows of other arms are left out." };
        var drop = LearnOptions.Drop();
        var categorical = LearnOptions.Categorical();
        var seed = LearnOptions.Seed();
        var output = LearnOptions.Out();
        var command = new Command("uplift", "Learn whom a treatment helps, from a randomised trial.") { table, treatment, outcome, control, treated, drop, categorical, seed, output };
        command.SetAction(async (parsed, cancellation) =>
        {
            long started = console.Time.GetTimestamp();
            var settings = new UpliftSettings
            {
                Treatment = parsed.GetValue(treatment)!,
                Outcome = parsed.GetValue(outcome)!,
                Control = parsed.GetValue(control),
                Treated = parsed.GetValue(treated),
                Seed = parsed.GetValue(seed),
            };
            Table read = TableReader.Read(parsed.GetValue(table)!, new TableOptions
            {
                Drop = LearnOptions.Names(parsed.GetValue(drop)!),
                Categorical = LearnOptions.Names(parsed.GetValue(categorical)!),
                Numeric = [settings.Outcome],
                NamedBy = "--outcome, --drop or --categorical",
            }, cancellation);
            string directory = parsed.GetValue(output)!;
            (UpliftModel model, JsonObject report) = await ProgressDisplay.Run(console, "learn uplift", display => Task.Run(
                () => UpliftTrainer.Train(read, settings, share => display.Report(share, read.Rows, "rows"), cancellation), cancellation)).ConfigureAwait(false);
            model.Write(directory);
            report["seconds"] = Report.Number(console.Time.GetElapsedTime(started).TotalSeconds, 2);
            Report.Write(directory, report);
            JsonNode validation = report["validation"]!;
            console.Out.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"uplift: {read.Rows} rows, {model.Learner}, Qini × 100 {Text(validation["qini"])}, uplift at 10 % {Text(validation["upliftAtTenPercent"])}: {validation["conclusion"]}; written to {directory}"));
            return 0;
        });
        return command;
    }

    private static string Text(JsonNode? estimate) => $"{estimate!["value"]?.ToJsonString()} [{estimate["low"]?.ToJsonString()}, {estimate["high"]?.ToJsonString()}]";
}
