using KnowledgePay.Decisions.Recommending.Models;
using KnowledgePay.Learning.Interactions;
using KnowledgePay.Learning.ModelFiles;
using KnowledgePay.Learning.Ranking;
using KnowledgePay.Learning.Ratings;

namespace KnowledgePay.Learning.Recommenders;

/// <summary>A learned recommender with the ids of its items.</summary>
public sealed class RecommenderModel
{
    public const string Kind = "recommender";

    /// <summary>Newest format that is read; the one that is written.</summary>
    public const int FormatVersion = 1;

    public RecommenderModel(string algorithm, IdTable items, IHistoryScorer scorer, PopularityScorer popularity, RatingModel? ratings = null)
    {
        if (scorer.Items != items.Count || popularity.Items != items.Count)
        {
            throw new ArgumentException($"The scorer ranks {scorer.Items} items and there are {items.Count} ids.");
        }

        if (ratings is not null && ratings.Posterior.Items != items.Count)
        {
            throw new ArgumentException($"Ratings are of {ratings.Posterior.Items} items and there are {items.Count} ids.");
        }

        (Algorithm, Items, Scorer, Popularity, Ratings) = (algorithm, items, scorer, popularity, ratings);
        TieOrder = TopItems.OrderByPopularity(popularity.Weights);
    }

    public string Algorithm { get; }

    public IdTable Items { get; }

    public IHistoryScorer Scorer { get; }

    /// <summary>What a person without a history gets, and what decides ties.</summary>
    public PopularityScorer Popularity { get; }

    /// <summary>Predicts ratings; null when the algorithm does not learn any, or there were none.</summary>
    public RatingModel? Ratings { get; }

    /// <summary>Place of each item among items of the same score.</summary>
    public int[] TieOrder { get; }

    /// <summary>A score for every item; by popularity when the history is empty.</summary>
    public void Score(ReadOnlySpan<HistoryEntry> history, Span<float> scores) => (history.IsEmpty ? Popularity : Scorer).Score(history, scores);

    public void Save(string directory) => ModelFile.Write(directory, Kind, FormatVersion, Algorithm, writer =>
    {
        writer.WriteTexts(Items.Ids);
        ScorerFormat.Write(writer, Popularity);
        ScorerFormat.Write(writer, Scorer);
        writer.Write(Ratings is not null);
        Ratings?.Write(writer);
    });

    /// <exception cref="Files.InputException">There is no such model, or it cannot be used.</exception>
    public static RecommenderModel Load(string directory) => ModelFile.Read(directory, Kind, FormatVersion, static (reader, _, algorithm) =>
    {
        var items = new IdTable(reader.ReadTexts());
        var popularity = (PopularityScorer)ScorerFormat.Read(reader);
        return new RecommenderModel(algorithm, items, ScorerFormat.Read(reader), popularity, reader.ReadBoolean() ? RatingModel.Read(reader) : null);
    });
}
