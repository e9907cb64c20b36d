using KnowledgePay.Learning.Evaluation;

namespace KnowledgePay.Learning.Risk;

/// <summary>Something that was scored: an application for credit, a payment.</summary>
/// <param name="Values">The attributes as they were then; NaN for a missing one.</param>
/// <param name="Probability">What the model that serves says of it: how likely it goes wrong within the window. NaN where nothing gives probabilities.</param>
/// <param name="IsFollowed">Whether its outcome can become known: a loan that was taken, not one that was only asked for.</param>
/// <param name="WrongAfter">How long after it the bad outcome came, also beyond the window; null where none is known.</param>
public sealed record WatchedCase(DateTimeOffset At, double[] Values, double Probability, bool IsFollowed, TimeSpan? WrongAfter);

/// <summary>What is watched, and how.</summary>
/// <param name="Learned">Up to when the model learned; what came later it has not seen. Null for one that never learned here: all is new to it, and the recent stretch is compared with what was before.</param>
/// <param name="Window">How long a bad outcome is waited for.</param>
/// <param name="Recent">The latest stretch, which is compared with what was learned from.</param>
/// <param name="LearnedAuc">Area under the curve that the model's card states; null for an expert's.</param>
public sealed record WatchTerms(DateTimeOffset Now, DateTimeOffset? Learned, TimeSpan Window, TimeSpan Recent, double? LearnedAuc)
{
    /// <summary>Whether a case is of the population that was learned from, or came before the recent stretch where none was.</summary>
    public bool IsKnown(DateTimeOffset at) => at <= (Learned ?? (Now - Recent));

    /// <summary>Whether a case is of the population of now.</summary>
    public bool IsRecent(DateTimeOffset at) => !IsKnown(at) && at > Now - Recent && at <= Now;
}

/// <summary>Whether probabilities came true for cases that the model did not learn from.</summary>
/// <param name="Cases">Those followed since the model learned, also such whose window is not over.</param>
/// <param name="Expected">Bad outcomes that should be known by now: Σ p·F(age), F being the share of bad outcomes that are known at an age.</param>
/// <param name="Observed">Bad outcomes that are.</param>
/// <param name="Deviation">(Observed − Expected) in standard deviations of the sum, each case being a draw of its own.</param>
/// <param name="Ripe">Cases whose window is over.</param>
/// <param name="CalibrationError">Of the ripe ones, over ten bins of equal count; null where they are fewer than <see cref="OutcomeWatch.FewestRipe"/>.</param>
/// <param name="Auc">Area under the curve of the ripe ones; null where one outcome has fewer than <see cref="OutcomeWatch.FewestOfEither"/>.</param>
/// <param name="AucError">Its standard error (Hanley and McNeil, 1982).</param>
public sealed record CalibrationFinding(int Cases, double Expected, int Observed, double Deviation, int Ripe, double? CalibrationError, double? Auc, double? AucError);

/// <summary>When bad outcomes become known.</summary>
/// <param name="Wrong">Cases of all times that went wrong within the window.</param>
/// <param name="MedianDays">From the case to its outcome; null where nothing went wrong.</param>
/// <param name="NinetyDays">By when nine of ten are known.</param>
/// <param name="LateShare">Of the bad outcomes of cases two windows old, those that came after the window: what learning counts as good. Null where there are fewer than <see cref="OutcomeWatch.FewestOfEither"/>.</param>
/// <param name="Waiting">Followed cases whose window is not over and of which nothing bad is known.</param>
/// <param name="ExpectedReports">Reports of outcomes, good or bad, that the recent stretch should have brought: as many a case as before it, at the pace of cases of the latest window.</param>
/// <param name="Reports">Those that it brought.</param>
public sealed record OutcomeLag(int Wrong, double? MedianDays, double? NinetyDays, double? LateShare, int Waiting, double ExpectedReports, int Reports);

/// <summary>Something that somebody should look at.</summary>
public sealed record WatchAlarm(string Code, string Text);

/// <summary>How a model of risk does since it learned: whether its probabilities come true, whether whom it scores has changed, and whether outcomes still arrive.</summary>
public sealed record OutcomeWatch(CalibrationFinding? Calibration, OutcomeLag Outcomes, IReadOnlyList<DriftFinding> Drift, IReadOnlyList<WatchAlarm> Alarms)
{
    /// <summary>More or fewer cases go wrong than the model says, beyond chance.</summary>
    public const string Miscalibrated = "miscalibrated";

    /// <summary>The model tells good from bad worse than its card says, beyond chance.</summary>
    public const string Weaker = "weaker";

    /// <summary>The scores are spread otherwise than when the model learned, or an attribute has stopped, or begun, to be known.</summary>
    public const string Shifted = "shifted";

