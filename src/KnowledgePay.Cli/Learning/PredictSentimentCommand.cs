using System.CommandLine;
using KnowledgePay.Cli.Terminal;
using KnowledgePay.Decisions.Sentiment;
using KnowledgePay.Learning.Files;
using KnowledgePay.Learning.Sentiment;
using KnowledgePay.Learning.Tables;

namespace KnowledgePay.Cli.Learning;

/// <summary><c>kpay predict sentiment</c>.</summary>
internal static class PredictSentimentCommand
{
    public static Command Make(CliConsole console)
    {
        var model = LearnOptions.Model();
        var table = new Option<string>("--table") { Description = "CSV file with texts.", Required = true };
        var text = new Option<string>("--text") { Description = "Column with the text.", Required = true };
        var output = LearnOptions.OutFile();
        var command = new Command("sentiment", "The probability that each comment is positive: row,probability.") { model, table, text, output };
        command.SetAction((parsed, cancellation) =>
        {
            SentimentModel learned = SentimentModelFile.Read(parsed.GetValue(model)!);
            string column = parsed.GetValue(text)!;
            Table read = TableReader.Read(parsed.GetValue(table)!, new TableOptions { Only = [column], Text = [column], NamedBy = "--text" }, cancellation);
            var texts = (TextColumn)read.Require(column, "--text");
            using var writer = new CsvWriter(parsed.GetValue(output)!, "row", "probability");
            for (int row = 0; row < read.Rows; row++)
            {
                writer.Write(row);
                writer.Write(learned.Probability(texts.Text(row)));
                writer.EndRow();
            }

            writer.Complete();
            console.Out.WriteLine($"sentiment: {read.Rows} rows scored; written to {parsed.GetValue(output)}");
            return Task.FromResult(0);
        });
        return command;
    }
}
