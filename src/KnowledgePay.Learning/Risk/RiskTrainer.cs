using KnowledgePay.Decisions.Scoring;
using KnowledgePay.Learning.Evaluation;

namespace KnowledgePay.Learning.Risk;

/// <summary>What to learn, and how.</summary>
public sealed record RiskTraining
{
    /// <summary>One of <see cref="RiskTrainer.Algorithms"/>.</summary>
    public string Algorithm { get; init; } = "auto";

    public ulong Seed { get; init; } = 1;

    /// <summary>Folds of the outer cross-validation by which <c>auto</c> picks.</summary>
    public int OuterFolds { get; init; } = 3;

    /// <summary>By feature: +1 when more of it must not lower the risk, −1 when it must not raise it.</summary>
    public IReadOnlyList<int>? Monotone { get; init; }

    /// <summary>Numbers that stand for something else, each in a bin of its own.</summary>
    public IReadOnlyCollection<double> Specials { get; init; } = [];
}

/// <summary>One learned model of risk.</summary>
/// <param name="OutOfFold">Its figures on rows that the predicting models had not seen, at the chosen hyper-parameters.</param>
/// <param name="Chosen">Hyper-parameters by learner.</param>
/// <param name="OutOfFoldLogOdds">What <paramref name="OutOfFold"/> is of.</param>
public sealed record RiskFit(
    string Algorithm, LogOddsModel Model, BinaryMetrics OutOfFold, IReadOnlyDictionary<string, IReadOnlyDictionary<string, double>> Chosen, IReadOnlyList<double> OutOfFoldLogOdds);

/// <summary>The picked model, and what it was picked from.</summary>
/// <param name="Nested">By algorithm, the figures of each outer fold: hyper-parameters, calibration and weights were chosen without its rows. Empty unless <c>auto</c>.</param>
public sealed record RiskTrainingResult(RiskFit Picked, IReadOnlyDictionary<string, BinaryMetrics> OutOfFold, IReadOnlyDictionary<string, IReadOnlyList<BinaryMetrics>> Nested);

/// <summary>Learns models of the probability of a yes-or-no outcome.</summary>
public static class RiskTrainer
{
    public static IReadOnlyList<string> Algorithms { get; } = ["auto", "logistic", "scorecard", "random-forest", "boosted", "ensemble"];

    /// <param name="progress">Told what is done, and how much of all (0–1).</param>
    public static RiskTrainingResult Train(RiskRows data, RiskTraining settings, Action<string, double>? progress = null, CancellationToken cancellation = default)
    {
        IRiskLearner[] learners = Learners(settings.Algorithm);
        if (settings.Algorithm != "auto")
        {
            progress?.Invoke(settings.Algorithm, 0);
            Dictionary<string, RiskFit> fits = FitAll(data, learners, settings, settings.Algorithm == "ensemble", (name, share) => progress?.Invoke(name, share), cancellation);
            return new RiskTrainingResult(fits[settings.Algorithm], fits.ToDictionary(fit => fit.Key, fit => fit.Value.OutOfFold), new Dictionary<string, IReadOnlyList<BinaryMetrics>>());
        }

        int[] sample = FoldPlan.Sample(data.Outcomes, RiskTask.TuningRowsMax, settings.Seed);
        RiskRows rows = sample.Length == data.Rows ? data : data.Take(sample);
        int folds = Math.Clamp(Math.Min(rows.Positives, rows.Rows - rows.Positives) / 2, 2, settings.OuterFolds);
        FoldPlan plan = FoldPlan.Make(rows.Outcomes, folds, settings.Seed ^ 0x0FF);
        var nested = new Dictionary<string, List<BinaryMetrics>>();
        double step = 1.0 / (folds + 1);
        for (int fold = 0; fold < folds; fold++)
        {
            (int[] train, int[] validate) = plan.Split(fold);
            RiskRows held = rows.Take(validate);
            int at = fold;
            foreach ((string name, RiskFit fit) in FitAll(rows.Take(train), learners, settings, true, (text, share) => progress?.Invoke($"outer fold {at + 1} of {folds}: {text}", step * (at + share)), cancellation))
            {
                (nested.TryGetValue(name, out List<BinaryMetrics>? own) ? own : nested[name] = []).Add(Evaluate(fit.Model, held));
            }
        }

        // The ensemble holds all others, so that all are learned again on all rows, and the best by nested log loss is kept.
        string picked = nested.MinBy(pair => pair.Value.Average(metrics => metrics.LogLoss)).Key;
        IRiskLearner[] needed = picked == "ensemble" ? learners : [.. learners.Where(learner => learner.Algorithm == picked)];
        Dictionary<string, RiskFit> final = FitAll(data, needed, settings, picked == "ensemble", (text, share) => progress?.Invoke(text, step * (folds + share)), cancellation);
        return new RiskTrainingResult(
            final[picked],
            final.ToDictionary(fit => fit.Key, fit => fit.Value.OutOfFold),
            nested.ToDictionary(pair => pair.Key, pair => (IReadOnlyList<BinaryMetrics>)pair.Value));
    }

