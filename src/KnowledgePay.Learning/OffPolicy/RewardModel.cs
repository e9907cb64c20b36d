using KnowledgePay.Learning.Evaluation;
using KnowledgePay.Learning.Numerics;
using KnowledgePay.Learning.Tables;

namespace KnowledgePay.Learning.OffPolicy;

/// <summary>The expected reward of each action in each situation, by ridge regression on actions and context, never from the fold that it is asked about.</summary>
/// <remarks>Actions and categories are indicators (the 30 most frequent names of a column), numbers are standardised. Strong enough a penalty that a rare action leans on the rest.</remarks>
internal sealed class RewardModel
{
    public const int FoldCount = 5;
    private const int MostLevels = 30;
    private const double Ridge = 10;

    private readonly double[][] _weights;
    private readonly double[][] _context;
    private readonly int[] _fold;
    private readonly int _actions;

    private RewardModel(double[][] weights, double[][] context, int[] fold, int actions) => (_weights, _context, _fold, _actions) = (weights, context, fold, actions);

    public static RewardModel Fit(DecisionLog log, ulong seed)
    {
        double[][] context = Encode(log);
        int width = 1 + log.Actions.Count + (context.Length > 0 ? context[0].Length : 0);
        int[] fold = Folds.Plain(log.Rows, FoldCount, seed);
        var weights = new double[FoldCount][];
        Parallel.For(0, FoldCount, f =>
        {
            var system = new LeastSquares(width);
            double[] row = new double[width];
            for (int i = 0; i < log.Rows; i++)
            {
                if (fold[i] != f)
                {
                    Array.Clear(row);
                    row[0] = 1;
                    row[1 + log.Action[i]] = 1;
                    context[i].CopyTo(row, 1 + log.Actions.Count);
                    system.Add(row, log.Reward[i], 1);
                }
            }

            weights[f] = system.Solve(Ridge, free: 1);
        });
        return new RewardModel(weights, context, fold, log.Actions.Count);
    }

    /// <summary>Expected reward of an action in a row's situation.</summary>
    public double Predict(int row, int action)
    {
        double[] weights = _weights[_fold[row]];
        double sum = weights[0] + weights[1 + action];
        double[] context = _context[row];
        for (int j = 0; j < context.Length; j++)
        {
            sum += weights[1 + _actions + j] * context[j];
        }

        return sum;
    }

    /// <summary>Expected reward of a distribution over actions in a row's situation.</summary>
    public double Predict(int row, double[] distribution)
    {
        double[] weights = _weights[_fold[row]];
        double sum = weights[0];
        for (int a = 0; a < distribution.Length; a++)
        {
            sum += distribution[a] * weights[1 + a];
        }

        double[] context = _context[row];
        for (int j = 0; j < context.Length; j++)
        {
            sum += weights[1 + _actions + j] * context[j];
        }

        return sum;
    }

    private static double[][] Encode(DecisionLog log)
    {
        var columns = new List<double[]>();
        foreach (TableColumn column in log.Context)
        {
            if (column is NumericColumn numbers)
            {
                double[] values = numbers.ToArray();
                double[] present = [.. values.Where(v => !double.IsNaN(v))];
                double mean = present.Length > 0 ? present.Average() : 0;
                double deviation = present.Length > 0 ? Math.Sqrt(present.Average(v => (v - mean) * (v - mean))) : 0;
                if (deviation > 0)
                {
                    columns.Add([.. values.Select(v => double.IsNaN(v) ? 0 : (v - mean) / deviation)]);
                }
            }
            else if (column is CategoricalColumn names)
            {
                IEnumerable<int> levels = names.Codes.ToArray().Where(code => code >= 0).GroupBy(code => code)
                    .OrderByDescending(group => group.Count()).ThenBy(group => group.Key).Take(MostLevels).Select(group => group.Key);
                foreach (int level in levels)
                {
                    columns.Add([.. names.Codes.ToArray().Select(code => code == level ? 1.0 : 0.0)]);
                }
            }
        }

        var rows = new double[log.Rows][];
        for (int i = 0; i < rows.Length; i++)
        {
            rows[i] = new double[columns.Count];
            for (int j = 0; j < columns.Count; j++)
            {
                rows[i][j] = columns[j][i];
            }
        }

        return rows;
    }
}
