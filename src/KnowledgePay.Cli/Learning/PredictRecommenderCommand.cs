using System.CommandLine;
using System.Globalization;
using KnowledgePay.Cli.CommandLine;
using KnowledgePay.Cli.Terminal;
using KnowledgePay.Learning.Files;
using KnowledgePay.Learning.Interactions;
using KnowledgePay.Learning.Recommenders;

namespace KnowledgePay.Cli.Learning;

/// <summary><c>kpay predict recommender</c>: the best items for each user of a history file.</summary>
internal static class PredictRecommenderCommand
{
    public static Command Make(CliConsole console)
    {
        var directory = new Option<string>("--model") { Description = "Directory of a learned recommender.", Required = true };
        var history = new Option<string>("--history") { Description = "CSV: user,item[,rating][,timestamp]. What a history holds is not recommended.", Required = true };
        var count = new Option<int>("--count") { Description = "Items for each user.", DefaultValueFactory = _ => 10 };
        var output = new Option<string>("--out") { Description = "CSV: user,rank,item,score.", Required = true };
        var command = new Command("recommender", "Rank the items that each user's history does not hold.") { directory, history, count, output };
        command.SetAction((parsed, cancellation) =>
        {
            int k = parsed.GetValue(count);
            if (k < 1)
            {
                throw new InputException($"--count {k}: expected 1 or more.");
            }

            RecommenderModel model = RecommenderModel.Load(parsed.GetValue(directory)!);
            InteractionSet set = InteractionsFile.Read(parsed.GetValue(history)!, model.Items);
            using var csv = new CsvWriter(parsed.GetValue(output)!, "user", "rank", "item", "score");
            foreach (RankedList list in RecommendationLists.Rank(model, set, k, cancellation))
            {
                for (int rank = 0; rank < list.Items.Length; rank++)
                {
                    csv.Write(set.Users[list.User]);
                    csv.Write(rank + 1);
                    csv.Write(model.Items[list.Items[rank]]);
                    csv.Write(list.Scores[rank]);
                    csv.EndRow();
                }
            }

            csv.Complete();
            console.Out.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{model.Algorithm}: {k} of {model.Items.Count} items for each of {set.Users.Count} users{(set.Quality.UnknownItems > 0 ? $"; {set.Quality.UnknownItems} rows with items that the model does not know" : "")}"));
            return Task.FromResult(KpayCommandLine.Done);
        });
        return command;
    }
}
