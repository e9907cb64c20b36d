using System.Globalization;
using KnowledgePay.Learning.Files;
using KnowledgePay.Learning.Simulation;

namespace KnowledgePay.Learning.OffPolicy;

/// <summary>An estimate of a policy's mean reward with the middle 95 % of its bootstrap.</summary>
public readonly record struct PolicyValue(double Value, double Low, double High, double StandardError);

/// <summary>What a policy would have earned, from another's log.</summary>
/// <param name="EffectiveSampleSize">(Σw)²/Σw²: as many rows of the policy's own would say as much.</param>
/// <param name="MeanWeight">Near 1 when the propensities are right and the log covers what the policy does.</param>
/// <param name="DirectMethod">Null, as <paramref name="DoublyRobust"/>, when only the probabilities of taken actions are known.</param>
public sealed record PolicyEvaluation(
    int Rows, int Actions, double LoggingValue, double EffectiveSampleSize, double MeanWeight, double LargestWeight, double ZeroWeightShare,
    PolicyValue InversePropensity, PolicyValue SelfNormalised, PolicyValue? DirectMethod, PolicyValue? DoublyRobust)
{
    /// <summary>Below this many effective rows an estimate says nothing.</summary>
    public const double DefaultLeastEffective = 30;

    private const int Replicates = 1000;

    /// <summary>
    /// Inverse propensity scoring (Horvitz and Thompson 1952), self-normalised (Swaminathan and Joachims 2015), the direct method, and the doubly robust estimate
    /// with cross-fitted rewards (Dudík, Langford and Li 2011). Intervals are percentiles of 1000 bootstrap samples of rows.
    /// </summary>
    /// <exception cref="WorkFailedException">Fewer effective rows than <paramref name="leastEffective"/>.</exception>
    public static PolicyEvaluation Of(DecisionLog log, TargetPolicy policy, double leastEffective, ulong seed)
    {
        int n = log.Rows;
        double[] weight = new double[n];
        double sum = 0, squares = 0, largest = 0;
        int zero = 0;
        for (int i = 0; i < n; i++)
        {
            weight[i] = policy.OfTaken(log, i) / log.Propensity[i];
            sum += weight[i];
            squares += weight[i] * weight[i];
            largest = Math.Max(largest, weight[i]);
            zero += weight[i] == 0 ? 1 : 0;
        }

        double effective = squares > 0 ? sum * sum / squares : 0;
        if (effective < leastEffective)
        {
            throw new WorkFailedException(string.Create(
                CultureInfo.InvariantCulture,
                $"the log says too little about this policy: an effective sample size of {effective:F1} of {n} rows; expected at least {leastEffective:G}. The policy does what the logged one hardly did (largest weight {largest:F1}, {zero} rows of no weight)."));
        }

        double[] weighted = new double[n];
        for (int i = 0; i < n; i++)
        {
            weighted[i] = weight[i] * log.Reward[i];
        }

        double[]? direct = null;
        double[]? robust = null;
        if (policy.IsLogging || policy.Distribution(0) is not null)
        {
            RewardModel model = RewardModel.Fit(log, seed);
            direct = new double[n];
            robust = new double[n];
            for (int i = 0; i < n; i++)
            {
                // The log's own actions are draws of the logging policy.
                double predicted = model.Predict(i, log.Action[i]);
                direct[i] = policy.IsLogging ? predicted : model.Predict(i, policy.Distribution(i)!);
                robust[i] = policy.IsLogging ? log.Reward[i] : direct[i] + (weight[i] * (log.Reward[i] - predicted));
            }
        }

        return Bootstrap(log, weight, weighted, direct, robust, seed) with
        {
            EffectiveSampleSize = effective,
            MeanWeight = sum / n,
            LargestWeight = largest,
            ZeroWeightShare = (double)zero / n,
        };
    }

    private static PolicyEvaluation Bootstrap(DecisionLog log, double[] weight, double[] weighted, double[]? direct, double[]? robust, ulong seed)
    {
        int n = log.Rows;
        double[][] samples = [new double[Replicates], new double[Replicates], new double[Replicates], new double[Replicates]];
        Parallel.For(0, Replicates, b =>
        {
            SeededRandom random = SeededRandom.For(seed, 0x0FF, (ulong)b);
            double w = 0, wr = 0, dm = 0, dr = 0;
            for (int k = 0; k < n; k++)
            {
                int i = random.Next(n);
                w += weight[i];
                wr += weighted[i];
                dm += direct?[i] ?? 0;
                dr += robust?[i] ?? 0;
            }

            samples[0][b] = wr / n;
            samples[1][b] = w > 0 ? wr / w : 0;
            samples[2][b] = dm / n;
            samples[3][b] = dr / n;
        });
        double sum = Sum(weighted);
        return new PolicyEvaluation(
            n, log.Actions.Count, Sum(log.Reward) / n, 0, 0, 0, 0,
            Value(sum / n, samples[0]),
            Value(sum / Sum(weight), samples[1]),
            direct is null ? null : Value(Sum(direct) / n, samples[2]),
            robust is null ? null : Value(Sum(robust) / n, samples[3]));
    }

    private static PolicyValue Value(double value, double[] samples)
    {
        Array.Sort(samples);
        double mean = samples.Average();
        return new PolicyValue(value, samples[(int)(0.025 * Replicates)], samples[(int)(0.975 * Replicates) - 1], Math.Sqrt(samples.Average(s => (s - mean) * (s - mean))));
    }

    private static double Sum(double[] values)
    {
        double sum = 0;
        foreach (double value in values)
        {
            sum += value;
        }

        return sum;
    }
}
