using System.CommandLine;
using System.Globalization;
using KnowledgePay.Cli.CommandLine;
using KnowledgePay.Cli.Terminal;
using KnowledgePay.Learning.Files;
using KnowledgePay.Learning.Interactions;
using KnowledgePay.Learning.Items;
using KnowledgePay.Learning.Recommenders;

namespace KnowledgePay.Cli.Learning;

/// <summary><c>kpay learn recommender</c>.</summary>
internal static class LearnRecommenderCommand
{
    public static Command Make(CliConsole console)
    {
        var interactions = new Option<string>("--interactions") { Description = "CSV: user,item[,rating][,timestamp].", Required = true };
        var items = new Option<string?>("--items") { Description = "CSV or .jsonl: item and what is known about it; items that nobody took yet are recommended by their likeness." };
        var algorithm = new Option<string>("--algorithm") { Description = "auto, or one of " + string.Join(", ", RecommenderLearning.Algorithms) + ".", DefaultValueFactory = _ => "auto" };
        var output = new Option<string>("--out") { Description = "Directory for the model and report.json.", Required = true };
        var seed = new Option<ulong>("--seed") { Description = "The same seed and input give the same model.", DefaultValueFactory = _ => 1 };
        var settings = new Option<string[]>("--set") { Description = "Fixes settings that validation would choose: name=value,…", AllowMultipleArgumentsPerToken = true };
        var scale = new Option<string?>("--rating-scale") { Description = "LEAST:GREATEST; inferred when absent. Ratings off the scale are left out and counted." };
        var validation = new Option<string>("--validation") { Description = "time (the latest fifth of a history, at most five items, is held out), random, or auto: by time where there are timestamps and a typical history is longer than a day.", DefaultValueFactory = _ => "auto" };
        var from = new Option<string?>("--from") { Description = "Directory of an earlier model of the same algorithm: go on from it with its settings, which takes a part of the time. --interactions still holds all, with times." };
        var command = new Command("recommender", "Learn what to recommend from who took what.") { interactions, items, algorithm, output, seed, settings, scale, validation, from };
        command.SetAction((parsed, cancellation) =>
        {
            var options = new RecommenderOptions
            {
                Algorithm = parsed.GetValue(algorithm)!,
                Seed = parsed.GetValue(seed),
                Fixed = Fixed(parsed.GetValue(settings) ?? []),
                ValidateByTime = parsed.GetValue(validation) switch
                {
                    "time" => true,
                    "random" => false,
                    "auto" => null,
                    string other => throw new InputException($"--validation '{other}': expected time, random or auto."),
                    null => null,
                },
            };
            if (parsed.GetValue(from) is not null && (options.Fixed.Count > 0 || options.ValidateByTime is not null))
            {
                throw new InputException("--from goes on with the settings of the earlier model and holds out the latest of what is new: --set and --validation cannot be given with it.");
            }

            InteractionSet set = InteractionsFile.Read(parsed.GetValue(interactions)!, scale: Scale(parsed.GetValue(scale)));
            ItemFeatures? features = null;
            if (parsed.GetValue(items) is { } itemsPath)
            {
                features = ItemsFile.Read(itemsPath, set.Items);
                set = set.WithAddedItems();
            }

            var learning = new RecommenderLearning(options, console.Time, console.Error.WriteLine);
            (RecommenderModel model, RecommenderReport report) = parsed.GetValue(from) is { } earlier
                ? learning.Refit(set, features, EarlierRecommender.Load(earlier))
                : learning.Learn(set, features);
            string directory = parsed.GetValue(output)!;
            model.Save(directory);
            report.Save(directory);
            console.Out.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{model.Algorithm}: {set.Quality.Users} users, {set.Quality.Items} items, {set.Quality.Pairs} interactions; {report.Validation}: NDCG@{report.MetricsAt} {report.Metrics?.Ndcg:F4}, recall@{report.MetricsAt} {report.Metrics?.Recall:F4}; {report.Seconds:F1} s"));
            if (report.Refit is { } refit)
            {
                console.Out.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{refit.NewInteractions} interactions after {refit.Since:O}; the earlier model on the same held-out part: NDCG@{report.MetricsAt} {refit.Earlier?.Ndcg:F4}, refit less earlier {refit.Difference:+0.0000;-0.0000} ± {refit.StandardError:F4}"));
            }

            return Task.FromResult(KpayCommandLine.Done);
        });
        return command;
    }

    private static Dictionary<string, double> Fixed(string[] texts) =>
        NameValueList.Parse("--set", texts).ToDictionary(
            pair => pair.Key,
            pair => double.TryParse(pair.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value)
                ? value
                : throw new InputException($"--set '{pair.Key}={pair.Value}': expected a number."),
            StringComparer.Ordinal);

    private static RatingScale? Scale(string? text)
    {
        if (text is null)
        {
            return null;
        }

        string[] ends = text.Split(':');
        return ends.Length == 2
            && double.TryParse(ends[0], NumberStyles.Float, CultureInfo.InvariantCulture, out double least)
            && double.TryParse(ends[1], NumberStyles.Float, CultureInfo.InvariantCulture, out double greatest)
            && least < greatest
            ? new RatingScale(least, greatest)
            : throw new InputException($"--rating-scale '{text}': expected LEAST:GREATEST, for example 1:5.");
    }
}
