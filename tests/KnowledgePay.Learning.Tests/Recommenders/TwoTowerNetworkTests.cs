using KnowledgePay.Learning.Items;
using KnowledgePay.Learning.Neural;
using KnowledgePay.Learning.Simulation;

namespace KnowledgePay.Learning.Tests.Recommenders;

public sealed class TwoTowerNetworkTests
{
    private const int Items = 9;
    private const int D = 8;

    private static readonly TowerExample[] Batch = [new([0, 2, 5], [1, 7]), new([3], [2]), new([8, 1], [0, 4, 6])];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Every_gradient_agrees_with_finite_differences(bool everything)
    {
        var features = new ItemFeatures([0, 2, 3, 3, 4, 6, 7, 8, 9, 9], [0, 1, 2, 0, 1, 2, 0, 1, 2], [0.6f, 0.8f, 1, 1, 0.8f, 0.6f, 1, 1, 1], 3);
        var network = new TwoTowerNetwork(Items, D, features, SeededRandom.For(4, 1, 0));
        int[] sampled = everything ? [.. Enumerable.Range(0, Items)] : [1, 3, 5, 8];
        float[] corrections = [.. sampled.Select(item => everything ? 0 : -0.1f * (item + 1))];
        TowerGradients gradients = network.Gradients(Batch, sampled, corrections);
        double Loss() => network.Gradients(Batch, sampled, corrections).Loss;

        for (int c = 0; c < gradients.Items.Length; c++)
        {
            Check(network.Outputs.Values, gradients.Items[c] * D, gradients.Vectors.AsSpan(c * D, D), Loss);
            Check(network.OutputBias.Values, gradients.Items[c], gradients.Biases.AsSpan(c, 1), Loss);
        }

        foreach ((int item, float[] gradient) in gradients.Inputs)
        {
            Check(network.Inputs.Values, item * D, gradient, Loss);
        }

        foreach ((int feature, float[] gradient) in gradients.Features)
        {
            Check(network.Features.Values, feature * D, gradient, Loss);
        }

        Check(network.Dense.Values, 0, gradients.Dense, Loss);
        Check(network.DenseBias.Values, 0, gradients.DenseBias, Loss);
        Assert.Equal([0, 1, 2, 3, 5, 8], gradients.Inputs.Keys);
    }

    [Fact]
    public void Steps_lower_the_loss()
    {
        var network = new TwoTowerNetwork(Items, D, null, SeededRandom.For(4, 1, 0));
        int[] all = [.. Enumerable.Range(0, Items)];
        double before = network.Gradients(Batch, all, new float[Items]).Loss;
        for (int step = 0; step < 60; step++)
        {
            network.Step(network.Gradients(Batch, all, new float[Items]), 0.02f, 0);
        }

        Assert.True(network.Gradients(Batch, all, new float[Items]).Loss < 0.5 * before);
    }

    [Fact]
    public void The_rate_warms_up_and_falls_to_nothing()
    {
        float[] rates = [.. Enumerable.Range(0, 1000).Select(step => LearningRate.At(step, 1000, 0.1f))];
        Assert.True(rates[0] < 0.003f && rates[999] < 0.0001f);
        Assert.Equal(0.1f, rates.Max(), 3);
        Assert.InRange(Array.IndexOf(rates, rates.Max()), 45, 55);
    }

    private static void Check(float[] values, int at, ReadOnlySpan<float> gradient, Func<double> loss)
    {
        const float Step = 0.02f;
        for (int k = 0; k < gradient.Length; k++)
        {
            float kept = values[at + k];
            values[at + k] = kept + Step;
            double above = loss();
            values[at + k] = kept - Step;
            double below = loss();
            values[at + k] = kept;
            Assert.Equal((above - below) / (2 * Step), gradient[k], 2e-4);
        }
    }
}
