using KnowledgePay.Decisions.Recommending.Models;
using KnowledgePay.Learning.Interactions;

namespace KnowledgePay.Learning.Recommenders;

/// <summary>Counts which items follow which, by time where there are timestamps and by the order of the file where not.</summary>
/// <remarks>
/// A pair that is g places apart counts <c>spread^(g−1)</c> up to <see cref="Window"/> places; <c>backward</c> is what a pair against the order counts;
/// a weight is <c>c_ij / (d_j + 10)^damping</c>, then a source's weights are divided by their sum plus <c>shrinkage</c>. <c>decay</c> is how much less the item before the newest says.
/// </remarks>
public sealed class TransitionLearner : IRecommenderLearner
{
    /// <summary>Places between two items of a pair at most.</summary>
    public const int Window = 20;

    public string Algorithm => "transitions";

    public IReadOnlyList<Hyperparameters> Choices(TrainingData data) =>
    [
        Setting(0.8, 0.8, 0.2, 0.2),
        Setting(0.6, 0.6, 0.2, 0.2),
        Setting(0.9, 0.8, 0.5, 0.3),
        Setting(0.95, 0.9, 0.5, 0.4),
        Setting(0.8, 0.6, 0, 0.2),
    ];

    public IHistoryScorer Fit(TrainingData data, Hyperparameters settings)
    {
        InteractionMatrix matrix = data.Matrix;
        double spread = settings["spread"], backward = settings["backward"], damping = settings["damping"], shrinkage = settings.Get("shrinkage", 2);
        var near = new float[Window + 1];
        for (int g = 1; g <= Window; g++)
        {
            near[g] = (float)Math.Pow(spread, g - 1);
        }

        HistoryPlaces places = HistoryPlaces.Of(matrix);
        var rows = new (int[] Items, float[] Weights)[matrix.Items];
        Parallel.For(
            0,
            matrix.Items,
            () => new float[matrix.Items],
            (item, _, counts) =>
            {
                rows[item] = Row(matrix, places, item, counts, near, (float)backward, damping, shrinkage);
                return counts;
            },
            _ => { });
        var starts = new int[matrix.Items + 1];
        for (int i = 0; i < rows.Length; i++)
        {
            starts[i + 1] = starts[i] + rows[i].Items.Length;
        }

        return new TransitionScorer(starts, [.. rows.SelectMany(row => row.Items)], [.. rows.SelectMany(row => row.Weights)], (float)settings["decay"]);
    }

    private static (int[] Items, float[] Weights) Row(
        InteractionMatrix matrix, HistoryPlaces places, int source, float[] counts, float[] near, float backward, double damping, double shrinkage)
    {
        var touched = new List<int>();
        foreach ((int user, int place) in places.Occurrences(source))
        {
            ReadOnlySpan<HistoryEntry> row = matrix.Row(user);
            int last = Math.Min(row.Length - 1, place + Window);
            for (int k = backward > 0 ? Math.Max(0, place - Window) : place + 1; k <= last; k++)
            {
                if (k != place)
                {
                    if (counts[row[k].Item] == 0)
                    {
                        touched.Add(row[k].Item);
                    }

                    counts[row[k].Item] += k > place ? near[k - place] : backward * near[place - k];
                }
            }
        }

        touched.Sort();
        int[] items = [.. touched];
        var weights = new float[items.Length];
        double sum = shrinkage;
        for (int k = 0; k < items.Length; k++)
        {
            sum += counts[items[k]];
        }

        for (int k = 0; k < items.Length; k++)
        {
            weights[k] = (float)(counts[items[k]] / sum * Math.Pow(matrix.Degree(items[k]) + 10, -damping));
            counts[items[k]] = 0;
        }

        return (items, weights);
    }

    private static Hyperparameters Setting(double decay, double spread, double backward, double damping) =>
        Hyperparameters.Of(("decay", decay), ("spread", spread), ("backward", backward), ("damping", damping));
}
