using KnowledgePay.Learning.BoostedTrees;
using KnowledgePay.Learning.ModelFiles;
using KnowledgePay.Learning.Numerics;

namespace KnowledgePay.Learning.Premium;

/// <summary>A generalised linear model with a log link on binned columns: one coefficient a bin, by iteratively reweighted least squares with an L2 penalty (McCullagh and Nelder 1989).</summary>
/// <remarks>The intercept is not penalised, so that for Poisson, whose canonical link the logarithm is, the predicted total of the rows learned from is the observed one.</remarks>
internal sealed class LogLinkRegression
{
    private const int StepsMax = 30;

    private readonly double[] _coefficients;
    private readonly int[] _offset;

    private LogLinkRegression(double[] coefficients, int[] offset) => (_coefficients, _offset) = (coefficients, offset);

    /// <param name="target">Total by row: claims, or amounts.</param>
    /// <param name="exposure">What it is a total over, above 0 for the rows to learn from.</param>
    /// <param name="power">Variance by mean: 1 for Poisson, 2 for Gamma.</param>
    public static LogLinkRegression Fit(BinnedTable table, int[] learn, double[] target, double[] exposure, int power, double ridge, CancellationToken cancellation)
    {
        int[] offset = Offsets(table.Features);
        double[] coefficients = new double[offset[^1]];
        double total = 0;
        double mass = 0;
        foreach (int row in learn)
        {
            total += target[row];
            mass += exposure[row];
        }

        coefficients[0] = Math.Log(total / mass);
        double last = double.PositiveInfinity;
        int width = table.Features.Count + 1;
        for (int step = 0; step < StepsMax; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            int blocks = 8;
            var parts = new LeastSquares[blocks];
            double[] deviance = new double[blocks];
            Parallel.For(0, blocks, b =>
            {
                var system = new LeastSquares(offset[^1]);
                int[] columns = new int[width];
                double[] ones = new double[width];
                Array.Fill(ones, 1);
                for (int i = (int)((long)b * learn.Length / blocks); i < (int)((long)(b + 1) * learn.Length / blocks); i++)
                {
                    int row = learn[i];
                    double eta = coefficients[0];
                    for (int f = 0; f < table.Features.Count; f++)
                    {
                        columns[f + 1] = offset[f] + table.Codes[f][row];
                        eta += coefficients[columns[f + 1]];
                    }

                    double rate = Math.Exp(eta);
                    double observed = target[row] / exposure[row];
                    double weight = power == 1 ? exposure[row] * rate : exposure[row];
                    deviance[b] += exposure[row] * Deviance(observed, rate, power);
                    system.AddSparse(columns, ones, eta + ((observed - rate) / rate), weight);
                }

                parts[b] = system;
            });
            for (int b = 1; b < blocks; b++)
            {
                parts[0].Add(parts[b]);
            }

            double penalised = deviance.Sum();
            for (int j = 1; j < coefficients.Length; j++)
            {
                penalised += ridge * coefficients[j] * coefficients[j];
            }

            double[] next = parts[0].Solve(ridge, free: 1);
            if (!next.All(double.IsFinite))
            {
                break;
            }

            coefficients = next;
            if (Math.Abs(last - penalised) < 1e-9 * Math.Abs(penalised))
            {
                break;
            }

            last = penalised;
        }

        return new LogLinkRegression(coefficients, offset);
    }

    /// <summary>Logarithm of the expected rate by row.</summary>
    public double[] Predict(BinnedTable table)
    {
        double[] eta = new double[table.Rows];
        Array.Fill(eta, _coefficients[0]);
        for (int f = 0; f < table.Features.Count; f++)
        {
            byte[] codes = table.Codes[f];
            for (int row = 0; row < eta.Length; row++)
            {
                eta[row] += _coefficients[_offset[f] + codes[row]];
            }
        }

        return eta;
    }

    /// <summary>Of one row.</summary>
    public double Predict(ReadOnlySpan<byte> codes)
    {
        double eta = _coefficients[0];
        for (int f = 0; f < codes.Length; f++)
        {
            eta += _coefficients[_offset[f] + codes[f]];
        }

        return eta;
    }

    public void Write(BinaryWriter writer) => writer.WriteArray<double>(_coefficients);

    public static LogLinkRegression Read(BinaryReader reader, IReadOnlyList<FeatureBins> features)
    {
        int[] offset = Offsets(features);
        double[] coefficients = reader.ReadArray<double>();
        return coefficients.Length == offset[^1] ? new LogLinkRegression(coefficients, offset) : throw new FormatException("The coefficients do not fit the columns.");
    }

    /// <summary>Unit deviance of a mean rate.</summary>
    public static double Deviance(double observed, double rate, int power) => power == 1
        ? 2 * ((observed > 0 ? observed * Math.Log(observed / rate) : 0) - (observed - rate))
        : 2 * (((observed - rate) / rate) - Math.Log(observed / rate));

    private static int[] Offsets(IReadOnlyList<FeatureBins> features)
    {
        int[] offset = new int[features.Count + 1];
        offset[0] = 1;
        for (int f = 0; f < features.Count; f++)
        {
            offset[f + 1] = offset[f] + features[f].Codes;
        }

        return offset;
    }
}
