using KnowledgePay.Decisions.Offers;
using KnowledgePay.Decisions.Scoring;
using KnowledgePay.Learning.Risk;
using KnowledgePay.Learning.Trees;

namespace KnowledgePay.Learning.Binning;

/// <summary>Codes each feature: numbers into quantile bins, categories one by one with the rare ones together, categories of many levels by their risk.</summary>
/// <remarks>
/// A category of many levels is coded by the smoothed rate of the outcome in its level (Micci-Barreca 2001). A training row's code comes from
/// the rows of other folds, so that its own outcome does not leak into it; scoring uses all rows.
/// </remarks>
public sealed class FineBinning
{
    private const int BinsMax = 100;
    private const int LevelsMax = 60;
    private const int RiskFolds = 5;
    private const double RiskPrior = 20;

    private readonly RiskRows _data;
    private readonly IReadOnlyCollection<double> _specials;
    private readonly ulong _seed;

    private FineBinning(RiskRows data, IReadOnlyCollection<double> specials, ulong seed) => (_data, _specials, _seed) = (data, specials, seed);

    /// <param name="specials">Numbers that stand for something else (−1 "no account"): each in a bin of its own.</param>
    public static CodedColumns Code(RiskRows data, IReadOnlyCollection<double> specials, ulong seed)
    {
        var binning = new FineBinning(data, specials, seed);
        int features = data.Features.Count;
        var codings = new FeatureCoding[features];
        var ordered = new bool[features];
        var codes = new byte[features][];
        for (int feature = 0; feature < features; feature++)
        {
            codes[feature] = new byte[data.Rows];
            if (data.Features[feature].Levels is not { } levels)
            {
                (codings[feature], ordered[feature]) = (binning.Number(feature), true);
                binning.Apply(feature, codings[feature], codes[feature]);
                continue;
            }

            int[] counts = binning.LevelCounts(feature, levels.Count);
            if (counts.Count(count => count > 0) <= LevelsMax)
            {
                codings[feature] = binning.Levels(counts);
                binning.Apply(feature, codings[feature], codes[feature]);
            }
            else
            {
                (codings[feature], ordered[feature]) = (binning.ByRisk(feature, levels.Count, codes[feature]), true);
            }
        }

        return new CodedColumns(codings, ordered, codes);
    }

    private void Apply(int feature, FeatureCoding coding, byte[] codes)
    {
        for (int row = 0; row < codes.Length; row++)
        {
            codes[row] = coding.Code(_data.Value(row, feature));
        }
    }

    private FeatureCoding Number(int feature)
    {
        var present = new List<double>(_data.Rows);
        for (int row = 0; row < _data.Rows; row++)
        {
            double value = _data.Value(row, feature);
            if (!double.IsNaN(value))
            {
                present.Add(value);
            }
        }

        double[] sorted = [.. present];
        Array.Sort(sorted);
        List<double> bounds = Bounds(sorted);
        foreach (double special in _specials)
        {
            if (Array.BinarySearch(sorted, special) >= 0)
            {
                bounds.RemoveAll(bound => bound == Math.BitDecrement(special) || bound == special);
                bounds.Add(Math.BitDecrement(special));
                bounds.Add(special);
            }
        }

        bounds.Sort();
        if (bounds.Count > 0 && sorted.Length > 0 && bounds[^1] >= sorted[^1])
        {
            bounds.RemoveAt(bounds.Count - 1);
        }

        return FeatureCoding.OfNumber([.. bounds]);
    }

