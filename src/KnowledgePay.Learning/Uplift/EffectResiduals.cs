using KnowledgePay.Learning.Evaluation;
using KnowledgePay.Learning.Numerics;

namespace KnowledgePay.Learning.Uplift;

/// <summary>What is left of outcome and treatment when what the columns say of each alone is taken out (Robinson 1988; the R-learner of Nie and Wager 2021).</summary>
/// <param name="Outcome">By row, y − m(x), m from rows of other folds.</param>
/// <param name="Treatment">By row, t − e(x).</param>
internal sealed record EffectResiduals(double[] Outcome, double[] Treatment)
{
    private const int FoldCount = 4;
    private const double OutcomeRidge = 100;
    private const double PropensityRidge = 10;

    /// <summary>No row counts as if its treatment had been surer than this.</summary>
    private const double SurestPropensity = 0.95;

    /// <param name="isTrial">Whether treatment was given at random: then its share is its propensity for all.</param>
    public static EffectResiduals Of(DenseMatrix rows, bool[] treated, double[] outcome, int[] learn, bool isTrial, ulong seed)
    {
        double[] expected = new double[rows.Rows];
        double[] propensity = new double[rows.Rows];
        Array.Fill(propensity, (double)learn.Count(i => treated[i]) / learn.Length);
        int[] fold = Folds.Stratified([.. learn.Select(i => treated[i] ? 1 : 0)], FoldCount, seed ^ 0x5EED);
        for (int f = 0; f < FoldCount; f++)
        {
            int[] others = [.. learn.Where((_, at) => fold[at] != f)];
            int[] own = [.. learn.Where((_, at) => fold[at] == f)];
            double[] model = Regress(rows, others, outcome);
            double[]? chance = isTrial ? null : Propensity(rows, others, treated);
            foreach (int i in own)
            {
                expected[i] = Value(model, rows[i]);
                if (chance is not null)
                {
                    propensity[i] = Math.Clamp(1 / (1 + Math.Exp(-Value(chance, rows[i]))), 1 - SurestPropensity, SurestPropensity);
                }
            }
        }

        double[] leftOutcome = new double[rows.Rows];
        double[] leftTreatment = new double[rows.Rows];
        foreach (int i in learn)
        {
            leftOutcome[i] = outcome[i] - expected[i];
            leftTreatment[i] = (treated[i] ? 1 : 0) - propensity[i];
        }

        return new EffectResiduals(leftOutcome, leftTreatment);
    }

    /// <summary>Sums of the regression of y − m on (t − e)·(1, x): the matrix whole, the right side, and Σ (y − m)².</summary>
    public (double[] Gram, double[] Right, double Square) Sums(DenseMatrix rows, int[] learn)
    {
        int size = rows.Width + 1;
        double[] gram = new double[size * size];
        double[] right = new double[size];
        double square = 0;
        double[] row = new double[size];
        foreach (int i in learn)
        {
            double t = Treatment[i];
            row[0] = t;
            for (int j = 1; j < size; j++)
            {
                row[j] = t * rows[i][j - 1];
            }

            square += Outcome[i] * Outcome[i];
            for (int j = 0; j < size; j++)
            {
                double scaled = row[j];
                if (scaled == 0)
                {
                    continue;
                }

                right[j] += scaled * Outcome[i];
                for (int k = j; k < size; k++)
                {
                    gram[(j * size) + k] += scaled * row[k];
                }
            }
        }

        for (int j = 0; j < size; j++)
        {
            for (int k = 0; k < j; k++)
            {
                gram[(j * size) + k] = gram[(k * size) + j];
            }
        }

        return (gram, right, square);
    }

    private static double[] Regress(DenseMatrix rows, int[] learn, double[] outcome)
    {
        var system = new LeastSquares(rows.Width + 1);
        double[] row = new double[rows.Width + 1];
        row[0] = 1;
        foreach (int i in learn)
        {
            rows[i].CopyTo(row.AsSpan(1));
            system.Add(row, outcome[i], 1);
        }

        return system.Solve(OutcomeRidge, free: 1);
    }

    private static double[] Propensity(DenseMatrix rows, int[] learn, bool[] treated)
    {
        double[] x = new double[learn.Length * rows.Width];
        byte[] y = new byte[learn.Length];
        for (int at = 0; at < learn.Length; at++)
        {
            rows[learn[at]].CopyTo(x.AsSpan(at * rows.Width));
            y[at] = treated[learn[at]] ? (byte)1 : (byte)0;
        }

        return RidgeLogistic.Fit(x, rows.Width, y, PropensityRidge);
    }

    private static double Value(double[] model, ReadOnlySpan<double> row)
    {
        double sum = model[0];
        for (int j = 0; j < row.Length; j++)
        {
            sum += model[j + 1] * row[j];
        }

        return sum;
    }
}
