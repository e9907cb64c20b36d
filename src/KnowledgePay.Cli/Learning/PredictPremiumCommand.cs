using System.CommandLine;
using KnowledgePay.Cli.Terminal;
using KnowledgePay.Learning.Files;
using KnowledgePay.Learning.Premium;
using KnowledgePay.Learning.Tables;

namespace KnowledgePay.Cli.Learning;

/// <summary><c>kpay predict premium</c>.</summary>
internal static class PredictPremiumCommand
{
    public static Command Make(CliConsole console)
    {
        var model = LearnOptions.Model();
        var table = new Option<string>("--table") { Description = "CSV file, a row a policy.", Required = true };
        var output = LearnOptions.OutFile();
        var command = new Command("premium", "Claims per unit of exposure: row,frequency; with severity and premium per unit of exposure where the model has them.") { model, table, output };
        command.SetAction((parsed, cancellation) =>
        {
            PremiumModel learned = PremiumModel.Read(parsed.GetValue(model)!);
            Table read = TableReader.Read(parsed.GetValue(table)!, learned.Options, cancellation);
            double[] frequency = learned.Frequency(read);
            double[]? claim = learned.HasSeverity ? learned.MeanClaim(read) : null;
            using var writer = claim is null
                ? new CsvWriter(parsed.GetValue(output)!, "row", "frequency")
                : new CsvWriter(parsed.GetValue(output)!, "row", "frequency", "severity", "pure", "charged");
            for (int row = 0; row < frequency.Length; row++)
            {
                writer.Write(row);
                writer.Write(frequency[row]);
                if (claim is not null)
                {
                    double pure = frequency[row] * claim[row];
                    writer.Write(claim[row]);
                    writer.Write(pure);
                    writer.Write(learned.Loading.Charged(pure));
                }

                writer.EndRow();
            }

            writer.Complete();
            console.Out.WriteLine($"premium: {frequency.Length} rows; written to {parsed.GetValue(output)}");
            return Task.FromResult(0);
        });
        return command;
    }
}
