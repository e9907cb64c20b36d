using KnowledgePay.Decisions.Offers;
using KnowledgePay.Learning.Evaluation;

namespace KnowledgePay.Learning.Fairness;

/// <summary>What decisions are audited for.</summary>
/// <param name="Favourable">By row: whether the decision is what people want.</param>
/// <param name="Positive">By row: whether the label is positive.</param>
/// <param name="Scores">By row, a probability of the positive label; null for none.</param>
public sealed record AuditedDecisions(bool[] Favourable, bool[] Positive, double[]? Scores);

/// <summary>Compares decisions between groups of people.</summary>
public static class FairnessAudit
{
    /// <summary>A group with fewer rows is small.</summary>
    public const int SmallGroupRows = 30;

    /// <summary>A group with fewer rows of either label is small.</summary>
    public const int SmallGroupLabels = 5;

    /// <param name="groups">By row the place in <paramref name="names"/>, or −1 for a row without a group: it is left out.</param>
    /// <param name="draws">Bootstrap samples, each drawn within groups.</param>
    /// <exception cref="ArgumentException">Fewer than two groups have a row.</exception>
    public static AttributeFairness Compare(string attribute, int[] groups, IReadOnlyList<string> names, AuditedDecisions decisions, int draws, ulong seed)
    {
        var counts = new GroupCounts[names.Count];
        int missing = 0;
        for (int row = 0; row < groups.Length; row++)
        {
            if (groups[row] < 0)
            {
                missing++;
                continue;
            }

            counts[groups[row]] = counts[groups[row]].With(decisions.Favourable[row], decisions.Positive[row]);
        }

        int[] present = [.. Enumerable.Range(0, names.Count).Where(group => counts[group].Rows > 0)];
        if (present.Length < 2)
        {
            throw new ArgumentException($"'{attribute}' has {present.Length} group; expected at least two.", nameof(groups));
        }

        var warnings = new List<string>();
        if (missing > 0)
        {
            warnings.Add($"{missing} rows have no '{attribute}' and are left out.");
        }

        int[] large = [.. present.Where(group => !IsSmall(counts[group]))];
        foreach (int group in present.Except(large))
        {
            warnings.Add($"'{names[group]}' has {counts[group].Rows} rows, {counts[group].TruePositives + counts[group].FalseNegatives} of them with a positive label: its rates are uncertain.");
        }

        double highest = present.Max(group => counts[group].SelectionRate);
        var figures = new List<GroupFigures>();
        foreach (int group in present)
        {
            GroupCounts own = counts[group];
            figures.Add(new GroupFigures(
                names[group], own.Rows, IsSmall(own), own.SelectionRate, own.BaseRate, own.TruePositiveRate, own.FalsePositiveRate, own.Precision, own.Accuracy, own.BalancedAccuracy,
                own.SelectionRate / highest, Calibration(groups, group, decisions)));
        }

        return new AttributeFairness(
            attribute,
            figures,
            Metrics(present, names, counts, draws, seed),
            large.Length < present.Length && large.Length >= 2 ? Metrics(large, names, counts, draws, seed) : null,
            warnings);
    }

    /// <summary>Groups of people who share the values of several attributes.</summary>
    public static (int[] Groups, IReadOnlyList<string> Names) Intersect(IReadOnlyList<(string Attribute, int[] Groups, IReadOnlyList<string> Names)> attributes)
    {
        int rows = attributes[0].Groups.Length;
        var groups = new int[rows];
        var names = new List<string>();
        var known = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int row = 0; row < rows; row++)
        {
            int at = row;
            if (attributes.Any(attribute => attribute.Groups[at] < 0))
            {
                groups[row] = -1;
                continue;
            }

            string name = string.Join(" & ", attributes.Select(attribute => $"{attribute.Attribute}={attribute.Names[attribute.Groups[at]]}"));
            if (!known.TryGetValue(name, out groups[row]))
            {
                groups[row] = known[name] = names.Count;
                names.Add(name);
            }
        }

        return (groups, names);
    }

    private static bool IsSmall(GroupCounts counts) =>
        counts.Rows < SmallGroupRows
        || counts.TruePositives + counts.FalseNegatives < SmallGroupLabels
        || counts.FalsePositives + counts.TrueNegatives < SmallGroupLabels;

    private static FairnessMetrics Metrics(int[] groups, IReadOnlyList<string> names, GroupCounts[] counts, int draws, ulong seed)
    {
        GroupCounts[] own = [.. groups.Select(group => counts[group])];
        Distances said = Distances.Of(own);
        var random = new SeededRandom(seed, 0xFA12);
        var samples = new Distances[draws];
        for (int draw = 0; draw < draws; draw++)
        {
            samples[draw] = Distances.Of([.. own.Select(group => Resampling.Draw(group, ref random))]);
        }

        return new FairnessMetrics(
            names[groups.MinBy(group => counts[group].SelectionRate)],
            names[groups.MaxBy(group => counts[group].SelectionRate)],
            Interval(said.Parity, samples, sample => sample.Parity),
            Interval(said.Impact, samples, sample => sample.Impact),
            said.Impact >= 0.8,
            Interval(said.Opportunity, samples, sample => sample.Opportunity),
            Interval(said.Odds, samples, sample => sample.Odds));
    }

    private static Estimate Interval(double value, Distances[] samples, Func<Distances, double> figure)
    {
        double[] sorted = [.. samples.Select(figure).Where(sample => !double.IsNaN(sample)).Order()];
        return sorted.Length < 2
            ? new Estimate(value, double.NaN, double.NaN)
            : new Estimate(value, sorted[(int)(0.025 * (sorted.Length - 1))], sorted[(int)Math.Ceiling(0.975 * (sorted.Length - 1))]);
    }

    private static GroupCalibration? Calibration(int[] groups, int group, AuditedDecisions decisions)
    {
        if (decisions.Scores is not { } all)
        {
            return null;
        }

        var scores = new List<double>();
        var labels = new List<byte>();
        for (int row = 0; row < groups.Length; row++)
        {
            if (groups[row] == group && !double.IsNaN(all[row]))
            {
                scores.Add(all[row]);
                labels.Add(decisions.Positive[row] ? (byte)1 : (byte)0);
            }
        }

        return scores.Count == 0 ? null : new GroupCalibration(
            scores.Average(), labels.Average(label => label), BinaryMetrics.Of([.. scores], [.. labels]).CalibrationErrorByCount);
    }

    private readonly record struct Distances(double Parity, double Impact, double Opportunity, double Odds)
    {
        public static Distances Of(GroupCounts[] groups)
        {
            (double low, double high) = Range(groups, group => group.SelectionRate);
            (double lowTrue, double highTrue) = Range(groups, group => group.TruePositiveRate);
            (double lowFalse, double highFalse) = Range(groups, group => group.FalsePositiveRate);
            double falseDistance = highFalse - lowFalse;
            double opportunity = highTrue - lowTrue;
            return new Distances(high - low, high > 0 ? low / high : double.NaN, opportunity, double.IsNaN(falseDistance) || opportunity > falseDistance ? opportunity : falseDistance);
        }

        private static (double Low, double High) Range(GroupCounts[] groups, Func<GroupCounts, double> rate)
        {
            double[] rates = [.. groups.Select(rate).Where(value => !double.IsNaN(value))];
            return rates.Length == 0 ? (double.NaN, double.NaN) : (rates.Min(), rates.Max());
        }
    }
}
