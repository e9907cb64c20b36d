using KnowledgePay.Decisions.Offers;

namespace KnowledgePay.Learning.Risk;

/// <summary>Stratified folds: each row's fold, so that each has the same share of the positive outcome up to one row.</summary>
public sealed class FoldPlan
{
    private readonly byte[] _fold;

    private FoldPlan(byte[] fold, int folds) => (_fold, Folds) = (fold, folds);

    public int Folds { get; }

    public byte this[int row] => _fold[row];

    public static FoldPlan Make(ReadOnlySpan<byte> outcomes, int folds, ulong seed)
    {
        var random = new SeededRandom(seed, 0xF01D);
        var fold = new byte[outcomes.Length];
        int next = 0;
        for (byte outcome = 0; outcome <= 1; outcome++)
        {
            var rows = new List<int>();
            for (int row = 0; row < outcomes.Length; row++)
            {
                if (outcomes[row] == outcome)
                {
                    rows.Add(row);
                }
            }

            for (int i = rows.Count - 1; i > 0; i--)
            {
                int pick = (int)(random.NextDouble() * (i + 1));
                (rows[i], rows[pick]) = (rows[pick], rows[i]);
            }

            foreach (int row in rows)
            {
                fold[row] = (byte)(next++ % folds);
            }
        }

        return new FoldPlan(fold, folds);
    }

    /// <summary>The rows outside and inside a fold, ascending.</summary>
    public (int[] Train, int[] Validate) Split(int fold)
    {
        int[] all = [.. Enumerable.Range(0, _fold.Length)];
        return ([.. all.Where(row => _fold[row] != fold)], [.. all.Where(row => _fold[row] == fold)]);
    }

    /// <summary>A stratified sample of the rows, ascending; all when there are no more than <paramref name="most"/>.</summary>
    public static int[] Sample(ReadOnlySpan<byte> outcomes, int most, ulong seed)
    {
        if (outcomes.Length <= most)
        {
            return [.. Enumerable.Range(0, outcomes.Length)];
        }

        var random = new SeededRandom(seed, 0x5A3);
        var rows = new List<int>(most);
        Span<double> due = stackalloc double[2];
        double share = (double)most / outcomes.Length;
        due[0] = due[1] = random.NextDouble();
        int[] order = Shuffled(outcomes.Length, ref random);
        foreach (int row in order)
        {
            due[outcomes[row]] += share;
            if (due[outcomes[row]] >= 1)
            {
                due[outcomes[row]] -= 1;
                rows.Add(row);
            }
        }

        rows.Sort();
        return [.. rows];
    }

    internal static int[] Shuffled(int count, ref SeededRandom random)
    {
        int[] order = [.. Enumerable.Range(0, count)];
        for (int i = count - 1; i > 0; i--)
        {
            int pick = (int)(random.NextDouble() * (i + 1));
            (order[i], order[pick]) = (order[pick], order[i]);
        }

        return order;
    }
}
