namespace KnowledgePay.Learning.Risk;

/// <summary>How far apart two populations are.</summary>
public enum DriftVerdict
{
    /// <summary>Not beyond what chance makes of so few rows.</summary>
    Stable,

    /// <summary>An index above 0.1: look at it.</summary>
    Moved,

    /// <summary>An index above 0.25: what was learned may not hold any more.</summary>
    Shifted,
}

/// <summary>The population stability index of one thing.</summary>
/// <param name="Name">A feature, or <c>score</c>.</param>
/// <param name="Index">PSI: Σ (now − then)·ln(now/then) over bins.</param>
/// <param name="ByChance">What it would be on average were nothing different: (bins − 1) divided by the rows.</param>
/// <param name="MissingThen">Share without a value in training.</param>
/// <param name="MissingNow">Share without a value now.</param>
public sealed record DriftFinding(string Name, double Index, double ByChance, double MissingThen, double MissingNow)
{
    /// <summary>By the usual bounds (Siddiqi 2006), once chance is taken off.</summary>
    public DriftVerdict Verdict => Index - ByChance > 0.25 ? DriftVerdict.Shifted : Index - ByChance > 0.1 ? DriftVerdict.Moved : DriftVerdict.Stable;
}

/// <summary>Compares rows that are scored with those that a model was learned from.</summary>
/// <remarks>
/// Bins of numbers are between the distinct twentieths of training, each up to and with its upper bound; of categories each level; missing values, and levels that training did not see, are bins of their own.
/// A bin that is empty on one side counts as half a row.
/// </remarks>
public static class PopulationDrift
{
    /// <summary>What the finding on the scores themselves is called.</summary>
    public const string Score = "score";

    /// <param name="logOdds">The scores of all rows.</param>
    /// <returns>The score first, where training's are known, then each feature.</returns>
    public static IReadOnlyList<DriftFinding> Of(RiskModel model, RiskTable table, ReadOnlySpan<double> logOdds)
    {
        var found = new List<DriftFinding>();
        if (model.ScoreQuantiles is { Count: > 1 } scores)
        {
            found.Add(Numbers(Score, new FeatureMarginal(scores, [], 0), logOdds));
        }

        var row = new double[table.Features];
        var columns = new double[table.Features][];
        for (int feature = 0; feature < columns.Length; feature++)
        {
            columns[feature] = new double[table.Rows];
        }

        for (int at = 0; at < table.Rows; at++)
        {
            table.Row(at, row);
            for (int feature = 0; feature < columns.Length; feature++)
            {
                columns[feature][at] = row[feature];
            }
        }

        for (int feature = 0; feature < columns.Length; feature++)
        {
            RiskFeature own = model.Features[feature];
            found.Add(Against(own.Name, model.Marginals[feature], columns[feature], own.Levels?.Count ?? 0));
        }

        return found;
    }

    /// <summary>Of cases of now and of then, the score first; nothing while either side has fewer than so many.</summary>
    /// <param name="score">Null where there is none.</param>
    /// <param name="features">Names, and how many levels each has; 0 for numbers.</param>
    /// <param name="value">Of a case, the value of a feature.</param>
    public static IReadOnlyList<DriftFinding> Between<T>(
        IReadOnlyList<T> then, IReadOnlyList<T> now, int fewest, Func<T, double>? score, IReadOnlyList<(string Name, int Levels)> features, Func<T, int, double> value)
    {
        var found = new List<DriftFinding>();
        if (Math.Min(then.Count, now.Count) < fewest)
        {
            return found;
        }

        if (score is not null)
        {
            found.Add(Between(Score, [.. then.Select(score)], [.. now.Select(score)]));
        }

        for (int i = 0; i < features.Count; i++)
        {
            found.Add(Between(features[i].Name, [.. then.Select(one => value(one, i))], [.. now.Select(one => value(one, i))], features[i].Levels));
        }

        return found;
    }

    /// <summary>Of one thing alone.</summary>
    /// <param name="then">As the model knew it.</param>
    /// <param name="now">NaN for a missing value.</param>
    /// <param name="levels">How many levels a category has; 0 for numbers.</param>
    public static DriftFinding Between(string name, ReadOnlySpan<double> then, ReadOnlySpan<double> now, int levels = 0) => Against(name, FeatureMarginal.Of(then, levels), now, levels);

    private static DriftFinding Against(string name, FeatureMarginal then, ReadOnlySpan<double> now, int levels) => levels > 0 ? Levels(name, then, now, levels) : Numbers(name, then, now);

    private static DriftFinding Numbers(string name, FeatureMarginal then, ReadOnlySpan<double> now)
    {
        IReadOnlyList<double> quantiles = then.Quantiles;
        var bounds = new List<double>();
        var expected = new List<double>();
        double before = 0;
        for (int k = 0; k < quantiles.Count - 1; k++)
        {
            // The share up to a value that many rows have lies between the last twentieth that has it and the next.
            bool repeated = k > 0 && quantiles[k] == quantiles[k - 1];
            double share = (k + (repeated ? 0.5 : 0)) / (quantiles.Count - 1);
            if (quantiles[k] != quantiles[k + 1] && share > before)
            {
                bounds.Add(quantiles[k]);
                expected.Add(share - before);
                before = share;
            }
        }

        expected.Add(1 - before);
        var counts = new int[expected.Count + 1];
        foreach (double value in now)
        {
            int at = double.IsNaN(value) ? expected.Count : bounds.BinarySearch(value);
            counts[at < 0 ? ~at : at]++;
        }

        return Finding(name, [.. expected.Select(share => share * (1 - then.Missing)), then.Missing], counts, now.Length, then.Missing, counts[^1]);
    }

    private static DriftFinding Levels(string name, FeatureMarginal then, ReadOnlySpan<double> now, int levels)
    {
        // The levels, those not seen, the missing.
        var counts = new int[levels + 2];
        foreach (double value in now)
        {
            counts[double.IsNaN(value) ? levels + 1 : Math.Min((int)value, levels)]++;
        }

        return Finding(name, [.. then.Shares.Select(share => share * (1 - then.Missing)), 0, then.Missing], counts, now.Length, then.Missing, counts[^1]);
    }

    private static DriftFinding Finding(string name, double[] expected, int[] counts, int rows, double missingThen, int missingNow)
    {
        double index = 0, least = 0.5 / rows;
        int bins = 0;
        for (int bin = 0; bin < counts.Length; bin++)
        {
            if (expected[bin] == 0 && counts[bin] == 0)
            {
                continue;
            }

            double then = Math.Max(expected[bin], least), now = Math.Max((double)counts[bin] / rows, least);
            index += (now - then) * Math.Log(now / then);
            bins++;
        }

        return new DriftFinding(name, index, (double)Math.Max(0, bins - 1) / rows, missingThen, (double)missingNow / rows);
    }
}
