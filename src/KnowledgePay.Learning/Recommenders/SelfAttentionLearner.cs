using KnowledgePay.Decisions.Recommending.Models;
using KnowledgePay.Learning.Interactions;
using KnowledgePay.Learning.Neural;
using KnowledgePay.Learning.Simulation;

namespace KnowledgePay.Learning.Recommenders;

/// <summary>A small self-attentive sequence model (Kang and McAuley 2018) with a softmax over the items instead of one sampled negative.</summary>
/// <remarks>
/// Settings: <c>dimensions</c>, <c>blocks</c>, <c>heads</c>, <c>dropout</c>, <c>rate</c> (peak; warm-up and cosine), <c>decay</c> (AdamW), <c>epochs</c> at most.
/// Some histories are not learned from: when their loss has not become less for a few epochs, learning ends and the best weights are taken.
/// Up to <see cref="MostExact"/> items the softmax is over all of them; beyond, over <see cref="Sampled"/> of them drawn anew each step. Batches are cut into a fixed number of parts whose gradients are added in a fixed order,
/// so that threads do not change the result.
/// </remarks>
public sealed class SelfAttentionLearner(Action<string>? progress = null) : IRefittingLearner
{
    /// <summary>Items up to which nothing is sampled.</summary>
    public const int MostExact = 2500;

    /// <summary>Items that are drawn beyond. Of 5,000 items four times as many were no better, and took four times as long.</summary>
    public const int Sampled = 1024;

    /// <summary>Latest items of a history that are looked at.</summary>
    public const int Window = 50;

    /// <summary>Items learned from in an epoch at most, by the latest of as many people.</summary>
    public const int MostRows = 2_000_000;

    private const int RowsOfAllEpochs = 12_000_000, FewestEpochs = 8, MostEpochs = 30;
    private const int Shards = 4;
    private const int RowsOfBatch = 2048;
    private const int Patience = 4;
    private const double HeldOutShare = 0.05;
    private const int MostHeldOut = 2000;
    private const float LongestStep = 1;

    /// <summary>Of a refit: share of the epochs that learning anew takes.</summary>
    private const double RefitEpochs = 0.2;

    public string Algorithm => "self-attention";

    /// <summary>
    /// One: more or less dropout did worse on what was looked at, and a second block no better, while it costs a decision three times as much. The more there is, the fewer times it is gone through.
    /// </summary>
    public IReadOnlyList<Hyperparameters> Choices(TrainingData data) =>
    [
        Hyperparameters.Of(
            ("dimensions", 64), ("blocks", 1), ("heads", 2), ("dropout", 0.3), ("rate", 0.003), ("decay", 0.01),
            ("epochs", Math.Clamp(RowsOfAllEpochs / Math.Max(1, data.Matrix.Count), FewestEpochs, MostEpochs))),
    ];

    public IHistoryScorer Fit(TrainingData data, Hyperparameters settings)
    {
        var random = SeededRandom.For(data.Seed, 0x53656C66, 0);
        SequenceShape shape = ShapeOf(data.Matrix, settings);
        var network = new SequenceNetwork(shape, ItemBias(data.Matrix), random);
        int[] users = [.. Enumerable.Range(0, data.Matrix.Users).Where(user => data.Matrix.RowLength(user) >= 2)];
        random.Shuffle<int>(users);
        return Learn(data, network, shape, users, settings, random);
    }

    public IHistoryScorer Refit(TrainingData data, Hyperparameters settings, EarlierFit earlier)
    {
        SequenceShape shape = ShapeOf(data.Matrix, settings);
        if (earlier.Scorer is not SelfAttentionScorer { Weights: { } weights } || new SequenceShape(shape.Items, weights.Dimensions, weights.Heads, weights.Blocks.Length, weights.Window, weights.Inner) != shape)
        {
            return Fit(data, settings);
        }

        var random = SeededRandom.For(data.Seed, 0x52656669, 0);
        var network = new SequenceNetwork(shape, ItemBias(data.Matrix), random);
        network.StartFrom(weights, earlier, data.Matrix);
        return Learn(data, network, shape, earlier.Learners(data.Matrix, random), EarlierFit.Shorter(settings, RefitEpochs), random);
    }

    private static SequenceShape ShapeOf(InteractionMatrix matrix, Hyperparameters settings)
    {
        int d = (int)settings["dimensions"];
        return new SequenceShape(matrix.Items, d, (int)settings["heads"], (int)settings["blocks"], Window, 2 * d);
    }

