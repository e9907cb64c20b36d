using KnowledgePay.Learning.Numerics;
using KnowledgePay.Learning.Segments;
using KnowledgePay.Learning.Simulation;

namespace KnowledgePay.Learning.Tests.Segments;

public sealed class NeuralNetworkTests
{
    private const int Batch = 7;

    [Fact]
    public void Gradients_are_those_of_finite_differences()
    {
        var random = new SeededRandom(3);
        var network = new NeuralNetwork([4, 6, 5, 2], random);
        double[] inputs = [.. Enumerable.Range(0, 4 * Batch).Select(_ => random.Normal())];
        double[] wanted = [.. Enumerable.Range(0, 2 * Batch).Select(_ => random.Normal())];
        double Loss() => network.Forward(inputs, Batch).Zip(wanted, (a, b) => (a - b) * (a - b) / 2).Sum();

        network.ClearGradients();
        double[] outputs = network.Forward(inputs, Batch);
        double[] byInput = network.Backward([.. outputs.Zip(wanted, (a, b) => a - b)], Batch);
        for (int layer = 0; layer < network.Weights.Length; layer++)
        {
            Check(network.Weights[layer], network.WeightGradients[layer], Loss);
            Check(network.Biases[layer], network.BiasGradients[layer], Loss);
        }

        Check(inputs, byInput, Loss);
    }

    [Fact]
    public void A_gan_finds_a_row_unlike_the_table_less_real_than_nearly_all()
    {
        DenseMatrix rows = Points.Blobs(rows: 600, width: 2, clusters: 1, spread: 1, seed: 1);
        for (int j = 0; j < 2; j++)
        {
            double mean = Enumerable.Range(0, rows.Rows).Average(i => rows[i][j]);
            for (int i = 0; i < rows.Rows; i++)
            {
                rows[i][j] -= mean;
            }
        }

        TableGan gan = TableGan.Train(rows, 600, 1, TestContext.Current.CancellationToken);
        double odd = gan.Realness(new DenseMatrix(1, 2, [9, -9]))[0];
        double[] usual = gan.Realness(rows);
        Assert.True(usual.Count(realness => realness > odd) > 0.9 * rows.Rows);
        DenseMatrix made = gan.Sample(500, 2);
        Assert.All(Enumerable.Range(0, 2), j => Assert.InRange(Enumerable.Range(0, 500).Average(i => made[i][j]), -1, 1));
    }

    private static void Check(double[] values, double[] gradient, Func<double> loss)
    {
        const double h = 1e-6;
        for (int i = 0; i < values.Length; i++)
        {
            double kept = values[i];
            values[i] = kept + h;
            double above = loss();
            values[i] = kept - h;
            double below = loss();
            values[i] = kept;
            Assert.Equal((above - below) / (2 * h), gradient[i], 1e-5);
        }
    }
}