    /// <summary>Too many bad outcomes come after the window.</summary>
    public const string WindowTooShort = "window-too-short";

    /// <summary>Reports of outcomes have dried up.</summary>
    public const string OutcomesMissing = "outcomes-missing";

    /// <summary>All alarms.</summary>
    public static IReadOnlyList<string> Codes { get; } = [Miscalibrated, Weaker, Shifted, WindowTooShort, OutcomesMissing];

    /// <summary>Ripe cases below which a calibration error would be noise.</summary>
    public const int FewestRipe = 200;

    /// <summary>Cases of either outcome below which nothing is said of an order or a lag.</summary>
    public const int FewestOfEither = 20;

    /// <summary>Cases on either side below which populations are not compared.</summary>
    public const int FewestCompared = 100;

    private const double AlarmingDeviation = 3;
    private const double LeastExpected = 5;

    /// <summary>A gap that nobody would act upon is no alarm, however certain it is.</summary>
    private const double NegligibleGap = 0.1;

    private const double MostMissingMoved = 0.25;
    private const double MostLate = 0.1;
    private const double FewestReports = 10;
    private const double LeastReportsShare = 0.25;

    /// <param name="attributes">Names of the cases' values, and how many levels each has; 0 for numbers.</param>
    /// <param name="reports">When anything was heard of an outcome, good or bad.</param>
    public static OutcomeWatch Of(IReadOnlyList<WatchedCase> cases, IReadOnlyList<(string Name, int Levels)> attributes, IReadOnlyList<DateTimeOffset> reports, WatchTerms terms)
    {
        WatchedCase[] followed = [.. cases.Where(one => one.IsFollowed && one.At <= terms.Now)];
        double[] lags = [.. followed.Where(one => one.At <= terms.Now - terms.Window && one.WrongAfter <= terms.Window).Select(one => one.WrongAfter!.Value.TotalDays).Order()];
        CalibrationFinding? calibration = Calibrate(followed, lags, terms);
        OutcomeLag outcomes = Lag(followed, lags, reports, terms);
        IReadOnlyList<DriftFinding> drift = Compare(cases, attributes, terms);
        return new OutcomeWatch(calibration, outcomes, drift, [.. AlarmsOf(calibration, outcomes, drift, terms)]);
    }

    private static CalibrationFinding? Calibrate(WatchedCase[] followed, double[] lags, WatchTerms terms)
    {
        WatchedCase[] since = [.. followed.Where(one => !(one.At <= terms.Learned) && !double.IsNaN(one.Probability))];
        if (since.Length == 0)
        {
            return null;
        }

        double expected = 0, variance = 0;
        int observed = 0;
        var probabilities = new List<double>();
        var wrong = new List<byte>();
        foreach (WatchedCase one in since)
        {
            TimeSpan age = terms.Now - one.At;
            bool isRipe = age >= terms.Window;
            // A case that is still young counts by how many bad outcomes are known at its age; where that is not known, not at all.
            double known = isRipe ? 1 : lags.Length >= FewestOfEither ? ShareUpTo(lags, age.TotalDays) : 0;
            double p = one.Probability * known;
            expected += p;
            variance += p * (1 - p);
            bool wentWrong = known > 0 && one.WrongAfter <= terms.Window;
            observed += wentWrong ? 1 : 0;
            if (isRipe)
            {
                probabilities.Add(one.Probability);
                wrong.Add(wentWrong ? (byte)1 : (byte)0);
            }
        }

        int bad = wrong.Count(one => one == 1), good = wrong.Count - bad;
        BinaryMetrics? ripe = wrong.Count > 0 ? BinaryMetrics.Of([.. probabilities], [.. wrong]) : null;
        bool isOrdered = Math.Min(bad, good) >= FewestOfEither;
        return new CalibrationFinding(
            since.Length,
            expected,
            observed,
            variance > 0 ? (observed - expected) / Math.Sqrt(variance) : 0,
            wrong.Count,
            wrong.Count >= FewestRipe ? ripe!.CalibrationErrorByCount : null,
            isOrdered ? ripe!.Auc : null,
            isOrdered ? ErrorOf(ripe!.Auc, bad, good) : null);
    }

    private static double ShareUpTo(double[] sorted, double value)
    {
        int at = Array.BinarySearch(sorted, value);
        at = at < 0 ? ~at : at + 1;
        while (at < sorted.Length && sorted[at] == value)
        {
            at++;
        }

        return (double)at / sorted.Length;
    }

    /// <summary>Hanley and McNeil, <i>The meaning and use of the area under a ROC curve</i>, Radiology 143 (1982), with their approximations for Q₁ and Q₂.</summary>
    private static double ErrorOf(double auc, int bad, int good)
    {
        double first = auc / (2 - auc), second = 2 * auc * auc / (1 + auc);
        return Math.Sqrt(((auc * (1 - auc)) + ((bad - 1) * (first - (auc * auc))) + ((good - 1) * (second - (auc * auc)))) / ((double)bad * good));
    }