    private SelfAttentionScorer Learn(TrainingData data, SequenceNetwork network, SequenceShape shape, int[] users, Hyperparameters settings, SeededRandom random)
    {
        InteractionMatrix matrix = data.Matrix;
        (List<int[]> learned, List<int[]> heldOut) = Sequences(matrix, users);
        SequenceShard[] shards = [.. Enumerable.Range(0, Shards).Select(_ => new SequenceShard(network, shape, (float)settings["dropout"]))];
        int epochs = (int)settings["epochs"];
        long steps = (long)epochs * Math.Max(1, (learned.Sum(sequence => sequence.Length - 1) + RowsOfBatch - 1) / RowsOfBatch), step = 0;
        SelfAttentionWeights best = network.Copy();
        double least = double.PositiveInfinity;
        for (int epoch = 0, since = 0; epoch < epochs && since < Patience; epoch++)
        {
            random.Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(learned));
            double loss = 0;
            long rows = 0;
            foreach (List<int[]> batch in Batches(learned))
            {
                (double own, int count) = Run(shards, batch, Candidates(matrix.Items, random), SeededRandom.For(data.Seed, 0x44726F70, (ulong)step), network, settings, LearningRate.At(Math.Min(step, steps), steps, (float)settings["rate"]));
                (loss, rows, step) = (loss + own, rows + count, step + 1);
            }

            double held = heldOut.Count == 0 ? loss / Math.Max(1, rows) : Look(shards, heldOut, matrix.Items, data.Seed);
            progress?.Invoke(FormattableString.Invariant($"{Algorithm}: epoch {epoch + 1} of {epochs}: loss {loss / Math.Max(1, rows):F4}, of held-out histories {held:F4}"));
            since++;
            if (held < least)
            {
                (least, best, since) = (held, network.Copy(), 0);
            }
        }

        return new SelfAttentionScorer(best);
    }

    private static (double Loss, int Rows) Run(
        SequenceShard[] shards, List<int[]> batch, (int[] Items, float Weight) candidates, SeededRandom random, SequenceNetwork network, Hyperparameters settings, float rate)
    {
        int rows = batch.Sum(sequence => sequence.Length - 1);
        ulong[] seeds = [.. shards.Select(_ => random.NextUInt64())];
        Parallel.For(0, shards.Length, s => shards[s].Run(Part(batch, s), candidates.Items, candidates.Weight, rows, new SeededRandom(seeds[s]), learns: true));
        float[][] sum = shards[0].Gradients;
        Parallel.For(0, sum.Length, t =>
        {
            for (int s = 1; s < shards.Length; s++)
            {
                System.Numerics.Tensors.TensorPrimitives.Add<float>(sum[t], shards[s].Gradients[t], sum[t]);
            }
        });
        network.Step(sum, rate, (float)settings["decay"], LongestStep);
        return (shards.Sum(shard => shard.Loss), rows);
    }

    /// <summary>The mean loss of histories that are not learned from, without dropout.</summary>
    private static double Look(SequenceShard[] shards, List<int[]> heldOut, int items, ulong seed)
    {
        (int[] candidates, float weight) = Candidates(items, SeededRandom.For(seed, 0x4C6F6F6B, 0));
        double loss = 0;
        long rows = 0;
        foreach (List<int[]> batch in Batches(heldOut))
        {
            Parallel.For(0, shards.Length, s => shards[s].Run(Part(batch, s), candidates, weight, 1, null, learns: false));
            loss += shards.Sum(shard => shard.Loss);
            rows += shards.Sum(shard => shard.Targets);
        }

        return loss / Math.Max(1, rows);
    }

    private static int[][] Part(List<int[]> batch, int shard) => [.. batch.Where((_, at) => at % Shards == shard)];

    private static IEnumerable<List<int[]>> Batches(List<int[]> sequences)
    {
        var batch = new List<int[]>();
        int rows = 0;
        foreach (int[] sequence in sequences)
        {
            batch.Add(sequence);
            rows += sequence.Length - 1;
            if (rows >= RowsOfBatch)
            {
                yield return batch;
                (batch, rows) = ([], 0);
            }
        }

        if (rows > 0)
        {
            yield return batch;
        }
    }

    /// <summary>Histories in pieces of the window and what follows; every item but the first of a history is found once.</summary>
    /// <param name="users">In a random order.</param>
    private static (List<int[]> Learned, List<int[]> HeldOut) Sequences(InteractionMatrix matrix, int[] users)
    {
        int held = Math.Min(MostHeldOut, (int)(users.Length * HeldOutShare));
        List<int[]> learned = [], heldOut = [];
        long rows = 0;
        for (int at = 0; at < users.Length && rows < MostRows; at++)
        {
            ReadOnlySpan<HistoryEntry> row = matrix.Row(users[at]);
            for (int end = row.Length; end >= 2; end -= Window)
            {
                var piece = new int[Math.Min(end, Window + 1)];
                for (int k = 0; k < piece.Length; k++)
                {
                    piece[k] = row[end - piece.Length + k].Item;
                }

                (at < held ? heldOut : learned).Add(piece);
                rows += piece.Length - 1;
            }
        }

        return (learned, heldOut);
    }

    private static (int[] Items, float Weight) Candidates(int items, SeededRandom random)
    {
        int[] all = [.. Enumerable.Range(0, items)];
        if (items <= MostExact)
        {
            return (all, 1);
        }

        for (int k = 0; k < Sampled; k++)
        {
            int other = k + random.Next(items - k);
            (all[k], all[other]) = (all[other], all[k]);
        }

        return ([.. all.Take(Sampled).Order()], (float)items / Sampled);
    }

    private static float[] ItemBias(InteractionMatrix matrix)
    {
        var bias = new float[matrix.Items];
        double mean = (double)matrix.Count / matrix.Items;
        for (int item = 0; item < bias.Length; item++)
        {
            bias[item] = (float)Math.Log((matrix.Degree(item) + 1) / (mean + 1));
        }

        return bias;
    }
}
