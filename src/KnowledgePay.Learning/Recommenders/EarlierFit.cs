using System.Numerics.Tensors;
using KnowledgePay.Decisions.Recommending.Models;
using KnowledgePay.Learning.Interactions;
using KnowledgePay.Learning.Simulation;

namespace KnowledgePay.Learning.Recommenders;

/// <summary>What a learner goes on from: the model that it made of earlier data, and which of today's items that model knew.</summary>
/// <param name="itemOf">By today's item: its place in the earlier model, −1 where that had learned nothing of it.</param>
/// <param name="hasNew">Whether a user of today's matrix has something that the earlier model has not seen.</param>
public sealed class EarlierFit(IHistoryScorer scorer, int[] itemOf, Func<InteractionMatrix, int, bool> hasNew)
{
    public IHistoryScorer Scorer => scorer;

    /// <summary>Whether the earlier model had learned something of an item.</summary>
    public bool Knows(int item) => itemOf[item] >= 0;

    /// <summary>The same for a part of a blend.</summary>
    public EarlierFit Of(IHistoryScorer part) => new(part, itemOf, hasNew);

    /// <summary>What was learned of a part of today's interactions, of the same users and items.</summary>
    public static EarlierFit OfPart(IHistoryScorer scorer, InteractionMatrix part) => new(
        scorer,
        [.. Enumerable.Range(0, part.Items).Select(item => part.Degree(item) > 0 ? item : -1)],
        (matrix, user) => matrix.RowLength(user) > part.RowLength(user));

    /// <summary>Of a network: share of the rate of learning anew, and how strongly weights are drawn back to where they were.</summary>
    private const double NetworkRate = 0.3, NetworkAnchor = 1;

    /// <summary>Takers of a new item that are looked at, at most, for where it starts.</summary>
    private const int MostTakers = 256;

    /// <summary>Writes the earlier rows over those of <paramref name="fresh"/>, and adds to a new item's the mean of what its takers took before: it starts among those.</summary>
    /// <param name="width">Numbers in an item's row.</param>
    public void CopyVectors(InteractionMatrix matrix, ReadOnlySpan<float> earlier, Span<float> fresh, int width)
    {
        CopyRows(earlier, fresh, width);
        var sum = new float[width];
        for (int item = 0; item < itemOf.Length; item++)
        {
            if (itemOf[item] >= 0)
            {
                continue;
            }

            Array.Clear(sum);
            int found = 0;
            foreach (int user in matrix.UsersOf(item)[..Math.Min(MostTakers, matrix.Degree(item))])
            {
                foreach (HistoryEntry entry in matrix.Row(user))
                {
                    if (itemOf[entry.Item] is >= 0 and { } known)
                    {
                        TensorPrimitives.Add(sum, earlier.Slice(known * width, width), sum);
                        found++;
                    }
                }
            }

            if (found > 0)
            {
                TensorPrimitives.MultiplyAdd(sum, 1f / found, fresh.Slice(item * width, width), fresh.Slice(item * width, width));
            }
        }
    }

    /// <summary>Writes the earlier rows over those of <paramref name="fresh"/>, which stay as they are for new items.</summary>
    /// <param name="width">Numbers in an item's row.</param>
    public void CopyRows(ReadOnlySpan<float> earlier, Span<float> fresh, int width)
    {
        for (int item = 0; item < itemOf.Length; item++)
        {
            if (itemOf[item] >= 0)
            {
                earlier.Slice(itemOf[item] * width, width).CopyTo(fresh.Slice(item * width, width));
            }
        }
    }

    /// <summary>What a network goes on with from earlier weights: fewer epochs, a lower rate, and drawn to where it was instead of to nothing.</summary>
    /// <param name="epochsShare">Of the epochs that learning anew takes.</param>
    internal static Hyperparameters Shorter(Hyperparameters settings, double epochsShare) => settings.With(new Dictionary<string, double>
    {
        ["epochs"] = Math.Max(1, Math.Round(settings["epochs"] * epochsShare)),
        ["rate"] = settings["rate"] * NetworkRate,
        ["decay"] = NetworkAnchor,
    });

    /// <summary>
    /// Who is learned from when parameters go on from the earlier ones: everybody with something new, and as many others drawn anew, whom it would forget otherwise (a replay set).
    /// </summary>
    /// <returns>People with two items or more, in a random order.</returns>
    internal int[] Learners(InteractionMatrix matrix, SeededRandom random)
    {
        int[] all = [.. Enumerable.Range(0, matrix.Users).Where(user => matrix.RowLength(user) >= 2)];
        random.Shuffle(all);
        int[] changed = [.. all.Where(user => hasNew(matrix, user))];
        int[] learners = [.. changed, .. all.Where(user => !hasNew(matrix, user)).Take(changed.Length)];
        random.Shuffle(learners);
        return learners;
    }
}

/// <summary>A learner whose parameters can go on from those that it found before.</summary>
public interface IRefittingLearner : IRecommenderLearner
{
    /// <summary>Learns what is new without forgetting what was known, in a part of the time of <see cref="IRecommenderLearner.Fit"/>; learns anew where the earlier model has another shape.</summary>
    IHistoryScorer Refit(TrainingData data, Hyperparameters settings, EarlierFit earlier);
}