    private static OutcomeLag Lag(WatchedCase[] followed, double[] lags, IReadOnlyList<DateTimeOffset> reports, WatchTerms terms)
    {
        WatchedCase[] old = [.. followed.Where(one => one.At <= terms.Now - (2 * terms.Window) && one.WrongAfter is not null)];
        DateTimeOffset recent = terms.Now - terms.Recent;
        int before = followed.Count(one => one.At <= recent);
        double latelyADay = followed.Count(one => one.At > terms.Now - terms.Window) / terms.Window.TotalDays;
        return new OutcomeLag(
            lags.Length,
            lags.Length > 0 ? lags[(lags.Length - 1) / 2] : null,
            lags.Length > 0 ? lags[(int)Math.Ceiling(0.9 * lags.Length) - 1] : null,
            old.Length >= FewestOfEither ? (double)old.Count(one => one.WrongAfter > terms.Window) / old.Length : null,
            followed.Count(one => one.At > terms.Now - terms.Window && one.WrongAfter is null),
            // As many a case as there were before, of the cases of the latest window: where nobody borrows any more, no reports are missed.
            before >= FewestCompared ? (double)reports.Count(at => at <= recent) / before * latelyADay * terms.Recent.TotalDays : 0,
            reports.Count(at => at > recent && at <= terms.Now));
    }

    private static IReadOnlyList<DriftFinding> Compare(IReadOnlyList<WatchedCase> cases, IReadOnlyList<(string Name, int Levels)> attributes, WatchTerms terms)
    {
        WatchedCase[] then = [.. cases.Where(one => terms.IsKnown(one.At))];
        return PopulationDrift.Between(
            then, [.. cases.Where(one => terms.IsRecent(one.At))], FewestCompared,
            then.Length > 0 && !double.IsNaN(then[0].Probability) ? one => one.Probability : null, attributes, (one, i) => one.Values[i]);
    }

    private static string Told(DriftFinding one) =>
        FormattableString.Invariant($"{one.Name} (population stability index {one.Index:F2}, missing {one.MissingThen:P0} then and {one.MissingNow:P0} now)");

    private static IEnumerable<WatchAlarm> AlarmsOf(CalibrationFinding? calibration, OutcomeLag outcomes, IReadOnlyList<DriftFinding> drift, WatchTerms terms)
    {
        if (calibration is { } one && Math.Max(one.Expected, one.Observed) >= LeastExpected && Math.Abs(one.Deviation) > AlarmingDeviation && Math.Abs(one.Observed - one.Expected) > NegligibleGap * one.Expected)
        {
            yield return new WatchAlarm(Miscalibrated, FormattableString.Invariant($"{one.Observed} cases went wrong where {one.Expected:F1} were expected by now ({one.Deviation:+0.0;-0.0} standard deviations)."));
        }

        if (calibration is { Auc: { } auc, AucError: { } error } && terms.LearnedAuc is { } learned && learned - auc > AlarmingDeviation * error)
        {
            yield return new WatchAlarm(Weaker, FormattableString.Invariant($"The area under the curve is {auc:F4} ± {error:F4} since the model learned; its card says {learned:F4}."));
        }

        // Tenure and counts grow with a platform: that an attribute moved is no alarm while the scores are spread as they were. That it stopped coming is.
        DriftFinding[] gone = [.. drift.Where(one => Math.Abs(one.MissingNow - one.MissingThen) > MostMissingMoved)];
        DriftFinding[] shifted = [.. drift.Where(one => one.Verdict == DriftVerdict.Shifted)];
        bool hasScore = drift.Any(one => one.Name == PopulationDrift.Score);
        if (gone.Length > 0 || (hasScore ? shifted.Any(one => one.Name == PopulationDrift.Score) : shifted.Length > 0))
        {
            yield return new WatchAlarm(Shifted, $"Whom it scores has changed: {string.Join(", ", shifted.Union(gone).Select(Told))}.");
        }

        if (outcomes.LateShare > MostLate)
        {
            yield return new WatchAlarm(WindowTooShort, FormattableString.Invariant($"{outcomes.LateShare:P0} of the bad outcomes come later than the window of {terms.Window.TotalDays:0.#} days, and pass for good when a model learns."));
        }

        if (outcomes.ExpectedReports >= FewestReports && outcomes.Reports < LeastReportsShare * outcomes.ExpectedReports)
        {
            yield return new WatchAlarm(OutcomesMissing, FormattableString.Invariant($"{outcomes.Reports} reports of outcomes came in {terms.Recent.TotalDays:0.#} days; {outcomes.ExpectedReports:F0} were expected by what each case brought before."));
        }
    }
}
