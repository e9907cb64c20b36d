using KnowledgePay.Learning.Simulation;

namespace KnowledgePay.Learning.Uplift;

/// <summary>An estimate with the middle 95 % of its bootstrap.</summary>
public readonly record struct UpliftEstimate(double Value, double Low, double High, double Deviation);

/// <summary>How much is gained by treating those first whom a score puts first.</summary>
/// <remarks>
/// Rows by falling score; for the first share φ of them, q(φ) = (Y₁(φ) − Y₀(φ)·N₁(φ)/N₀(φ)) / N₁ with outcomes Y and numbers N of treated (1) and control (0) among
/// them, and N₁ all the treated: what is gained per person when that share is treated (Radcliffe 2007). The Qini coefficient is the area between q and the straight line from 0 to q(1), which
/// a random order gives; rows of equal score are taken together. Reported × 100.
/// </remarks>
internal static class QiniCurve
{
    public const int Replicates = 500;

    public static double Coefficient(ReadOnlySpan<double> score, ReadOnlySpan<bool> treated, ReadOnlySpan<double> outcome)
    {
        double[] keys = score.ToArray();
        int[] order = [.. Enumerable.Range(0, keys.Length)];
        Array.Sort(keys, order);
        return Coefficient(keys, order, treated, outcome, null);
    }

    /// <summary>Difference of mean outcomes among the share of rows with the highest scores.</summary>
    public static double At(double share, ReadOnlySpan<double> score, ReadOnlySpan<bool> treated, ReadOnlySpan<double> outcome)
    {
        double[] keys = score.ToArray();
        int[] order = [.. Enumerable.Range(0, keys.Length)];
        Array.Sort(keys, order);
        return At(share, keys, order, treated, outcome, null);
    }

    /// <summary>Both with bootstrap intervals over rows.</summary>
    public static (UpliftEstimate Qini, UpliftEstimate AtShare) Intervals(double share, double[] score, bool[] treated, double[] outcome, ulong seed)
    {
        double[] keys = [.. score];
        int[] order = [.. Enumerable.Range(0, keys.Length)];
        Array.Sort(keys, order);
        double[] qini = new double[Replicates];
        double[] at = new double[Replicates];
        Parallel.For(0, Replicates, b =>
        {
            SeededRandom random = SeededRandom.For(seed, 0x0141, (ulong)b);
            int[] times = new int[score.Length];
            for (int i = 0; i < times.Length; i++)
            {
                times[random.Next(times.Length)]++;
            }

            qini[b] = Coefficient(keys, order, treated, outcome, times);
            at[b] = At(share, keys, order, treated, outcome, times);
        });
        return (Estimate(Coefficient(keys, order, treated, outcome, null), qini), Estimate(At(share, keys, order, treated, outcome, null), at));
    }

    private static UpliftEstimate Estimate(double value, double[] samples)
    {
        Array.Sort(samples);
        double mean = samples.Average();
        return new UpliftEstimate(
            value, samples[(int)(0.025 * samples.Length)], samples[(int)(0.975 * samples.Length) - 1], Math.Sqrt(samples.Average(s => (s - mean) * (s - mean))));
    }

    private static double Coefficient(double[] keys, int[] order, ReadOnlySpan<bool> treated, ReadOnlySpan<double> outcome, int[]? times)
    {
        double n = 0, allTreated = 0;
        for (int i = 0; i < order.Length; i++)
        {
            double w = times?[i] ?? 1;
            n += w;
            allTreated += treated[i] ? w : 0;
        }

        double y1 = 0, y0 = 0, n1 = 0, n0 = 0, seen = 0, area = 0, before = 0, gain = 0;
        for (int at = order.Length - 1; at >= 0;)
        {
            double key = keys[at];
            double from = seen;
            for (; at >= 0 && keys[at] == key; at--)
            {
                int i = order[at];
                double w = times?[i] ?? 1;
                seen += w;
                if (treated[i])
                {
                    (n1, y1) = (n1 + w, y1 + (w * outcome[i]));
                }
                else
                {
                    (n0, y0) = (n0 + w, y0 + (w * outcome[i]));
                }
            }

            gain = n0 > 0 ? (y1 - (y0 * n1 / n0)) / allTreated : before;
            area += (before + gain) / 2 * (seen - from) / n;
            before = gain;
        }

        return area - (gain / 2);
    }

    private static double At(double share, double[] keys, int[] order, ReadOnlySpan<bool> treated, ReadOnlySpan<double> outcome, int[]? times)
    {
        double n = times?.Sum() ?? order.Length;
        double y1 = 0, y0 = 0, n1 = 0, n0 = 0, seen = 0;
        for (int at = order.Length - 1; at >= 0 && seen < share * n;)
        {
            // Rows of equal score are taken by the share of them that is still wanted.
            double key = keys[at];
            double g1 = 0, g0 = 0, m1 = 0, m0 = 0;
            for (; at >= 0 && keys[at] == key; at--)
            {
                int i = order[at];
                double w = times?[i] ?? 1;
                if (treated[i])
                {
                    (m1, g1) = (m1 + w, g1 + (w * outcome[i]));
                }
                else
                {
                    (m0, g0) = (m0 + w, g0 + (w * outcome[i]));
                }
            }

            double part = m1 + m0 > 0 ? Math.Min(1, ((share * n) - seen) / (m1 + m0)) : 0;
            (y1, y0, n1, n0, seen) = (y1 + (part * g1), y0 + (part * g0), n1 + (part * m1), n0 + (part * m0), seen + (part * (m1 + m0)));
        }

        return n1 > 0 && n0 > 0 ? (y1 / n1) - (y0 / n0) : 0;
    }
}
