using KnowledgePay.Decisions.Recommending.Models;
using KnowledgePay.Learning.Interactions;

namespace KnowledgePay.Learning.Recommenders;

/// <summary>What was taken around a time: each interaction counts <c>2^(−|t−t₀|/halfLife)</c>, so that a course that came or went is known to have.</summary>
/// <remarks>Settings: <c>halfLife</c> in days. Weights are kept for <see cref="Times"/> moments with as many interactions between any two; a score is between the two nearest.</remarks>
public sealed class TrendLearner : IRecommenderLearner
{
    /// <summary>Moments for which there are weights at most.</summary>
    public const int Times = 128;

    /// <summary>Weights at most (200 MB): with more items there are fewer moments.</summary>
    private const int MostWeights = 50_000_000;

    private const double ShortestHalfLife = 0.001;
    private const double Day = 86_400_000;

    public string Algorithm => "trend";

    public IReadOnlyList<Hyperparameters> Choices(TrainingData data)
    {
        (long first, long last) = Span(data.Matrix);
        double days = (last - first) / Day;
        double[] shares = [0.02, 0.005, 0.1];
        return [.. shares.Select(share => Hyperparameters.Of(("halfLife", Math.Max(ShortestHalfLife, Math.Round(days * share, 4)))))];
    }

    public IHistoryScorer Fit(TrainingData data, Hyperparameters settings)
    {
        InteractionMatrix matrix = data.Matrix;
        var entries = new List<HistoryEntry>(matrix.Count);
        foreach (HistoryEntry entry in matrix.Entries)
        {
            if (entry.Time != HistoryEntry.NoTime)
            {
                entries.Add(entry);
            }
        }

        entries.Sort((a, b) => a.Time != b.Time ? a.Time.CompareTo(b.Time) : a.Item.CompareTo(b.Item));
        int most = Math.Clamp(MostWeights / Math.Max(1, matrix.Items), 2, Times);
        long[] times = [.. Enumerable.Range(0, most).Select(k => entries.Count == 0 ? 0 : entries[(int)((long)k * (entries.Count - 1) / (most - 1))].Time).Distinct()];
        var weights = new float[(long)times.Length * matrix.Items];
        double rate = Math.Log(2) / (settings["halfLife"] * Day);

        // What is before a moment, carried forward; what is behind it, carried back.
        Carry(entries, times, rate, weights, matrix.Items, forward: true);
        Carry(entries, times, rate, weights, matrix.Items, forward: false);
        return new TrendScorer(times, weights);
    }

    private static void Carry(List<HistoryEntry> entries, long[] times, double rate, float[] weights, int items, bool forward)
    {
        var sums = new double[items];
        long since = forward ? times[0] : times[^1];
        int next = forward ? 0 : entries.Count - 1;
        for (int k = 0; k < times.Length; k++)
        {
            int t = forward ? k : times.Length - 1 - k;
            double kept = Math.Exp(-rate * Math.Abs(times[t] - since));
            for (int item = 0; item < items; item++)
            {
                sums[item] *= kept;
            }

            since = times[t];
            while (next >= 0 && next < entries.Count && (forward ? entries[next].Time <= since : entries[next].Time > since))
            {
                sums[entries[next].Item] += Math.Exp(-rate * Math.Abs(since - entries[next].Time));
                next += forward ? 1 : -1;
            }

            for (int item = 0; item < items; item++)
            {
                weights[((long)t * items) + item] += (float)sums[item];
            }
        }
    }

    private static (long First, long Last) Span(InteractionMatrix matrix)
    {
        long first = long.MaxValue, last = long.MinValue;
        foreach (HistoryEntry entry in matrix.Entries)
        {
            if (entry.Time != HistoryEntry.NoTime)
            {
                (first, last) = (Math.Min(first, entry.Time), Math.Max(last, entry.Time));
            }
        }

        return last < first ? (0, 0) : (first, last);
    }
}
