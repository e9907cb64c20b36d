using System.CommandLine;
using KnowledgePay.Cli.Terminal;
using KnowledgePay.Decisions.Sentiment;
using KnowledgePay.Learning.Files;
using KnowledgePay.Learning.Sentiment;

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
        command.SetAction(parsed =>
        {
            SentimentModel learned = SentimentModelFile.Read(parsed.GetValue(model)!);
            string path = parsed.GetValue(table)!;
            using InputFile file = InputFile.Open(path);
            var reader = new CsvReader(file.Content, path);
            int column = LabelledTexts.ColumnOf(reader, path, parsed.GetValue(text)!, "--text");
            using var writer = new CsvWriter(parsed.GetValue(output)!, "row", "probability");
            long row = 0;
            while (reader.Read())
            {
                writer.Write(row++);
                writer.Write(learned.Probability(reader.IsMissing(column) ? "" : reader.Text(column)));
                writer.EndRow();
            }

            writer.Complete();
            console.Out.WriteLine($"sentiment: {row} rows scored; written to {parsed.GetValue(output)}");
            return 0;
        });
        return command;
    }
}
