using System.CommandLine;
using System.Globalization;
using KnowledgePay.Cli.CommandLine;
using KnowledgePay.Cli.Terminal;
using KnowledgePay.Learning.Files;
using KnowledgePay.Learning.Recommenders;

namespace KnowledgePay.Cli.Learning;

/// <summary><c>kpay predict rating</c>: expected stars for pairs of user and item.</summary>
internal static class PredictRatingCommand
{
    public static Command Make(CliConsole console)
    {
        var directory = new Option<string>("--model") { Description = "Directory of a recommender learned with auto or matrix-factorization from ratings.", Required = true };
        var pairs = new Option<string>("--pairs") { Description = "CSV: user,item; other columns are passed over.", Required = true };
        var output = new Option<string>("--out") { Description = "CSV: user,item,rating, a line for each pair in their order.", Required = true };
        var command = new Command("rating", "Predict ratings. Who or what training did not see is predicted from the other side.") { directory, pairs, output };
        command.SetAction((parsed, _) =>
        {
            string path = parsed.GetValue(directory)!;
            RecommenderModel model = RecommenderModel.Load(path);
            if (model.Ratings is not { } ratings)
            {
                throw new InputException(
                    $"{path}: this model ({model.Algorithm}) predicts no ratings; expected one learned with --algorithm auto or matrix-factorization from interactions with a rating column.");
            }

            using InputFile file = InputFile.Open(parsed.GetValue(pairs)!);
            var csv = new CsvReader(file.Content, file.Name);
            int user = Column(csv, file.Name, "user"), item = Column(csv, file.Name, "item");
            using var writer = new CsvWriter(parsed.GetValue(output)!, "user", "item", "rating");
            long rows = 0, unknown = 0;
            while (csv.Read())
            {
                int u = ratings.Users.Resolve(csv.Field(user), grow: false), i = model.Items.Resolve(csv.Field(item), grow: false);
                writer.Write(csv.Text(user));
                writer.Write(csv.Text(item));
                writer.Write(ratings.Posterior.Predict(u, i));
                writer.EndRow();
                rows++;
                unknown += u < 0 || i < 0 ? 1 : 0;
            }

            writer.Complete();
            console.Out.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{model.Algorithm}: {rows} ratings{(unknown > 0 ? $"; {unknown} pairs with a user or item that training did not see" : "")}"));
            return Task.FromResult(KpayCommandLine.Done);
        });
        return command;
    }

    private static int Column(CsvReader csv, string file, string name)
    {
        int index = csv.IndexOf(name);
        return index >= 0 ? index : throw new InputException(file, 1, 1, $"there is no column '{name}'; expected user,item.");
    }
}