    /// <summary>Middles between neighbouring values at about equal counts; a value that many rows share gets a bin of its own.</summary>
    private static List<double> Bounds(double[] sorted)
    {
        var bounds = new List<double>();
        int distinct = sorted.Length == 0 ? 0 : 1;
        for (int i = 1; i < sorted.Length; i++)
        {
            distinct += sorted[i] != sorted[i - 1] ? 1 : 0;
        }

        double share = distinct <= BinsMax ? 0 : (double)sorted.Length / BinsMax;
        int start = 0;
        for (int i = 1; i < sorted.Length; i++)
        {
            if (sorted[i] == sorted[i - 1])
            {
                continue;
            }

            int next = i;
            while (next < sorted.Length && sorted[next] == sorted[i])
            {
                next++;
            }

            // Cut here when the bin is full, or when the next value would fill one alone.
            if ((i - start >= share || next - i >= share) && bounds.Count < FeatureCoding.CodesMax - 20)
            {
                double middle = sorted[i - 1] + ((sorted[i] - sorted[i - 1]) / 2);
                bounds.Add(middle < sorted[i] ? middle : sorted[i - 1]);
                start = i;
            }
        }

        return bounds;
    }

    private int[] LevelCounts(int feature, int levels)
    {
        var counts = new int[levels];
        for (int row = 0; row < _data.Rows; row++)
        {
            double value = _data.Value(row, feature);
            if (!double.IsNaN(value))
            {
                counts[(int)value]++;
            }
        }

        return counts;
    }

    private FeatureCoding Levels(int[] counts)
    {
        int least = Math.Clamp(_data.Rows / 500, 2, 20);
        int own = counts.Count(count => count >= least);
        int others = counts.Any(count => count > 0 && count < least) ? 1 : 0;
        var codes = new byte[counts.Length];
        byte next = 1;
        byte commonest = (byte)(own + others);
        int most = 0;
        for (int level = 0; level < counts.Length; level++)
        {
            if (counts[level] >= least)
            {
                (most, commonest) = counts[level] > most ? (counts[level], next) : (most, commonest);
                codes[level] = next++;
            }
        }

        byte rest = others > 0 ? (byte)(own + 1) : Math.Max((byte)1, commonest);
        for (int level = 0; level < codes.Length; level++)
        {
            codes[level] = codes[level] == 0 ? rest : codes[level];
        }

        return FeatureCoding.OfCategory(codes, rest);
    }

    private FeatureCoding ByRisk(int feature, int levels, byte[] codes)
    {
        var fold = new byte[_data.Rows];
        var random = new SeededRandom(_seed, (ulong)feature + 1);
        var bad = new double[RiskFolds + 1, levels];
        var all = new double[RiskFolds + 1, levels];
        for (int row = 0; row < fold.Length; row++)
        {
            fold[row] = (byte)(random.NextDouble() * RiskFolds);
            double value = _data.Value(row, feature);
            if (double.IsNaN(value))
            {
                continue;
            }

            int level = (int)value;
            bad[fold[row], level] += _data.Outcomes[row];
            all[fold[row], level]++;
            bad[RiskFolds, level] += _data.Outcomes[row];
            all[RiskFolds, level]++;
        }

        double Risk(int level, int without) =>
            without < 0
                ? (bad[RiskFolds, level] + (RiskPrior * _data.Rate)) / (all[RiskFolds, level] + RiskPrior)
                : (bad[RiskFolds, level] - bad[without, level] + (RiskPrior * _data.Rate)) / (all[RiskFolds, level] - all[without, level] + RiskPrior);

        var risks = new double[_data.Rows];
        for (int row = 0; row < risks.Length; row++)
        {
            double value = _data.Value(row, feature);
            risks[row] = double.IsNaN(value) ? double.NaN : Risk((int)value, fold[row]);
        }

        double[] sorted = [.. risks.Where(risk => !double.IsNaN(risk))];
        Array.Sort(sorted);
        FeatureCoding bins = FeatureCoding.OfNumber([.. Bounds(sorted)]);
        for (int row = 0; row < risks.Length; row++)
        {
            codes[row] = bins.Code(risks[row]);
        }

        var levelCodes = new byte[levels];
        for (int level = 0; level < levels; level++)
        {
            levelCodes[level] = bins.Code(Risk(level, -1));
        }

        return FeatureCoding.OfCategory(levelCodes, bins.Code(_data.Rate));
    }
}
