using KnowledgePay.Decisions.Scoring;
using KnowledgePay.Learning.Calibration;
using KnowledgePay.Learning.Numerics;

namespace KnowledgePay.Learning.Risk;

/// <summary>Weights several calibrated models in log-odds by their out-of-fold predictions (Wolpert 1992; Breiman 1996: no negative weights), drawn towards equal shares.</summary>
internal static class Stacking
{
    /// <summary>Strength of the pull towards equal weights, in rows' worth of evidence.</summary>
    private const double Pull = 20;

    /// <returns>The ensemble, its out-of-fold log-odds, and each member's weight.</returns>
    public static (LogOddsModel Model, double[] OutOfFold, IReadOnlyDictionary<string, double> Weights) Fit(RiskRows data, IReadOnlyList<CalibratedTerm> members)
    {
        List<int> used = [.. Enumerable.Range(0, members.Count).Where(i => members[i].Scaling.Slope > 0)];
        if (used.Count == 0)
        {
            used.Add(0);
        }

        while (true)
        {
            int width = used.Count;
            var x = new double[data.Rows * width];
            for (int row = 0; row < data.Rows; row++)
            {
                for (int i = 0; i < width; i++)
                {
                    x[(row * width) + i] = members[used[i]].OutOfFold[row];
                }
            }

            double[] centre = new double[width + 1];
            Array.Fill(centre, 1.0 / width);
            double[] beta = RidgeLogistic.Fit(x, width, data.Outcomes, Pull, null, centre);
            int worst = Enumerable.Range(0, width).MinBy(i => beta[i + 1]);
            if (beta[worst + 1] <= 0 && width > 1)
            {
                used.RemoveAt(worst);
                continue;
            }

            return Combine(data, members, used, beta);
        }
    }

    private static (LogOddsModel, double[], IReadOnlyDictionary<string, double>) Combine(RiskRows data, IReadOnlyList<CalibratedTerm> members, List<int> used, double[] beta)
    {
        double intercept = beta[0];
        var terms = new List<(double, IScoreTerm)>();
        var outOfFold = new double[data.Rows];
        var weights = new Dictionary<string, double>();
        Array.Fill(outOfFold, beta[0]);
        for (int i = 0; i < used.Count; i++)
        {
            CalibratedTerm member = members[used[i]];
            double weight = Math.Max(beta[i + 1], 0);
            intercept += weight * member.Scaling.Intercept;
            terms.Add((weight * member.Scaling.Slope, member.Fitted.Term));
            weights[member.Fitted.Algorithm] = weight;
            for (int row = 0; row < outOfFold.Length; row++)
            {
                outOfFold[row] += weight * member.OutOfFold[row];
            }
        }

        return (new LogOddsModel(data.Features.Count, intercept, terms), outOfFold, weights);
    }
}

/// <summary>A learner's margin with its calibration.</summary>
/// <param name="OutOfFold">Calibrated log-odds of each tuning row.</param>
internal sealed record CalibratedTerm(FittedTerm Fitted, PlattScaling Scaling, double[] OutOfFold)
{
    public static CalibratedTerm Of(FittedTerm fitted, byte[] outcomes)
    {
        PlattScaling scaling = PlattScaling.Fit(fitted.OutOfFold, outcomes);
        return new CalibratedTerm(fitted, scaling, [.. fitted.OutOfFold.Select(scaling.LogOdds)]);
    }
}
