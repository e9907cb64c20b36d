using System.CommandLine;
using System.Globalization;
using KnowledgePay.Cli.CommandLine;
using KnowledgePay.Cli.Terminal;
using KnowledgePay.Decisions.Recommending.Models;
using KnowledgePay.Learning.Interactions;
using KnowledgePay.Learning.Onnx;
using KnowledgePay.Learning.Recommenders;

namespace KnowledgePay.Cli.Learning;

/// <summary><c>kpay import-model</c>: takes a recommender that was learned elsewhere in, as ONNX.</summary>
internal static class ImportModelCommand
{
    public static Command Make(CliConsole console)
    {
        var file = new Argument<string>("FILE") { Description = $"The ONNX file: input '{OnnxScorer.History}' int64 [batch, length], oldest first; output '{OnnxScorer.Scores}' float32 [batch, items], or '{OnnxScorer.Person}' [batch, d] and '{OnnxScorer.ItemVectors}' [items, d]." };
        var items = new Option<string>("--items") { Description = "CSV with a column item: the ids in the model's order.", Required = true };
        var interactions = new Option<string?>("--interactions") { Description = "CSV: user,item; what most people took is what somebody without a history gets." };
        var output = new Option<string>("--out") { Description = "Directory for the model.", Required = true };
        var command = new Command("import-model", "Take in a recommender that was learned elsewhere; it is checked, and then predicts like one that was learned here.") { file, items, interactions, output };
        command.SetAction((parsed, _) =>
        {
            RecommenderModel model = OnnxImport.Read(parsed.GetValue(file)!, parsed.GetValue(items)!);
            if (parsed.GetValue(interactions) is { } taken)
            {
                model = new RecommenderModel(model.Algorithm, model.Items, model.Scorer, Popularity(taken, model.Items));
            }

            model.Save(parsed.GetValue(output)!);
            console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{model.Algorithm}: {model.Items.Count} items; it runs on histories of several lengths, gives finite scores and the same again"));
            return Task.FromResult(KpayCommandLine.Done);
        });
        return command;
    }

    private static PopularityScorer Popularity(string path, IdTable items)
    {
        InteractionSet set = InteractionsFile.Read(path, items);
        var weights = new float[items.Count];
        for (int item = 0; item < weights.Length; item++)
        {
            weights[item] = set.Matrix.Degree(item);
        }

        return new PopularityScorer(weights);
    }
}