    public static BinaryMetrics Evaluate(LogOddsModel model, RiskRows rows)
    {
        var probabilities = new double[rows.Rows];
        Parallel.For(0, rows.Rows, row => probabilities[row] = LogOddsModel.Probability(model.LogOdds(rows.Row(row))));
        return BinaryMetrics.Of(probabilities, rows.Outcomes);
    }

    private static IRiskLearner[] Learners(string algorithm)
    {
        IRiskLearner[] all = [new LogisticLearner(), new ScorecardLearner(), new ForestLearner(), new BoostedLearner()];
        IRiskLearner[] own = algorithm is "auto" or "ensemble" ? all : [.. all.Where(learner => learner.Algorithm == algorithm)];
        return own.Length > 0 ? own : throw new ArgumentOutOfRangeException(nameof(algorithm), algorithm, $"expected one of {string.Join(", ", Algorithms)}.");
    }

    private static Dictionary<string, RiskFit> FitAll(
        RiskRows data, IRiskLearner[] learners, RiskTraining settings, bool stack, Action<string, double> progress, CancellationToken cancellation)
    {
        RiskTask task = RiskTask.Of(data, settings.Monotone, settings.Specials, settings.Seed, cancellation);
        var members = new List<CalibratedTerm>();
        var fits = new Dictionary<string, RiskFit>();
        foreach (IRiskLearner learner in learners)
        {
            CalibratedTerm member = CalibratedTerm.Of(learner.Fit(task), task.Tuning.Outcomes);
            members.Add(member);
            var model = new LogOddsModel(data.Features.Count, member.Scaling.Intercept, [(member.Scaling.Slope, member.Fitted.Term)]);
            fits[learner.Algorithm] = new RiskFit(learner.Algorithm, model, Metrics(member.OutOfFold, task.Tuning.Outcomes), Chosen([member]), member.OutOfFold);
            progress(learner.Algorithm, (double)members.Count / learners.Length);
        }

        if (stack)
        {
            (LogOddsModel model, double[] outOfFold, IReadOnlyDictionary<string, double> weights) = Stacking.Fit(task.Tuning, members);
            var chosen = new Dictionary<string, IReadOnlyDictionary<string, double>>(Chosen(members)) { ["ensemble"] = weights };
            fits["ensemble"] = new RiskFit("ensemble", model, Metrics(outOfFold, task.Tuning.Outcomes), chosen, outOfFold);
        }

        return fits;
    }

    private static IReadOnlyDictionary<string, IReadOnlyDictionary<string, double>> Chosen(IEnumerable<CalibratedTerm> members) =>
        members.ToDictionary(
            member => member.Fitted.Algorithm,
            member => (IReadOnlyDictionary<string, double>)new Dictionary<string, double>(member.Fitted.Chosen)
            {
                ["calibrationSlope"] = member.Scaling.Slope,
                ["calibrationIntercept"] = member.Scaling.Intercept,
            });

    private static BinaryMetrics Metrics(double[] logOdds, byte[] outcomes) =>
        BinaryMetrics.Of([.. logOdds.Select(LogOddsModel.Probability)], outcomes);
}
