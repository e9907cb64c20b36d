using KnowledgePay.Decisions.Offers;
using KnowledgePay.Learning.Risk;

namespace KnowledgePay.Learning.Fairness;

/// <summary>What a group and an outcome weigh, so that neither tells of the other.</summary>
/// <param name="Weight">Rows that there would be were the two independent, divided by those that there are.</param>
/// <param name="Kept">Rows of <paramref name="Rows"/> that are learned from.</param>
public sealed record CellWeight(string Group, bool Positive, int Rows, double Weight, int Kept);

/// <summary>Reweighing: in what is learned from, the outcome no longer depends on the group.</summary>
/// <remarks>
/// Kamiran and Calders, "Data preprocessing techniques for classification without discrimination", 2012, §4.3, by sampling: a row is kept with a chance in proportion to its
/// cell's weight, the largest of which is 1. Rows are only left out, never doubled, so that no row is on both sides of a cross-validation.
/// </remarks>
public static class Reweighing
{
    /// <param name="groups">By row the place in <paramref name="names"/>, −1 for none: such rows are kept.</param>
    /// <returns>The rows that are kept, rising, and the weights.</returns>
    public static (int[] Rows, IReadOnlyList<CellWeight> Weights) Sample(int[] groups, IReadOnlyList<string> names, byte[] outcomes, ulong seed)
    {
        int[,] counts = new int[names.Count, 2];
        for (int row = 0; row < groups.Length; row++)
        {
            if (groups[row] >= 0)
            {
                counts[groups[row], outcomes[row]]++;
            }
        }

        double all = counts.Cast<int>().Sum();
        double[] ofOutcome = [.. Enumerable.Range(0, 2).Select(outcome => Enumerable.Range(0, names.Count).Sum(group => (double)counts[group, outcome]))];
        double Weight(int group, int outcome) =>
            counts[group, outcome] == 0 ? 0 : ((double)counts[group, 0] + counts[group, 1]) * ofOutcome[outcome] / all / counts[group, outcome];
        double largest = Enumerable.Range(0, names.Count).SelectMany(group => (double[])[Weight(group, 0), Weight(group, 1)]).DefaultIfEmpty(0).Max();
        var random = new SeededRandom(seed, 0x3E16);
        int[,] kept = new int[names.Count, 2];
        double[,] due = new double[names.Count, 2];
        for (int group = 0; group < names.Count; group++)
        {
            (due[group, 0], due[group, 1]) = (random.NextDouble(), random.NextDouble());
        }

        // In an order of its own, that the rows' order may mean nothing; by shares that add up, so that each cell has its number to within one.
        int[] order = FoldPlan.Shuffled(groups.Length, ref random);
        var rows = new List<int>(groups.Length);
        foreach (int row in order)
        {
            int group = groups[row];
            if (group < 0)
            {
                rows.Add(row);
                continue;
            }

            due[group, outcomes[row]] += Weight(group, outcomes[row]) / largest;
            if (due[group, outcomes[row]] >= 1)
            {
                due[group, outcomes[row]]--;
                kept[group, outcomes[row]]++;
                rows.Add(row);
            }
        }

        rows.Sort();
        return (
            [.. rows],
            [
                .. Enumerable.Range(0, names.Count).SelectMany(group => Enumerable.Range(0, 2)
                    .Where(outcome => counts[group, outcome] > 0)
                    .Select(outcome => new CellWeight(names[group], outcome == 1, counts[group, outcome], Weight(group, outcome), kept[group, outcome]))),
            ]);
    }
}
