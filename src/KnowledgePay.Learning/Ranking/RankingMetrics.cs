namespace KnowledgePay.Learning.Ranking;

/// <summary>Figures of a ranking at a cut k, averaged over users with at least one test item.</summary>
/// <remarks>
/// Recall divides by the number of test items. NDCG is binary, with the ideal list cut at k: <c>Σ 1/log₂(rank+1)</c> of the hits over the same sum of the
/// first min(k, test items) ranks. Hit rate is the share of users with a hit, MRR the mean of 1/rank of the first hit within k.
/// </remarks>
public readonly record struct RankingMetrics(double Recall, double Ndcg, double Precision, double HitRate, double Mrr, long Users)
{
    private static readonly double[] Discounts = [.. Enumerable.Range(0, 1024).Select(rank => 1 / Math.Log2(rank + 2))];

    /// <summary>Greatest cut.</summary>
    public const int LargestCut = 1024;

    /// <summary>The figures of one user.</summary>
    /// <param name="hits">Whether each of the ranked items, best first, is a test item.</param>
    /// <param name="relevant">Test items, at least 1.</param>
    public static RankingMetrics Of(ReadOnlySpan<bool> hits, int relevant, int k)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(relevant, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(k, LargestCut);
        int found = 0, first = -1;
        double gain = 0, ideal = 0;
        for (int rank = 0; rank < Math.Min(k, hits.Length); rank++)
        {
            if (hits[rank])
            {
                found++;
                gain += Discounts[rank];
                first = first < 0 ? rank : first;
            }
        }

        for (int rank = 0; rank < Math.Min(k, relevant); rank++)
        {
            ideal += Discounts[rank];
        }

        return new RankingMetrics((double)found / relevant, gain / ideal, (double)found / k, found > 0 ? 1 : 0, first < 0 ? 0 : 1.0 / (first + 1), 1);
    }

    /// <summary>The mean over users of two sets that are disjoint.</summary>
    public static RankingMetrics operator +(RankingMetrics a, RankingMetrics b)
    {
        long users = a.Users + b.Users;
        if (users == 0)
        {
            return default;
        }

        double x = (double)a.Users / users, y = (double)b.Users / users;
        return new RankingMetrics(
            (a.Recall * x) + (b.Recall * y), (a.Ndcg * x) + (b.Ndcg * y), (a.Precision * x) + (b.Precision * y), (a.HitRate * x) + (b.HitRate * y), (a.Mrr * x) + (b.Mrr * y), users);
    }

    public static RankingMetrics Add(RankingMetrics left, RankingMetrics right) => left + right;
}
