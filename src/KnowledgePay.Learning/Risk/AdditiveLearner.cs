using KnowledgePay.Decisions.Scoring;

namespace KnowledgePay.Learning.Risk;

/// <summary>Learners of additive scores: each set of hyper-parameters gives a path of models over L2 penalties, and cross-validated log loss picks from all.</summary>
/// <typeparam name="TSettings">What is chosen beside the penalty.</typeparam>
internal abstract class AdditiveLearner<TSettings> : IRiskLearner
{
    public abstract string Algorithm { get; }

    protected abstract IReadOnlyList<TSettings> Candidates(RiskRows data);

    protected abstract IReadOnlyList<double> Penalties { get; }

    protected abstract IReadOnlyList<AdditiveScore> FitPath(RiskRows data, TSettings settings, RiskTask task, IReadOnlyList<double> penalties);

    protected abstract IEnumerable<KeyValuePair<string, double>> Describe(TSettings settings);

    public FittedTerm Fit(RiskTask task)
    {
        IReadOnlyList<TSettings> candidates = Candidates(task.Tuning);
        int folds = task.Folds.Folds;
        var splits = new (int[] Rows, RiskRows Train)[folds];
        for (int fold = 0; fold < folds; fold++)
        {
            (int[] train, int[] validate) = task.Folds.Split(fold);
            splits[fold] = (validate, task.Tuning.Take(train));
        }

        var margins = new double[candidates.Count, Penalties.Count][];
        for (int candidate = 0; candidate < candidates.Count; candidate++)
        {
            for (int penalty = 0; penalty < Penalties.Count; penalty++)
            {
                margins[candidate, penalty] = new double[task.Tuning.Rows];
            }
        }

        Parallel.For(0, candidates.Count * folds, task.Parallel, i =>
        {
            (int[] rows, RiskRows train) = splits[i % folds];
            IReadOnlyList<AdditiveScore> path = FitPath(train, candidates[i / folds], task, Penalties);
            for (int penalty = 0; penalty < Penalties.Count; penalty++)
            {
                foreach (int row in rows)
                {
                    margins[i / folds, penalty][row] = path[penalty].Evaluate(task.Tuning.Row(row));
                }
            }
        });

        (int Candidate, int Penalty, double Loss) best = (0, 0, double.PositiveInfinity);
        for (int candidate = 0; candidate < candidates.Count; candidate++)
        {
            for (int penalty = 0; penalty < Penalties.Count; penalty++)
            {
                double loss = LogLoss(margins[candidate, penalty], task.Tuning.Outcomes);
                best = loss < best.Loss ? (candidate, penalty, loss) : best;
            }
        }

        double chosen = Penalties[best.Penalty];
        AdditiveScore score = FitPath(task.All, candidates[best.Candidate], task, [chosen])[0];
        return new FittedTerm(Algorithm, score, margins[best.Candidate, best.Penalty], new Dictionary<string, double>(Describe(candidates[best.Candidate])) { ["ridge"] = chosen });
    }

    private static double LogLoss(double[] margins, byte[] outcomes)
    {
        double loss = 0;
        for (int row = 0; row < margins.Length; row++)
        {
            loss += Math.Max(margins[row], 0) - (margins[row] * outcomes[row]) + Math.Log(1 + Math.Exp(-Math.Abs(margins[row])));
        }

        return loss / margins.Length;
    }
}
