using System.Numerics.Tensors;
using KnowledgePay.Decisions.Recommending.Models;
using KnowledgePay.Learning.Ranking;

namespace KnowledgePay.Learning.Recommenders;

/// <summary>Learns the weights of a blend by coordinate ascent on NDCG over held-out items.</summary>
/// <remarks>Standardised scores of all parts are held: 4 bytes a user, item and part, bounded by <see cref="MostScores"/>.</remarks>
internal sealed class BlendWeights
{
    /// <summary>Scores that are held at most (400 MB).</summary>
    public const long MostScores = 100_000_000;

    private const int Rounds = 6;
    private const double LeastGain = 1e-5;
    private static readonly float[] Steps = [0.4f, -0.4f, 0.2f, -0.2f, 0.1f, -0.1f, 0.05f, -0.05f];

    private readonly Holdout _holdout;
    private readonly int[] _users;
    private readonly int _items;
    private readonly int[] _order;
    private readonly List<float[]> _scores = [];
    private readonly float[] _sum;
    private readonly double[] _gains;

    /// <param name="users">Users of the holdout to learn from.</param>
    public BlendWeights(Holdout holdout, int[] users)
    {
        (_holdout, _users, _items) = (holdout, users, holdout.Train.Items);
        _order = TopItems.OrderByPopularity(ScorerEvaluation.Popularity(holdout.Train));
        _sum = new float[(long)users.Length * _items];
        _gains = new double[users.Length];
    }

    /// <summary>Users that can be learned from with so many parts.</summary>
    public static int UsersFor(int items, int parts) => (int)Math.Clamp(MostScores / Math.Max(1, (long)items * (parts + 1)), 50, 1_000_000);

    public void Add(IHistoryScorer part)
    {
        var scores = new float[_sum.Length];
        Parallel.For(0, _users.Length, at =>
        {
            ReadOnlySpan<HistoryEntry> history = _holdout.Train.Row(_users[at]);
            Span<float> own = scores.AsSpan(at * _items, _items);
            part.Score(history, own);
            BlendScorer.Standardise(history, own);
        });
        _scores.Add(scores);
    }

    /// <summary>The weights, starting from the part that is best alone.</summary>
    public (float[] Weights, double Ndcg) Learn() => Learn([this]);

    /// <summary>The weights, going on from others.</summary>
    public float[] Learn(float[] start)
    {
        float[] weights = [.. start];
        for (int p = 0; p < weights.Length; p++)
        {
            Move(p, weights[p]);
        }

        Ascend([this], weights, Gain(0, 0));
        return weights;
    }

    /// <summary>The weights that are best on several holdouts together, each with the same parts in the same order.</summary>
    public static (float[] Weights, double Ndcg) Learn(IReadOnlyList<BlendWeights> folds)
    {
        var weights = new float[folds[0]._scores.Count];
        int best = 0;
        double gain = double.NegativeInfinity;
        for (int p = 0; p < weights.Length; p++)
        {
            double alone = Gain(folds, p, 1);
            (best, gain) = alone > gain ? (p, alone) : (best, gain);
        }

        weights[best] = 1;
        Move(folds, best, 1);
        return (weights, Ascend(folds, weights, gain));
    }

    private static double Ascend(IReadOnlyList<BlendWeights> folds, float[] weights, double gain)
    {
        for (int round = 0; round < Rounds; round++)
        {
            double before = gain;
            for (int p = 0; p < weights.Length; p++)
            {
                foreach (float step in Steps)
                {
                    double moved = Gain(folds, p, step);
                    if (moved > gain + LeastGain)
                    {
                        gain = moved;
                        weights[p] += step;
                        Move(folds, p, step);
                    }
                }
            }

            if (gain - before < 10 * LeastGain)
            {
                break;
            }
        }

        for (int p = 0; p < weights.Length; p++)
        {
            // Steps of 0.05 add up to zero only nearly.
            weights[p] = MathF.Abs(weights[p]) < 0.02f ? 0 : weights[p];
        }

        return gain;
    }

    private static void Move(IReadOnlyList<BlendWeights> folds, int part, float step)
    {
        foreach (BlendWeights fold in folds)
        {
            fold.Move(part, step);
        }
    }

    /// <summary>Mean over all folds' users.</summary>
    private static double Gain(IReadOnlyList<BlendWeights> folds, int part, float step) =>
        folds.Sum(fold => fold.Gain(part, step) * fold._users.Length) / folds.Sum(fold => fold._users.Length);

    private void Move(int part, float step) =>
        Parallel.For(0, _users.Length, at =>
        {
            Span<float> own = _sum.AsSpan(at * _items, _items);
            TensorPrimitives.MultiplyAdd(_scores[part].AsSpan(at * _items, _items), step, own, own);
        });

    /// <summary>Mean NDCG if a part's weight were moved.</summary>
    private double Gain(int part, float step)
    {
        const int K = RecommenderLearning.ValidationCut;
        Parallel.For(
            0,
            _users.Length,
            () => (Top: new TopItems(_order), Moved: new float[_items], Items: new int[K]),
            (at, _, scratch) =>
            {
                TensorPrimitives.MultiplyAdd(_scores[part].AsSpan(at * _items, _items), step, _sum.AsSpan(at * _items, _items), scratch.Moved);
                int found = scratch.Top.Select(scratch.Moved, _holdout.Train.Row(_users[at]), scratch.Items);
                _gains[at] = ScorerEvaluation.Compare(scratch.Items.AsSpan(0, found), _holdout.TestItems(_users[at]), K).Ndcg;
                return scratch;
            },
            _ => { });
        double sum = 0;
        foreach (double gain in _gains)
        {
            sum += gain;
        }

        return sum / _gains.Length;
    }
}
