using KnowledgePay.Decisions.Recommending.Models;
using KnowledgePay.Learning.Neural;
using KnowledgePay.Learning.Simulation;

namespace KnowledgePay.Learning.Tests.Recommenders;

public sealed class SequenceNetworkTests
{
    private static readonly SequenceShape Shape = new(Items: 11, Dimensions: 16, Heads: 2, Blocks: 2, Window: 5, Inner: 32);

    private static readonly int[][] Sequences = [[0, 3, 1, 7], [5, 2], [9, 8, 10, 6, 4, 0]];

    public static TheoryData<int> Tensors => [.. Enumerable.Range(0, 5 + (2 * SelfAttentionWeights.ArraysOfBlock))];

    [Theory]
    [MemberData(nameof(Tensors))]
    public void Every_gradient_of_every_layer_agrees_with_finite_differences(int tensor)
    {
        (SequenceNetwork network, SequenceShard shard) = Make();
        int[] candidates = [.. Enumerable.Range(0, Shape.Items)];
        Agrees(network, shard, tensor, candidates, 1);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(7)]
    public void So_it_does_where_a_few_items_stand_for_all(int tensor)
    {
        (SequenceNetwork network, SequenceShard shard) = Make();
        Agrees(network, shard, tensor, [1, 4, 5, 8], 2.5f);
    }

    [Fact]
    public void The_scorer_gives_what_learning_sees()
    {
        (SequenceNetwork network, SequenceShard shard) = Make();
        var scorer = new SelfAttentionScorer(network.Copy());
        double expected = 0;
        foreach (int[] sequence in Sequences)
        {
            for (int end = 1; end < sequence.Length; end++)
            {
                var scores = new float[Shape.Items];
                scorer.Score([.. sequence.Take(end).Select((item, at) => new HistoryEntry(item, float.NaN, at))], scores);
                double others = Enumerable.Range(0, Shape.Items).Where(item => !sequence.Take(end).Contains(item)).Sum(item => Math.Exp(scores[item]));
                expected += Math.Log(others) - scores[sequence[end]];
            }
        }

        Assert.Equal(expected, Loss(shard, [.. Enumerable.Range(0, Shape.Items)], 1), 1e-4);
    }

    [Fact]
    public void Only_the_window_counts_and_what_comes_later_says_nothing_of_what_comes_before()
    {
        (SequenceNetwork network, _) = Make();
        var scorer = new SelfAttentionScorer(network.Copy());
        float[] Scores(params int[] items)
        {
            var scores = new float[Shape.Items];
            scorer.Score([.. items.Select((item, at) => new HistoryEntry(item, float.NaN, at))], scores);
            return scores;
        }

        Assert.Equal(Scores(9, 8, 10, 6, 4), Scores(1, 2, 9, 8, 10, 6, 4));
        Assert.NotEqual(Scores(9, 8, 10, 4, 6), Scores(9, 8, 10, 6, 4));
        Assert.Equal(network.Weights.ItemBias, Scores());
    }

    [Fact]
    public void Steps_lower_the_loss_and_dropout_changes_it()
    {
        (SequenceNetwork network, SequenceShard shard) = Make();
        int[] candidates = [.. Enumerable.Range(0, Shape.Items)];
        double before = Loss(shard, candidates, 1);
        shard.Run(Sequences, candidates, 1, 1, SeededRandom.For(2, 2, 2), learns: false);
        Assert.NotEqual(before, shard.Loss);
        for (int step = 0; step < 200; step++)
        {
            shard.Run(Sequences, candidates, 1, shard.Targets, null, learns: true);
            network.Step(shard.Gradients, 0.01f, 0.01f, 1);
        }

        Assert.True(Loss(shard, candidates, 1) < 0.2 * before);
    }

    [Fact]
    public void A_long_gradient_is_cut_to_length()
    {
        (SequenceNetwork network, SequenceShard shard) = Make();
        shard.Run(Sequences, [.. Enumerable.Range(0, Shape.Items)], 1, 1, null, learns: true);
        network.Step(shard.Gradients, 0, 0, 0.5f);
        Assert.Equal(0.5, Math.Sqrt(shard.Gradients.Sum(gradient => gradient.Sum(x => (double)x * x))), 1e-4);
    }

    private static (SequenceNetwork Network, SequenceShard Shard) Make()
    {
        var network = new SequenceNetwork(Shape, new float[Shape.Items], SeededRandom.For(4, 1, 0));

        // Larger than at the start of learning, so that no gradient is lost in rounding.
        var random = SeededRandom.For(4, 2, 0);
        foreach (AdamTensor tensor in network.Tensors)
        {
            for (int k = 0; k < tensor.Values.Length; k++)
            {
                tensor.Values[k] += 0.2f * (float)random.Normal();
            }
        }

        return (network, new SequenceShard(network, Shape, 0.3f));
    }

    private static double Loss(SequenceShard shard, int[] candidates, float weight)
    {
        shard.Run(Sequences, candidates, weight, 1, null, learns: false);
        return shard.Loss;
    }

    private static void Agrees(SequenceNetwork network, SequenceShard shard, int tensor, int[] candidates, float weight)
    {
        const float Step = 0.001f;
        shard.Run(Sequences, candidates, weight, 1, null, learns: true);
        float[] gradient = (float[])shard.Gradients[tensor].Clone(), values = network.Tensors[tensor].Values;
        double length = Math.Sqrt(gradient.Sum(x => (double)x * x));
        for (int k = 0; k < values.Length; k += Math.Max(1, values.Length / 64))
        {
            float kept = values[k];
            values[k] = kept + Step;
            double above = Loss(shard, candidates, weight);
            values[k] = kept - Step;
            double below = Loss(shard, candidates, weight);
            values[k] = kept;
            double difference = (above - below) / (2 * Step);
            Assert.True(Math.Abs(difference - gradient[k]) <= 0.01 + (0.02 * Math.Abs(gradient[k])) + (0.003 * length), $"[{k}]: {gradient[k]} where the loss says {difference}");
        }
    }
}
