using System.CommandLine;
using KnowledgePay.Cli.Terminal;
using KnowledgePay.Learning.Files;
using KnowledgePay.Learning.Tables;
using KnowledgePay.Learning.Uplift;

namespace KnowledgePay.Cli.Learning;

/// <summary><c>kpay predict uplift</c>.</summary>
internal static class PredictUpliftCommand
{
    public static Command Make(CliConsole console)
    {
        var model = LearnOptions.Model();
        var table = new Option<string>("--table") { Description = "CSV file, a row a person.", Required = true };
        var output = LearnOptions.OutFile();
        var command = new Command("uplift", "The difference that the treatment is expected to make: row,uplift.") { model, table, output };
        command.SetAction((parsed, cancellation) =>
        {
            UpliftModel learned = UpliftModel.Read(parsed.GetValue(model)!);
            double[] uplift = learned.Predict(TableReader.Read(parsed.GetValue(table)!, learned.Options, cancellation));
            using var writer = new CsvWriter(parsed.GetValue(output)!, "row", "uplift");
            for (int row = 0; row < uplift.Length; row++)
            {
                writer.Write(row);
                writer.Write(uplift[row]);
                writer.EndRow();
            }

            writer.Complete();
            console.Out.WriteLine($"uplift: {uplift.Length} rows; written to {parsed.GetValue(output)}");
            return Task.FromResult(0);
        });
        return command;
    }
}
