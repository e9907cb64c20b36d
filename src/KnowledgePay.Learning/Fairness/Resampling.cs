using KnowledgePay.Decisions.Offers;

namespace KnowledgePay.Learning.Fairness;

/// <summary>Draws a group's decisions anew, with replacement: the four counts are multinomial.</summary>
internal static class Resampling
{
    public static GroupCounts Draw(GroupCounts counts, ref SeededRandom random)
    {
        int left = counts.Rows;
        double share = 1;
        int Next(int count, ref SeededRandom source)
        {
            double own = (double)count / counts.Rows;
            int drawn = share <= 0 ? 0 : Binomial(left, Math.Clamp(own / share, 0, 1), ref source);
            (left, share) = (left - drawn, share - own);
            return drawn;
        }

        int a = Next(counts.TruePositives, ref random);
        int b = Next(counts.FalsePositives, ref random);
        int c = Next(counts.FalseNegatives, ref random);
        return new GroupCounts(a, b, c, left);
    }

    /// <summary>By counting; by the normal approximation where the variance is above 400, where the two are the same to a thousandth.</summary>
    private static int Binomial(int trials, double chance, ref SeededRandom random)
    {
        double variance = trials * chance * (1 - chance);
        if (variance > 400)
        {
            double normal = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
            return (int)Math.Clamp(Math.Round((trials * chance) + (Math.Sqrt(variance) * normal)), 0, trials);
        }

        // Waiting times between successes of the rarer side: as many draws as there are successes.
        if (chance > 0.5)
        {
            return trials - Binomial(trials, 1 - chance, ref random);
        }

        if (chance <= 0)
        {
            return 0;
        }

        int successes = 0;
        double log = Math.Log(1 - chance);
        for (double at = Math.Floor(Math.Log(1 - random.NextDouble()) / log); at < trials; at += 1 + Math.Floor(Math.Log(1 - random.NextDouble()) / log))
        {
            successes++;
        }

        return successes;
    }
}
