using KnowledgePay.Decisions.Scoring;

namespace KnowledgePay.Learning.Risk;

/// <summary>How hard a model of a path is held back.</summary>
/// <param name="Ridge">L2 penalty.</param>
/// <param name="Tie">Of a scorecard: by how many rows' worth of information a bin's value is held to its weight of evidence when all values are fitted together; null for other learners.</param>
internal readonly record struct PathPoint(double Ridge, double? Tie = null);

/// <summary>Learners of additive scores: each set of hyper-parameters gives a path of models, and cross-validated log loss picks from all.</summary>
/// <typeparam name="TSettings">What is chosen beside the point of the path.</typeparam>
internal abstract class AdditiveLearner<TSettings> : IRiskLearner
{
    public abstract string Algorithm { get; }

    protected abstract IReadOnlyList<TSettings> Candidates(RiskRows data);

    protected abstract IReadOnlyList<PathPoint> Path { get; }

    protected abstract IReadOnlyList<AdditiveScore> FitPath(RiskRows data, TSettings settings, RiskTask task, IReadOnlyList<PathPoint> path);

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

        var margins = new double[candidates.Count, Path.Count][];
        for (int candidate = 0; candidate < candidates.Count; candidate++)
        {
            for (int point = 0; point < Path.Count; point++)
            {
                margins[candidate, point] = new double[task.Tuning.Rows];
            }
        }

        Parallel.For(0, candidates.Count * folds, task.Parallel, i =>
        {
            (int[] rows, RiskRows train) = splits[i % folds];
            IReadOnlyList<AdditiveScore> path = FitPath(train, candidates[i / folds], task, Path);
            for (int point = 0; point < Path.Count; point++)
            {
                foreach (int row in rows)
                {
                    margins[i / folds, point][row] = path[point].Evaluate(task.Tuning.Row(row));
                }
            }
        });

        (int Candidate, int Point, double Loss) best = (0, 0, double.PositiveInfinity);
        for (int candidate = 0; candidate < candidates.Count; candidate++)
        {
            for (int point = 0; point < Path.Count; point++)
            {
                double loss = LogLoss(margins[candidate, point], task.Tuning.Outcomes);
                best = loss < best.Loss ? (candidate, point, loss) : best;
            }
        }

        PathPoint chosen = Path[best.Point];
        AdditiveScore score = FitPath(task.All, candidates[best.Candidate], task, [chosen])[0];
        var said = new Dictionary<string, double>(Describe(candidates[best.Candidate])) { ["ridge"] = chosen.Ridge };
        if (chosen.Tie is { } tie)
        {
            said["tieRows"] = tie;
        }

        return new FittedTerm(Algorithm, score, margins[best.Candidate, best.Point], said);
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
