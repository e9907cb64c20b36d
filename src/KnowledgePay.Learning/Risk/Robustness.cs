using KnowledgePay.Decisions.Offers;
using KnowledgePay.Decisions.Scoring;
using KnowledgePay.Learning.Evaluation;

namespace KnowledgePay.Learning.Risk;

/// <summary>A model's figures on rows that something was done to.</summary>
/// <param name="Change"><c>none</c>, <c>missing NAME</c>, <c>noise 0.1</c>, <c>noise 0.3</c>, <c>shift +0.5</c>, <c>shift -0.5</c>.</param>
/// <param name="MeanMove">Mean absolute change of the probability.</param>
public sealed record RobustnessFinding(string Change, double Auc, double Brier, double CalibrationError, double MeanMove);

/// <summary>How much a model's figures move when a column is lost, numbers are noisy, or a population shifts.</summary>
/// <remarks>
/// On rows that the model was learned from, so that differences count and not levels. Noise is normal, in standard deviations of each number over the rows that have it; a shift moves all numbers by half of one.
/// </remarks>
public static class Robustness
{
    /// <summary>Columns that are lost one by one, the most important first.</summary>
    public const int MostColumns = 10;

    private const ulong NoiseStream = 0x4E6F697365;

    /// <param name="byImportance">Names of features.</param>
    public static IReadOnlyList<RobustnessFinding> Of(LogOddsModel model, RiskRows rows, IEnumerable<string> byImportance, ulong seed)
    {
        double[] before = Probabilities(model, rows, (_, _) => { });
        double[] deviations = Deviations(rows);
        var found = new List<RobustnessFinding> { Finding("none", before, before, rows) };
        foreach (string name in byImportance.Take(MostColumns))
        {
            int feature = Enumerable.Range(0, rows.Features.Count).First(at => rows.Features[at].Name == name);
            found.Add(Finding($"missing {name}", Probabilities(model, rows, (values, _) => values[feature] = double.NaN), before, rows));
        }

        foreach (double share in (ReadOnlySpan<double>)[0.1, 0.3])
        {
            found.Add(Finding(FormattableString.Invariant($"noise {share}"), Probabilities(model, rows, (values, row) => Disturb(values, deviations, share, seed, row)), before, rows));
        }

        foreach (double shift in (ReadOnlySpan<double>)[0.5, -0.5])
        {
            found.Add(Finding(FormattableString.Invariant($"shift {shift:+0.0;-0.0}"), Probabilities(model, rows, (values, _) =>
            {
                for (int feature = 0; feature < values.Length; feature++)
                {
                    values[feature] += shift * deviations[feature];
                }
            }), before, rows));
        }

        return found;
    }

    private static void Disturb(double[] values, double[] deviations, double share, ulong seed, int row)
    {
        var random = new SeededRandom(seed ^ ((ulong)row << 20), NoiseStream);
        for (int feature = 0; feature < values.Length; feature++)
        {
            double normal = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
            values[feature] += share * deviations[feature] * normal;
        }
    }

    /// <summary>Of numbers; 0 for a category, which stays as it is.</summary>
    private static double[] Deviations(RiskRows rows)
    {
        var deviations = new double[rows.Features.Count];
        for (int feature = 0; feature < deviations.Length; feature++)
        {
            if (rows.Features[feature].Levels is not null)
            {
                continue;
            }

            (double count, double mean, double squares) = (0, 0, 0);
            for (int row = 0; row < rows.Rows; row++)
            {
                double value = rows.Value(row, feature);
                if (!double.IsNaN(value))
                {
                    double difference = value - mean;
                    mean += difference / ++count;
                    squares += difference * (value - mean);
                }
            }

            deviations[feature] = count > 1 ? Math.Sqrt(squares / (count - 1)) : 0;
        }

        return deviations;
    }

    private static double[] Probabilities(LogOddsModel model, RiskRows rows, Action<double[], int> change)
    {
        var probabilities = new double[rows.Rows];
        Parallel.For(0, rows.Rows, () => new double[rows.Features.Count], (row, _, values) =>
        {
            rows.Row(row).CopyTo(values);
            change(values, row);
            probabilities[row] = LogOddsModel.Probability(model.LogOdds(values));
            return values;
        }, _ => { });
        return probabilities;
    }

    private static RobustnessFinding Finding(string change, double[] probabilities, double[] before, RiskRows rows)
    {
        BinaryMetrics metrics = BinaryMetrics.Of(probabilities, rows.Outcomes);
        double move = 0;
        for (int row = 0; row < before.Length; row++)
        {
            move += Math.Abs(probabilities[row] - before[row]) / before.Length;
        }

        return new RobustnessFinding(change, metrics.Auc, metrics.Brier, metrics.CalibrationError, move);
    }
}
