using KnowledgePay.Decisions.Recommending.Models;
using KnowledgePay.Learning.Interactions;
using KnowledgePay.Learning.Neural;
using KnowledgePay.Learning.Simulation;

namespace KnowledgePay.Learning.Recommenders;

/// <summary>Two towers by sampled softmax: a part of each history is shown, and the rest has to be found among all items.</summary>
/// <remarks>
/// Settings: <c>dimensions</c>, <c>epochs</c>, <c>rate</c> (peak; warm-up and cosine), <c>decay</c> (AdamW), <c>hidden</c> (share of a history that has to be found).
/// Up to <see cref="MostExact"/> items the softmax is over all of them; beyond, over as many drawn by the square root of popularity and corrected for it. Threads do not change the result.
/// </remarks>
public sealed class TwoTowerLearner : IRefittingLearner
{
    /// <summary>Items up to which nothing is sampled, and the sample beyond.</summary>
    public const int MostExact = 3000;

    private const int Batch = 128;

    /// <summary>Of a refit: share of the epochs that learning anew takes.</summary>
    private const double RefitEpochs = 0.25;

    public string Algorithm => "two-tower";

    public IReadOnlyList<Hyperparameters> Choices(TrainingData data) =>
        [Hyperparameters.Of(("dimensions", 64), ("epochs", 12), ("rate", 0.005), ("decay", 0.02), ("hidden", 0.4))];

    public IHistoryScorer Fit(TrainingData data, Hyperparameters settings)
    {
        var random = SeededRandom.For(data.Seed, 0x546F776572, 0);
        var network = new TwoTowerNetwork(data.Matrix.Items, (int)settings["dimensions"], data.Features, random);
        return Learn(data, network, [.. Enumerable.Range(0, data.Matrix.Users).Where(user => data.Matrix.RowLength(user) >= 2)], settings, random);
    }

    /// <summary>An item's vector goes on as it is, with what its features gave to it; a new item starts among those that its takers took.</summary>
    public IHistoryScorer Refit(TrainingData data, Hyperparameters settings, EarlierFit earlier)
    {
        if (earlier.Scorer is not TwoTowerScorer towers || towers.Dimensions != (int)settings["dimensions"])
        {
            return Fit(data, settings);
        }

        var random = SeededRandom.For(data.Seed, 0x52656669, 1);
        var network = new TwoTowerNetwork(data.Matrix.Items, towers.Dimensions, null, random);
        network.StartFrom(towers, earlier, data.Matrix);
        return Learn(data, network, earlier.Learners(data.Matrix, random), EarlierFit.Shorter(settings, RefitEpochs), random);
    }

    private static TwoTowerScorer Learn(TrainingData data, TwoTowerNetwork network, int[] users, Hyperparameters settings, SeededRandom random)
    {
        InteractionMatrix matrix = data.Matrix;
        var sampler = new ItemSampler(matrix, random);
        int epochs = (int)settings["epochs"], batches = (users.Length + Batch - 1) / Batch;
        for (int epoch = 0; epoch < epochs; epoch++)
        {
            random.Shuffle<int>(users);
            for (int b = 0; b < batches; b++)
            {
                TowerExample[] batch = [.. users.Skip(b * Batch).Take(Batch).Select(user => Split(matrix.Row(user), settings["hidden"], random))];
                (int[] sampled, float[] corrections) = sampler.Draw();
                float rate = LearningRate.At(((long)epoch * batches) + b, (long)epochs * batches, (float)settings["rate"]);
                network.Step(network.Gradients(batch, sampled, corrections), rate, (float)settings["decay"]);
            }
        }

        return network.Scorer();
    }

    private static TowerExample Split(ReadOnlySpan<HistoryEntry> row, double hidden, SeededRandom random)
    {
        var items = new int[row.Length];
        for (int k = 0; k < items.Length; k++)
        {
            items[k] = row[k].Item;
        }

        int targets = Math.Clamp((int)Math.Round(items.Length * hidden), 1, items.Length - 1);
        for (int k = 0; k < targets; k++)
        {
            int other = k + random.Next(items.Length - k);
            (items[k], items[other]) = (items[other], items[k]);
        }

        return new TowerExample(items[targets..], items[..targets]);
    }

    /// <summary>Draws the items that stand for all others.</summary>
    private sealed class ItemSampler
    {
        private readonly SeededRandom _random;
        private readonly double[] _cumulative;
        private readonly int[] _all;

        public ItemSampler(InteractionMatrix matrix, SeededRandom random)
        {
            _random = random;
            _all = [.. Enumerable.Range(0, matrix.Items)];
            _cumulative = new double[matrix.Items];
            double sum = 0;
            for (int item = 0; item < _cumulative.Length; item++)
            {
                _cumulative[item] = sum += Math.Sqrt(matrix.Degree(item) + 1);
            }
        }

        public (int[] Items, float[] Corrections) Draw()
        {
            if (_all.Length <= MostExact)
            {
                return (_all, new float[_all.Length]);
            }

            double total = _cumulative[^1];
            var drawn = new SortedSet<int>();
            for (int k = 0; k < MostExact; k++)
            {
                int at = Array.BinarySearch(_cumulative, _random.NextDouble() * total);
                drawn.Add(Math.Min(_all.Length - 1, at < 0 ? ~at : at + 1));
            }

            int[] items = [.. drawn];

            // An item that is drawn several times is there once: the correction is its chance to be there at all.
            return (items, Array.ConvertAll(items, item =>
            {
                double chance = (_cumulative[item] - (item == 0 ? 0 : _cumulative[item - 1])) / total;
                return (float)Math.Log(1 - Math.Pow(1 - chance, MostExact));
            }));
        }
    }
}
