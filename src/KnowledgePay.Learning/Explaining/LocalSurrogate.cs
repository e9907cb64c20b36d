using KnowledgePay.Decisions.Offers;
using KnowledgePay.Decisions.Scoring;
using KnowledgePay.Learning.Numerics;
using KnowledgePay.Learning.Risk;

namespace KnowledgePay.Learning.Explaining;

/// <summary>A local explanation by LIME (Ribeiro et al. 2016).</summary>
/// <param name="Base">Log-odds of the surrogate with every feature away.</param>
/// <param name="Contributions">By feature, in log-odds; with <paramref name="Base"/> they add up to the model's log-odds at the row.</param>
/// <param name="Fit">Weighted R² of the surrogate around the row, at most 1.</param>
/// <param name="Stability">Mean correlation of the contributions between runs of different draws, −1 to 1.</param>
public sealed record LocalExplanation(double Base, IReadOnlyList<double> Contributions, double Fit, double Stability);

/// <summary>Explains a row by a linear model of which features keep the row's value and which take another as spread in training.</summary>
/// <remarks>The kernel is exponential in the share of features that change. The surrogate goes through the row itself, so that contributions add up.</remarks>
public static class LocalSurrogate
{
    private const double KernelWidth = 0.5;
    private const int Runs = 3;

    /// <param name="samples">Draws in each of three runs.</param>
    public static LocalExplanation Explain(RiskModel model, ReadOnlySpan<double> row, ulong seed, int samples = 0)
    {
        int width = row.Length;
        samples = samples > 0 ? samples : Math.Clamp(40 * width, 400, 2000);
        double own = model.Scorer.LogOdds(row);
        var runs = new double[Runs][];
        double fit = 0;
        double @base = 0;
        var contributions = new double[width];
        for (int run = 0; run < Runs; run++)
        {
            (runs[run], double r2) = Run(model, row, own, samples, new SeededRandom(seed, (ulong)run));
            fit += r2 / Runs;
            for (int i = 0; i < width; i++)
            {
                contributions[i] += runs[run][i] / Runs;
            }
        }

        @base = own;
        foreach (double contribution in contributions)
        {
            @base -= contribution;
        }

        double stability = 0;
        for (int a = 0; a < Runs; a++)
        {
            for (int b = a + 1; b < Runs; b++)
            {
                stability += Correlation(runs[a], runs[b]) / (Runs * (Runs - 1) / 2);
            }
        }

        return new LocalExplanation(@base, contributions, fit, stability);
    }

    /// <summary>Weighted ridge regression of f(z) − f(row) on which features changed, without intercept: the row is where nothing changed.</summary>
    private static (double[] Contributions, double R2) Run(RiskModel model, ReadOnlySpan<double> row, double own, int samples, SeededRandom random)
    {
        int width = row.Length;
        var gram = new double[width * width];
        var right = new double[width];
        var changes = new bool[samples][];
        var answers = new double[samples];
        var weights = new double[samples];
        var other = new double[width];
        for (int sample = 0; sample < samples; sample++)
        {
            bool[] changed = changes[sample] = new bool[width];
            double share = random.NextDouble();
            int count = 0;
            for (int i = 0; i < width; i++)
            {
                changed[i] = random.NextDouble() < share;
                other[i] = changed[i] ? MarginalDraw.Of(model.Marginals[i], ref random) : row[i];
                count += changed[i] ? 1 : 0;
            }

            double distance = (double)count / width;
            weights[sample] = Math.Exp(-distance * distance / (KernelWidth * KernelWidth));
            answers[sample] = model.Scorer.LogOdds(other) - own;
            for (int i = 0; i < width; i++)
            {
                if (!changed[i])
                {
                    continue;
                }

                right[i] += weights[sample] * answers[sample];
                for (int k = i; k < width; k++)
                {
                    gram[(i * width) + k] += changed[k] ? weights[sample] : 0;
                }
            }
        }

        for (int i = 0; i < width; i++)
        {
            gram[(i * width) + i] += 1;
        }

        Cholesky.SolveUpper(gram, width, right);
        double weight = weights.Sum();
        double mean = answers.Select((answer, i) => answer * weights[i]).Sum() / weight;
        double residual = 0;
        double total = 0;
        for (int sample = 0; sample < samples; sample++)
        {
            double said = 0;
            for (int i = 0; i < width; i++)
            {
                said += changes[sample][i] ? right[i] : 0;
            }

            residual += weights[sample] * (answers[sample] - said) * (answers[sample] - said);
            total += weights[sample] * (answers[sample] - mean) * (answers[sample] - mean);
        }

        // The coefficient is what a change does; what the row's own value does is its opposite.
        return ([.. right.Select(change => -change)], total > 0 ? 1 - (residual / total) : 1);
    }

    private static double Correlation(double[] a, double[] b)
    {
        double meanA = a.Average();
        double meanB = b.Average();
        double ab = 0;
        double aa = 0;
        double bb = 0;
        for (int i = 0; i < a.Length; i++)
        {
            ab += (a[i] - meanA) * (b[i] - meanB);
            aa += (a[i] - meanA) * (a[i] - meanA);
            bb += (b[i] - meanB) * (b[i] - meanB);
        }

        return aa > 0 && bb > 0 ? ab / Math.Sqrt(aa * bb) : 1;
    }
}
