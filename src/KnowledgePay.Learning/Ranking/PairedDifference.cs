namespace KnowledgePay.Learning.Ranking;

/// <summary>Two rankings compared person by person.</summary>
public static class PairedDifference
{
    /// <summary>The mean of the people's differences in NDCG, one less the other, and its standard error.</summary>
    public static (double Mean, double Error) Of(ReadOnlySpan<RankingMetrics> one, ReadOnlySpan<RankingMetrics> other)
    {
        double sum = 0, squares = 0;
        for (int user = 0; user < one.Length; user++)
        {
            double difference = one[user].Ndcg - other[user].Ndcg;
            sum += difference;
            squares += difference * difference;
        }

        double mean = sum / one.Length;
        return (mean, Math.Sqrt(Math.Max(0, (squares / one.Length) - (mean * mean)) / one.Length));
    }
}
