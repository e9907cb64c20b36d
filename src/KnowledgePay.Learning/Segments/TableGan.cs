using KnowledgePay.Learning.Numerics;
using KnowledgePay.Learning.Simulation;

namespace KnowledgePay.Learning.Segments;

/// <summary>A generative adversarial network over the rows of a table (Goodfellow et al. 2014, the non-saturating loss).</summary>
/// <remarks>
/// The generator makes rows like the table's, which fill up groups that are too small to place a centre well. The discriminator, which learns what such rows look like,
/// scores how unlike the rest a row is; a quarter of what it is shown as unlike are rows spread widely around the table's, so that it also knows what the generator never tries. A little noise on what the discriminator sees, fading out, keeps the two from running apart (Arjovsky and Bottou 2017).
/// </remarks>
internal sealed class TableGan
{
    private const int Latent = 8;
    private const int Batch = 128;
    private const double Rate = 1e-3;
    private const double Decay = 1e-4;
    private const double RealTarget = 0.9;
    private const int SpreadRows = Batch / 4;
    private const double SpreadDeviations = 4;

    private readonly NeuralNetwork _generator;
    private readonly NeuralNetwork _discriminator;
    private readonly int _width;

    private TableGan(NeuralNetwork generator, NeuralNetwork discriminator, int width, double loss) =>
        (_generator, _discriminator, _width, DiscriminatorLoss) = (generator, discriminator, width, loss);

    /// <summary>Mean log-loss of the discriminator over the last tenth of training; 0.69 when it cannot tell.</summary>
    public double DiscriminatorLoss { get; }

    public static TableGan Train(DenseMatrix rows, int steps, ulong seed, CancellationToken cancellation)
    {
        SeededRandom random = SeededRandom.For(seed, 0x6A1, 0);
        int hidden = Math.Clamp(4 * rows.Width, 32, 96);
        var generator = new NeuralNetwork([Latent, hidden, hidden, rows.Width], random);
        var discriminator = new NeuralNetwork([rows.Width, hidden, hidden, 1], random);
        double[] real = new double[Batch * rows.Width];
        double[] latent = new double[Batch * Latent];
        double[] gradient = new double[Batch];
        (double[] mean, double[] deviation) = Moments(rows);
        double lossSum = 0;
        int lossCount = 0;
        for (int step = 0; step < steps; step++)
        {
            if ((step & 63) == 0)
            {
                cancellation.ThrowIfCancellationRequested();
            }

            double noise = 0.1 * (1 - ((double)step / steps));
            for (int b = 0; b < Batch; b++)
            {
                rows[random.Next(rows.Rows)].CopyTo(real.AsSpan(b * rows.Width));
            }

            Perturb(real, noise, random);
            discriminator.ClearGradients();
            double loss = Judge(discriminator, real, RealTarget, gradient);
            discriminator.Backward(gradient, Batch);
            Draw(latent, random);
            double[] fake = (double[])generator.Forward(latent, Batch).Clone();
            Perturb(fake, noise, random);
            for (int i = 0; i < SpreadRows * rows.Width; i++)
            {
                fake[i] = mean[i % rows.Width] + (SpreadDeviations * deviation[i % rows.Width] * random.Normal());
            }

            loss += Judge(discriminator, fake, 0, gradient);
            discriminator.Backward(gradient, Batch);
            discriminator.Step(Rate, Decay);
            if (step >= steps - (steps / 10))
            {
                (lossSum, lossCount) = (lossSum + (loss / 2), lossCount + 1);
            }

            Draw(latent, random);
            fake = (double[])generator.Forward(latent, Batch).Clone();
            Perturb(fake, noise, random);
            Judge(discriminator, fake, 1, gradient);
            double[] byInput = discriminator.Backward(gradient, Batch);
            generator.ClearGradients();
            generator.Backward(byInput, Batch);
            generator.Step(Rate, Decay);
        }

        return new TableGan(generator, discriminator, rows.Width, lossCount > 0 ? lossSum / lossCount : double.NaN);
    }

    /// <summary>The discriminator's log-odds that a row is of the table.</summary>
    public double[] Realness(DenseMatrix rows)
    {
        double[] found = new double[rows.Rows];
        for (int start = 0; start < rows.Rows; start += Batch)
        {
            int batch = Math.Min(Batch, rows.Rows - start);
            _discriminator.Forward(rows.Values.AsSpan(start * _width, batch * _width).ToArray(), batch).AsSpan(0, batch).CopyTo(found.AsSpan(start));
        }

        return found;
    }

    public DenseMatrix Sample(int count, ulong seed)
    {
        SeededRandom random = SeededRandom.For(seed, 0x6A1, 1);
        double[] latent = new double[count * Latent];
        Draw(latent, random);
        return new DenseMatrix(count, _width, (double[])_generator.Forward(latent, count).Clone());
    }

    private static (double[] Mean, double[] Deviation) Moments(DenseMatrix rows)
    {
        double[] mean = new double[rows.Width];
        double[] deviation = new double[rows.Width];
        for (int j = 0; j < rows.Width; j++)
        {
            for (int i = 0; i < rows.Rows; i++)
            {
                mean[j] += rows[i][j] / rows.Rows;
            }

            for (int i = 0; i < rows.Rows; i++)
            {
                deviation[j] += (rows[i][j] - mean[j]) * (rows[i][j] - mean[j]) / rows.Rows;
            }

            deviation[j] = Math.Sqrt(deviation[j]);
        }

        return (mean, deviation);
    }

    /// <summary>Mean log-loss against a target, and its gradient by the discriminator's output.</summary>
    private static double Judge(NeuralNetwork discriminator, double[] rows, double target, double[] gradient)
    {
        double[] logits = discriminator.Forward(rows, Batch);
        double loss = 0;
        for (int b = 0; b < Batch; b++)
        {
            double z = logits[b];
            loss += Math.Max(z, 0) + Math.Log(1 + Math.Exp(-Math.Abs(z))) - (target * z);
            gradient[b] = ((1 / (1 + Math.Exp(-z))) - target) / Batch;
        }

        return loss / Batch;
    }

    private static void Draw(double[] values, SeededRandom random)
    {
        foreach (ref double value in values.AsSpan())
        {
            value = random.Normal();
        }
    }

    private static void Perturb(double[] values, double scale, SeededRandom random)
    {
        foreach (ref double value in values.AsSpan())
        {
            value += scale * random.Normal();
        }
    }
}
