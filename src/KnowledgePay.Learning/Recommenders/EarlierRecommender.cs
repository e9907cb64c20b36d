using System.Text.Json;
using KnowledgePay.Decisions.Recommending.Models;
using KnowledgePay.Learning.Files;
using KnowledgePay.Learning.Interactions;

namespace KnowledgePay.Learning.Recommenders;

/// <summary>A model that was learned before and what its report says of it: what a refit goes on from.</summary>
public sealed class EarlierRecommender
{
    private const string Anew = " Learn once without it.";

    private readonly RecommenderModel _model;

    private EarlierRecommender(RecommenderModel model, IReadOnlyDictionary<string, double> chosen, float[] leaning, DateTimeOffset latest)
    {
        (_model, Chosen, Leaning, Latest) = (model, chosen, leaning, latest);
    }

    public string Algorithm => _model.Algorithm;

    /// <summary>Settings, as <see cref="RecommenderReport.Chosen"/>.</summary>
    public IReadOnlyDictionary<string, double> Chosen { get; }

    /// <summary>Weights of popularity for each of <see cref="ShortHistories.Lengths"/>.</summary>
    internal float[] Leaning { get; }

    /// <summary>The latest interaction that it has seen; what is later is new.</summary>
    public DateTimeOffset Latest { get; }

    /// <exception cref="InputException">There is no such model, or its report does not say what a refit needs.</exception>
    public static EarlierRecommender Load(string directory)
    {
        RecommenderModel model = RecommenderModel.Load(directory);
        string path = Path.Combine(directory, "report.json");
        try
        {
            return Of(model, File.ReadAllText(path), path);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{path}: cannot be read, and a refit goes on from what it says. {refused.Message}");
        }
    }

    /// <param name="report">JSON of <see cref="RecommenderReport"/>.</param>
    /// <param name="where">What to call the report in an error.</param>
    /// <exception cref="InputException">The report does not say what a refit needs.</exception>
    public static EarlierRecommender Of(RecommenderModel model, string report, string where)
    {
        try
        {
            using var json = JsonDocument.Parse(report);
            JsonElement root = json.RootElement;
            if (root.GetProperty("algorithm").GetString() != model.Algorithm)
            {
                throw new InputException($"{where}: is about '{root.GetProperty("algorithm")}' and the model beside it is '{model.Algorithm}'.{Anew}");
            }

            Dictionary<string, double> chosen = Numbers(root.GetProperty("chosen"));
            Dictionary<string, double> leaning = root.TryGetProperty("shortHistories", out JsonElement found) ? Numbers(found) : [];
            return root.GetProperty("dataQuality").TryGetProperty("latest", out JsonElement latest) && latest.ValueKind == JsonValueKind.String
                ? new EarlierRecommender(
                    model,
                    chosen,
                    Array.ConvertAll(ShortHistories.Lengths, length => (float)leaning.GetValueOrDefault(length.ToString(System.Globalization.CultureInfo.InvariantCulture))),
                    latest.GetDateTimeOffset())
                : throw new InputException($"{where}: the earlier model was learned from interactions without times, so that nothing says what is new.{Anew}");
        }
        catch (Exception wrong) when (wrong is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new InputException($"{where}: expected the report that learning wrote beside the model. {wrong.Message}{Anew}");
        }
    }

    /// <summary>What learners go on from, without the parts that are put around a plan.</summary>
    internal EarlierFit On(InteractionSet set)
    {
        IHistoryScorer scorer = _model.Scorer;
        while (scorer is ShortHistoryScorer or ColdItemScorer)
        {
            scorer = scorer is ShortHistoryScorer shorter ? shorter.Inner : ((ColdItemScorer)scorer).Inner;
        }

        // An item that nobody had taken is as good as unknown: nothing was learned of it.
        int[] learned = Array.ConvertAll(ItemsOf(set), item => item >= 0 && _model.Popularity.Weights[item] > 0 ? item : -1);
        long since = Latest.ToUnixTimeMilliseconds();
        return new EarlierFit(scorer, learned, (matrix, user) => matrix.Row(user)[^1].Time > since);
    }

    /// <summary>The earlier model over the items of today.</summary>
    internal IHistoryScorer Scorer(InteractionSet set) => new RenumberedScorer(_model, ItemsOf(set));

    private int[] ItemsOf(InteractionSet set) => [.. set.Items.Ids.Select(id => _model.Items.Find(id))];

    private static Dictionary<string, double> Numbers(JsonElement values) => values.EnumerateObject().ToDictionary(pair => pair.Name, pair => pair.Value.GetDouble(), StringComparer.Ordinal);
}
