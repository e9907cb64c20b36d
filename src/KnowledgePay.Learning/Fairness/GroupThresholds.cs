namespace KnowledgePay.Learning.Fairness;

/// <summary>What groups are brought together in.</summary>
public enum MitigationGoal : byte
{
    /// <summary>Share of favourable decisions (demographic parity, disparate impact).</summary>
    Parity = 0,

    /// <summary>Share of favourable decisions among those whose label is positive (equal opportunity).</summary>
    Opportunity = 1,
}

/// <summary>A group under one threshold for all, and under one of its own.</summary>
/// <param name="Threshold">Favourable is a score of this or more.</param>
/// <param name="Changed">Rows that are decided otherwise than under the one threshold.</param>
public sealed record GroupThreshold(string Group, int Rows, double SelectionRateBefore, double SelectionRateAfter, double TruePositiveRateBefore, double TruePositiveRateAfter, double Threshold, int Changed);

/// <summary>What thresholds by group bring, and cost.</summary>
/// <param name="Target">The least ratio of the lowest group's rate to the highest that was asked for.</param>
/// <param name="RatioBefore">That ratio under one threshold.</param>
/// <param name="Step">How far the groups' rates were moved toward the common one: 0 not at all, 1 all the way.</param>
public sealed record ThresholdMitigation(
    string Protected,
    string Goal,
    double Target,
    double OneThreshold,
    double RatioBefore,
    double RatioAfter,
    double AccuracyBefore,
    double AccuracyAfter,
    double BalancedAccuracyBefore,
    double BalancedAccuracyAfter,
    double SelectionRateBefore,
    double SelectionRateAfter,
    int Changed,
    double Step,
    IReadOnlyList<GroupThreshold> Groups);

/// <summary>Thresholds by group that bring groups as near to each other as is asked, and no nearer: what nearness costs is shown, not decided.</summary>
/// <remarks>
/// After Hardt, Price and Srebro, "Equality of opportunity in supervised learning", 2016, without chance: each group's rate moves the same share of the way to the rate that all have together,
/// the least that meets the target. The common rate is kept, so that as many people as before get the favourable decision (parity) or, of those with a positive label, do (opportunity).
/// Deciding by group treats people differently for what they are, which the law forbids in places, in lending in most.
/// </remarks>
public static class GroupThresholds
{
    private const int Halvings = 40;

    /// <param name="groups">By row the place in <paramref name="names"/>, −1 for none: left out.</param>
    /// <param name="target">The least ratio of the lowest rate to the highest, 0 to 1.</param>
    /// <returns>Null when fewer than two groups have rows to go by.</returns>
    /// <exception cref="ArgumentException">The decisions have no scores.</exception>
    public static ThresholdMitigation? Find(string attribute, int[] groups, IReadOnlyList<string> names, AuditedDecisions decisions, MitigationGoal goal, double target)
    {
        double[] scores = decisions.Scores ?? throw new ArgumentException("Scores are needed to move thresholds.", nameof(decisions));
        int[][] members = [.. Enumerable.Range(0, names.Count).Select(group => Enumerable.Range(0, groups.Length).Where(row => groups[row] == group && !double.IsNaN(scores[row])).ToArray())];
        int[] present = [.. Enumerable.Range(0, names.Count).Where(group => Counted(members[group]).Length > 0)];
        if (present.Length < 2)
        {
            return null;
        }

        // One threshold that favours as many as were favoured.
        int[] all = [.. present.SelectMany(group => members[group])];
        double one = Threshold([.. all.Select(row => scores[row])], (double)all.Count(row => decisions.Favourable[row]) / all.Length);
        double[] before = [.. present.Select(group => RateAt(group, one))];
        double common = (double)present.Sum(group => Counted(members[group]).Count(row => scores[row] >= one)) / present.Sum(group => Counted(members[group]).Length);
        double step = 0;
        double[] thresholds = [.. present.Select(_ => one)];
        if (Ratio(before) < target)
        {
            (double low, double high) = (0, 1);
            for (int i = 0; i < Halvings; i++)
            {
                double middle = (low + high) / 2;
                (low, high) = Ratio(RatesOf(Moved(middle))) >= target ? (low, middle) : (middle, high);
            }

            step = high;
            thresholds = Moved(step);
        }

        double[] after = RatesOf(thresholds);
        var moved = new List<GroupThreshold>();
        (GroupCounts old, GroupCounts now) = (default, default);
        for (int i = 0; i < present.Length; i++)
        {
            (GroupCounts oldOwn, GroupCounts nowOwn) = (default, default);
            int changed = 0;
            foreach (int row in members[present[i]])
            {
                (bool was, bool becomes) = (scores[row] >= one, scores[row] >= thresholds[i]);
                oldOwn = oldOwn.With(was, decisions.Positive[row]);
                nowOwn = nowOwn.With(becomes, decisions.Positive[row]);
                changed += was == becomes ? 0 : 1;
            }

            moved.Add(new GroupThreshold(
                names[present[i]], oldOwn.Rows, oldOwn.SelectionRate, nowOwn.SelectionRate, oldOwn.TruePositiveRate, nowOwn.TruePositiveRate, thresholds[i], changed));
            (old, now) = (old + oldOwn, now + nowOwn);
        }

        return new ThresholdMitigation(
            attribute,
            goal == MitigationGoal.Parity ? "parity" : "opportunity",
            target,
            one,
            Ratio(before),
            Ratio(after),
            old.Accuracy,
            now.Accuracy,
            old.BalancedAccuracy,
            now.BalancedAccuracy,
            old.SelectionRate,
            now.SelectionRate,
            moved.Sum(group => group.Changed),
            step,
            moved);

        int[] Counted(int[] rows) => goal == MitigationGoal.Parity ? rows : [.. rows.Where(row => decisions.Positive[row])];

        double RateAt(int group, double threshold)
        {
            int[] rows = Counted(members[group]);
            return (double)rows.Count(row => scores[row] >= threshold) / rows.Length;
        }

        double[] Moved(double share) => [.. present.Select((group, i) => Threshold([.. Counted(members[group]).Select(row => scores[row])], before[i] + (share * (common - before[i]))))];

        double[] RatesOf(double[] at) => [.. present.Select((group, i) => RateAt(group, at[i]))];
    }

    /// <summary>The lowest score of so large a share of the best; equal scores stand or fall together, whichever is nearer to the share.</summary>
    private static double Threshold(double[] scores, double share)
    {
        Array.Sort(scores);
        double wanted = Math.Clamp(share, 0, 1) * scores.Length;
        int at = scores.Length - (int)Math.Round(wanted);
        if (at >= scores.Length)
        {
            return double.PositiveInfinity;
        }

        int first = Array.FindIndex(scores, score => score >= scores[at]);
        int next = Array.FindIndex(scores, at, score => score > scores[at]);
        // With all of the equal ones, or with none of them.
        double with = scores.Length - first, without = next < 0 ? 0 : scores.Length - next;
        return with - wanted <= wanted - without ? scores[first] : next < 0 ? double.PositiveInfinity : scores[next];
    }

    private static double Ratio(double[] rates) => rates.Max() > 0 ? rates.Min() / rates.Max() : double.NaN;
}
