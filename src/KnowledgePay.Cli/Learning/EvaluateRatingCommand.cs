using System.CommandLine;
using System.Globalization;
using KnowledgePay.Cli.CommandLine;
using KnowledgePay.Cli.Terminal;
using KnowledgePay.Decisions.Recommending.Models;
using KnowledgePay.Learning.Files;
using KnowledgePay.Learning.Interactions;

namespace KnowledgePay.Cli.Learning;

/// <summary><c>kpay evaluate rating</c>: predicted ratings against given ones.</summary>
internal static class EvaluateRatingCommand
{
    public static Command Make(CliConsole console)
    {
        var ratings = new Option<string>("--ratings") { Description = "CSV: user,item,rating, as kpay predict rating writes it.", Required = true };
        var test = new Option<string>("--test") { Description = "CSV: user,item,rating.", Required = true };
        var command = new Command("rating", "RMSE and MAE of predicted ratings.") { ratings, test };
        command.SetAction((parsed, _) =>
        {
            string predictedPath = parsed.GetValue(ratings)!, testPath = parsed.GetValue(test)!;
            var anything = new RatingScale(double.NegativeInfinity, double.PositiveInfinity);
            InteractionSet held = InteractionsFile.Read(testPath, scale: anything), predicted = InteractionsFile.Read(predictedPath, held.Items, anything);
            double squares = 0, absolute = 0;
            long count = 0;
            var byItem = new Dictionary<int, float>();
            for (int user = 0; user < held.Users.Count; user++)
            {
                byItem.Clear();
                int other = predicted.Users.Find(held.Users[user]);
                foreach (HistoryEntry entry in other < 0 ? [] : predicted.Matrix.Row(other))
                {
                    byItem[entry.Item] = entry.Rating;
                }

                foreach (HistoryEntry entry in held.Matrix.Row(user))
                {
                    if (float.IsNaN(entry.Rating))
                    {
                        continue;
                    }

                    if (!byItem.TryGetValue(entry.Item, out float guess) || float.IsNaN(guess))
                    {
                        throw new InputException($"{predictedPath}: there is no rating of user '{held.Users[user]}' for item '{held.Items[entry.Item]}'; expected one for each of {testPath}.");
                    }

                    squares += ((double)guess - entry.Rating) * ((double)guess - entry.Rating);
                    absolute += Math.Abs((double)guess - entry.Rating);
                    count++;
                }
            }

            console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"rmse={Math.Sqrt(squares / count):F5} mae={absolute / count:F5} ratings={count}"));
            return Task.FromResult(KpayCommandLine.Done);
        });
        return command;
    }
}
