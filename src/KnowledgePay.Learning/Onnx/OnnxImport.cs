using KnowledgePay.Decisions.Recommending.Models;
using KnowledgePay.Learning.Files;
using KnowledgePay.Learning.Interactions;
using KnowledgePay.Learning.Recommenders;
using Microsoft.ML.OnnxRuntime;

namespace KnowledgePay.Learning.Onnx;

/// <summary>Takes an ONNX ranking model in, once it was seen to work.</summary>
public static class OnnxImport
{
    public const string Algorithm = "onnx";

    private static readonly int[] Lengths = [1, 2, 100];

    /// <param name="path">The ONNX file.</param>
    /// <param name="itemsPath">A CSV with a column <c>item</c>: the ids in the model's order.</param>
    /// <exception cref="InputException">The model or its list cannot be used, or the model gave other than finite, repeatable scores; the message says what was expected.</exception>
    public static RecommenderModel Read(string path, string itemsPath)
    {
        IdTable items = Items(itemsPath);
        byte[] bytes;
        try
        {
            if (new FileInfo(path) is { Exists: true, Length: > OnnxScorer.LargestBytes } large)
            {
                throw new InputException($"{path}: the model has {large.Length} bytes; expected at most {OnnxScorer.LargestBytes}.");
            }

            bytes = File.ReadAllBytes(path);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{path}: cannot be read. {refused.Message}");
        }

        OnnxScorer scorer = OnnxScorer.Load(bytes, path, items.Count);
        Try(scorer, path);
        return new RecommenderModel(Algorithm, items, scorer, new PopularityScorer(new float[items.Count]));
    }

    /// <summary>Runs it on histories of several lengths, each twice.</summary>
    private static void Try(OnnxScorer scorer, string path)
    {
        float[] scores = new float[scorer.Items], again = new float[scorer.Items];
        foreach (int length in Lengths)
        {
            HistoryEntry[] history = [.. Enumerable.Range(0, Math.Min(length, scorer.Items)).Select(k => new HistoryEntry((k * 7) % scorer.Items, float.NaN, HistoryEntry.NoTime)).DistinctBy(entry => entry.Item)];
            try
            {
                scorer.Score(history, scores);
                scorer.Score(history, again);
            }
            catch (Exception failed) when (failed is OnnxRuntimeException or InvalidOperationException)
            {
                throw new InputException($"{path}: the model does not run on a history of {history.Length}. {failed.Message}");
            }

            int wrong = Array.FindIndex(scores, score => !float.IsFinite(score));
            if (wrong >= 0)
            {
                throw new InputException($"{path}: for a history of {history.Length} the model gives item {wrong} the score {scores[wrong]}; expected finite numbers.");
            }

            if (!scores.AsSpan().SequenceEqual(again))
            {
                throw new InputException($"{path}: for the same history the model gives other scores the second time; expected the same. Was it exported in evaluation mode, without dropout?");
            }
        }
    }

    private static IdTable Items(string path)
    {
        using InputFile file = InputFile.Open(path);
        var csv = new CsvReader(file.Content, file.Name);
        int column = csv.IndexOf("item");
        if (column < 0)
        {
            throw new InputException(file.Name, 1, 1, $"there is no column 'item'; expected the ids in the model's order and found {string.Join(",", csv.Header)}.");
        }

        var items = new IdTable();
        for (int row = 0; csv.Read(); row++)
        {
            if (csv.IsMissing(column))
            {
                throw csv.Wrong(column, "the item is missing; expected an id.");
            }

            int ordinal = items.Add(csv.Text(column));
            if (ordinal != row)
            {
                throw csv.Wrong(column, $"the item '{csv.Text(column)}' stands twice; expected each once, in the model's order.");
            }
        }

        return items.Count > 0 ? items : throw new InputException(file.Name, 2, 1, "there are no items; expected the ids in the model's order.");
    }
}
