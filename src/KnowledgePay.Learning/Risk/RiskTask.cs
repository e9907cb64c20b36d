using KnowledgePay.Decisions.Scoring;

namespace KnowledgePay.Learning.Risk;

/// <summary>What a learner is given.</summary>
/// <param name="Tuning">The rows on which hyper-parameters are chosen: all, or a stratified sample.</param>
/// <param name="All">The rows on which the model is then learned.</param>
/// <param name="Folds">Of the tuning rows.</param>
/// <param name="Monotone">By feature: +1, −1 or 0; null for none.</param>
/// <param name="Specials">Numbers that stand for something else.</param>
internal sealed record RiskTask(
    RiskRows Tuning, RiskRows All, FoldPlan Folds, IReadOnlyList<int>? Monotone, IReadOnlyCollection<double> Specials, ulong Seed, CancellationToken Cancellation)
{
    /// <summary>No more rows than this choose hyper-parameters.</summary>
    public const int TuningRowsMax = 60_000;

    public static RiskTask Of(RiskRows all, IReadOnlyList<int>? monotone, IReadOnlyCollection<double> specials, ulong seed, CancellationToken cancellation)
    {
        int[] sample = FoldPlan.Sample(all.Outcomes, TuningRowsMax, seed);
        RiskRows tuning = sample.Length == all.Rows ? all : all.Take(sample);
        int folds = Math.Clamp(Math.Min(tuning.Positives, tuning.Rows - tuning.Positives), 2, 5);
        return new RiskTask(tuning, all, FoldPlan.Make(tuning.Outcomes, folds, seed), monotone, specials, seed, cancellation);
    }

    public ParallelOptions Parallel => new() { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = Cancellation };
}

/// <summary>What a learner hands back.</summary>
/// <param name="Term">The margin; its scale is the learner's own.</param>
/// <param name="OutOfFold">The margin of each tuning row from models that have not seen it.</param>
/// <param name="Chosen">Hyper-parameters, by their names.</param>
internal sealed record FittedTerm(string Algorithm, IScoreTerm Term, double[] OutOfFold, IReadOnlyDictionary<string, double> Chosen);

internal interface IRiskLearner
{
    string Algorithm { get; }

    FittedTerm Fit(RiskTask task);
}
