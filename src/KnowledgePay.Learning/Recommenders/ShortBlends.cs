using KnowledgePay.Decisions.Recommending.Models;
using KnowledgePay.Learning.Ranking;

namespace KnowledgePay.Learning.Recommenders;

/// <summary>Learns what the parts of a blend weigh while a history is short: what is best of a long one makes much of little there.</summary>
/// <remarks>Only for lengths of which validation saw nobody: who has a long history cut short is not who has a short one, and the blend's weights were found with the latter.</remarks>
internal static class ShortBlends
{
    /// <summary>Of the newcomers every third judges what the others have chosen.</summary>
    private const int JudgeEvery = 3;

    /// <summary>People of a length, so that something can be said of it.</summary>
    private const int FewestPeople = 60;

    /// <summary>The longest first, each going on from the next longer one's.</summary>
    /// <param name="blend">Of parts learned without the newcomers.</param>
    /// <param name="validation">What the blend's own weights were found with.</param>
    /// <returns>By length ascending; none from the length on from which the blend's own weights are no worse.</returns>
    public static ShortBlend[] Learn(BlendScorer blend, Holdout validation, Newcomers newcomers)
    {
        var found = new Stack<ShortBlend>();
        float[] weights = blend.Weights;
        for (int at = ShortHistories.Lengths.Length - 1; at >= 0; at--)
        {
            int length = ShortHistories.Lengths[at], shorter = at == 0 ? 0 : ShortHistories.Lengths[at - 1];
            Holdout holdout = newcomers.CutTo(length);
            bool isSeen = validation.Users.Count(user => validation.Train.RowLength(user) is { } own && own > shorter && own <= length) >= FewestPeople;
            weights = isSeen ? blend.Weights : holdout.Users.Length < FewestPeople ? weights : Better(blend.Parts, weights, holdout);
            if (found.Count > 0 || !weights.AsSpan().SequenceEqual(blend.Weights))
            {
                found.Push(new ShortBlend(length, weights));
            }
        }

        return [.. found];
    }

    private static float[] Better(IHistoryScorer[] parts, float[] weights, Holdout holdout)
    {
        int[] learners = [.. holdout.Users.Where((_, at) => at % JudgeEvery != 0).Take(BlendWeights.UsersFor(holdout.Train.Items, parts.Length))];
        var search = new BlendWeights(holdout, learners);
        Array.ForEach(parts, search.Add);
        float[] moved = search.Learn(weights);
        Holdout judges = holdout.Only([.. holdout.Users.Where((_, at) => at % JudgeEvery == 0)]);
        (double gain, double error) = PairedDifference.Of(Each(parts, moved, judges), Each(parts, weights, judges));
        return gain > error ? moved : weights;
    }

    private static RankingMetrics[] Each(IHistoryScorer[] parts, float[] weights, Holdout judges) => ScorerEvaluation.Each(new BlendScorer(parts, weights), judges, RecommenderLearning.ValidationCut);
}
