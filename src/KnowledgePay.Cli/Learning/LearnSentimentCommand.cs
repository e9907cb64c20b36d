using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using KnowledgePay.Cli.Terminal;
using KnowledgePay.Learning.ModelFiles;
using KnowledgePay.Learning.Sentiment;

namespace KnowledgePay.Cli.Learning;

/// <summary><c>kpay learn sentiment</c>.</summary>
internal static class LearnSentimentCommand
{
    public static Command Make(CliConsole console)
    {
        var table = new Option<string>("--table") { Description = "CSV file with texts and labels.", Required = true };
        var text = new Option<string>("--text") { Description = "Column with the text, Chinese, English or both.", Required = true };
        var label = new Option<string>("--label") { Description = "Column with the sentiment: two labels, or grades such as stars.", Required = true };
        var positive = new Option<string?>("--positive") { Description = "The label that is positive; found by itself for 1, positive, pos, good, true, yes." };
        var seed = LearnOptions.Seed();
        var output = LearnOptions.Out();
        var command = new Command("sentiment", "Learn to tell good comments from bad ones.") { table, text, label, positive, seed, output };
        command.SetAction(async (parsed, cancellation) =>
        {
            long started = console.Time.GetTimestamp();
            string directory = parsed.GetValue(output)!;
            LabelledTexts texts = LabelledTexts.Read(parsed.GetValue(table)!, parsed.GetValue(text)!, parsed.GetValue(label)!, parsed.GetValue(positive), cancellation);
            SentimentTraining training = await ProgressDisplay.Run(console, "learn sentiment", display => Task.Run(
                () => SentimentTrainer.Train(texts.Texts, texts.Positive, parsed.GetValue(seed), share => display.Report(share, texts.Texts.Count, "texts"), cancellation),
                cancellation)).ConfigureAwait(false);
            SentimentModelFile.Write(directory, training.Model);
            Report.Write(directory, new JsonObject
            {
                ["kind"] = SentimentModelFile.Kind,
                ["seed"] = parsed.GetValue(seed),
                ["dataQuality"] = texts.Quality,
                ["validation"] = new JsonObject
                {
                    ["folds"] = training.Folds,
                    ["accuracy"] = Report.Number(training.Accuracy),
                    ["auc"] = Report.Number(training.AreaUnderCurve),
                    ["brier"] = Report.Number(training.Brier),
                    ["logLoss"] = Report.Number(training.LogLoss),
                    ["calibrationError"] = Report.Number(training.CalibrationError),
                    ["lexiconAccuracy"] = Report.Number(training.LexiconAccuracy),
                },
                ["hyperParameters"] = new JsonObject
                {
                    ["longestGram"] = training.Chosen.LongestGram,
                    ["frequencyCost"] = training.Chosen.FrequencyCost,
                    ["ratioCost"] = training.Chosen.RatioCost,
                },
                ["tried"] = new JsonArray([.. training.Tried.Select(candidate => new JsonObject
                {
                    ["longestGram"] = candidate.LongestGram,
                    ["frequencyCost"] = candidate.FrequencyCost,
                    ["ratioCost"] = candidate.RatioCost,
                    ["accuracy"] = Report.Number(candidate.Accuracy),
                })]),
                ["seconds"] = Report.Number(console.Time.GetElapsedTime(started).TotalSeconds, 2),
            });
            console.Out.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"sentiment: {texts.Texts.Count} texts, held-out accuracy {training.Accuracy:F4}, AUC {training.AreaUnderCurve:F4}, calibration error {training.CalibrationError:F4}; written to {directory}"));
            return 0;
        });
        return command;
    }
}
