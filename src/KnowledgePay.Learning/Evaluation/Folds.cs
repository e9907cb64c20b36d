using KnowledgePay.Learning.Simulation;

namespace KnowledgePay.Learning.Evaluation;

/// <summary>Which fold each row is held out in.</summary>
internal static class Folds
{
    /// <summary>Folds of nearly the same size in which each stratum has nearly the same share.</summary>
    /// <param name="strata">A small whole number by row.</param>
    public static int[] Stratified(ReadOnlySpan<int> strata, int folds, ulong seed)
    {
        int[] order = new int[strata.Length];
        for (int i = 0; i < order.Length; i++)
        {
            order[i] = i;
        }

        var random = new SeededRandom(seed);
        Shuffle(order, random);
        int[] keys = new int[order.Length];
        for (int i = 0; i < order.Length; i++)
        {
            keys[i] = strata[order[i]];
        }

        // A stable sort keeps the shuffled order within a stratum.
        int[] sorted = [.. Enumerable.Range(0, order.Length).OrderBy(i => keys[i])];
        int[] fold = new int[order.Length];
        for (int i = 0; i < sorted.Length; i++)
        {
            fold[order[sorted[i]]] = i % folds;
        }

        return fold;
    }

    public static int[] Plain(int rows, int folds, ulong seed) => Stratified(new int[rows], folds, seed);

    public static void Shuffle(Span<int> items, SeededRandom random)
    {
        for (int i = items.Length - 1; i > 0; i--)
        {
            int j = random.Next(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }

    public static int[] Where(ReadOnlySpan<int> fold, Func<int, bool> keep)
    {
        var rows = new List<int>(fold.Length);
        for (int i = 0; i < fold.Length; i++)
        {
            if (keep(fold[i]))
            {
                rows.Add(i);
            }
        }

        return [.. rows];
    }
}
