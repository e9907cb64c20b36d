using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using KnowledgePay.Cli.Terminal;
using KnowledgePay.Learning.Demand;
using KnowledgePay.Learning.ModelFiles;
using KnowledgePay.Learning.Tables;

namespace KnowledgePay.Cli.Learning;

/// <summary><c>kpay learn demand</c>.</summary>
internal static class LearnDemandCommand
{
    public static Command Make(CliConsole console)
    {
        var table = new Option<string>("--table") { Description = "CSV file, a row a sale or a week.", Required = true };
        var price = new Option<string>("--price") { Description = "Column with the price.", Required = true };
        var quantity = new Option<string>("--quantity") { Description = "Column with the quantity sold.", Required = true };
        var group = new Option<string[]>("--group") { Description = "Columns whose levels have a level of sales of their own (product, store), separated by commas.", DefaultValueFactory = _ => [] };
        var seed = LearnOptions.Seed();
        var output = LearnOptions.Out();
        var command = new Command("demand", "Learn price elasticity: ln(quantity) by ln(price) within groups.") { table, price, quantity, group, seed, output };
        command.SetAction((parsed, cancellation) =>
        {
            long started = console.Time.GetTimestamp();
            string priceColumn = parsed.GetValue(price)!;
            string quantityColumn = parsed.GetValue(quantity)!;
            string[] groups = LearnOptions.Names(parsed.GetValue(group)!);
            Table read = TableReader.Read(parsed.GetValue(table)!, new TableOptions
            {
                Only = [priceColumn, quantityColumn, .. groups],
                Numeric = [priceColumn, quantityColumn],
                NamedBy = "--price, --quantity or --group",
            }, cancellation);
            (DemandElasticity model, JsonObject report) = DemandElasticity.Learn(read, priceColumn, quantityColumn, groups);
            string directory = parsed.GetValue(output)!;
            model.Write(directory);
            report["seed"] = parsed.GetValue(seed);
            report["seconds"] = Report.Number(console.Time.GetElapsedTime(started).TotalSeconds, 2);
            Report.Write(directory, report);
            console.Out.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"demand: {read.Rows} rows, {model.Groups.Count} groups, elasticity {model.Elasticity:F6} ± {1.96 * model.StandardError:F6}; written to {directory}"));
            return Task.FromResult(0);
        });
        return command;
    }
}
