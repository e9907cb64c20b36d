using KnowledgePay.Decisions.Recommending.Models;
using KnowledgePay.Learning.Ranking;

namespace KnowledgePay.Learning.Recommenders;

/// <summary>What validation chose for one learner.</summary>
/// <param name="Scorer">Learned on the part that was not held out; null when nothing could be held out.</param>
internal sealed record Tuned(IRecommenderLearner Learner, Hyperparameters Settings, RankingMetrics? Metrics, IHistoryScorer? Scorer);

/// <summary>Chooses a learner's settings by NDCG on the held-out items, then looks around the best for a few rounds.</summary>
/// <remarks>Settings whose NDCG is less than a standard error of the users' differences below the best's cannot be told apart from it: the learner then has a preference.</remarks>
internal sealed class LearnerTuning(Holdout holdout, TrainingData part, IReadOnlyDictionary<string, double> given, TimeProvider time, Action<string>? progress)
{
    private const int MostRounds = 6;

    /// <summary>Items from which a trial of a dense model takes most of a minute: then there are fewer of them.</summary>
    private const int ManyItems = 5000;
    private const int RoundsOfMany = 1;

    // Without what was learned, which may be large.
    private readonly List<(Hyperparameters Settings, RankingMetrics[] Each)> _tried = [];

    public List<Trial> Trials { get; } = [];

    /// <summary>The learner with its usual settings, tried once.</summary>
    public Tuned Usual(IRecommenderLearner learner)
    {
        Hyperparameters usual = learner.Choices(part)[0].With(given);
        Tuned? best = null;
        return holdout.Users.Length > 0 && TryAll(learner, [usual], [], ref best) ? best! : new Tuned(learner, usual, null, null);
    }

    public Tuned Tune(IRecommenderLearner learner)
    {
        Hyperparameters first = learner.Choices(part)[0].With(given);
        if (holdout.Users.Length == 0)
        {
            return new Tuned(learner, first, null, null);
        }

        var tried = new HashSet<string>();
        Tuned? best = null;
        _tried.Clear();
        bool better = TryAll(learner, learner.Choices(part), tried, ref best);
        int rounds = part.Matrix.Items > ManyItems ? RoundsOfMany : MostRounds;
        for (int round = 0; round < rounds && better; round++)
        {
            better = TryAll(learner, learner.Around(best!.Settings, part), tried, ref best);
        }

        return Preferred(learner, best!);
    }

    private Tuned Preferred(IRecommenderLearner learner, Tuned best)
    {
        RankingMetrics[] figures = _tried.Single(one => one.Settings == best.Settings).Each;
        (Hyperparameters settings, RankingMetrics? metrics) = (best.Settings, best.Metrics);
        foreach ((Hyperparameters Settings, RankingMetrics[] Each) one in _tried)
        {
            if (learner.Prefers(one.Settings, settings) && IsLevel(figures, one.Each))
            {
                (settings, metrics) = (one.Settings, ScorerEvaluation.Mean(one.Each));
            }
        }

        return settings == best.Settings ? best : new Tuned(learner, settings, metrics, learner.Fit(part, settings));
    }

    /// <summary>Whether the mean of the users' differences is within its standard error.</summary>
    private static bool IsLevel(RankingMetrics[] best, RankingMetrics[] other)
    {
        (double mean, double error) = PairedDifference.Of(best, other);
        return Math.Abs(mean) <= error;
    }

    private bool TryAll(IRecommenderLearner learner, IReadOnlyList<Hyperparameters> choices, HashSet<string> tried, ref Tuned? best)
    {
        bool better = false;
        foreach (Hyperparameters choice in choices.Select(choice => choice.With(given)))
        {
            if (!tried.Add(choice.ToString()))
            {
                continue;
            }

            long started = time.GetTimestamp();
            IHistoryScorer scorer = learner.Fit(part, choice);
            RankingMetrics[] each = ScorerEvaluation.Each(scorer, holdout, RecommenderLearning.ValidationCut);
            RankingMetrics metrics = ScorerEvaluation.Mean(each);
            double seconds = time.GetElapsedTime(started).TotalSeconds;
            Trials.Add(new Trial(learner.Algorithm, choice.Values, metrics, seconds));
            progress?.Invoke(FormattableString.Invariant(
                $"{learner.Algorithm} {choice}: NDCG@{RecommenderLearning.ValidationCut} {metrics.Ndcg:F4}, recall {metrics.Recall:F4}; {seconds:F1} s"));
            var tuned = new Tuned(learner, choice, metrics, scorer);
            _tried.Add((choice, each));
            if (best is null || metrics.Ndcg > best.Metrics!.Value.Ndcg)
            {
                best = tuned;
                better = true;
            }
        }

        return better;
    }
}
