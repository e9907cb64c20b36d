namespace KnowledgePay.Learning.Risk;

/// <summary>How a group of people would fare with a model.</summary>
/// <param name="PassRate">Share of its cases at no more than the risk that passes.</param>
/// <param name="BadRate">Share of its cases that ended badly.</param>
public sealed record GroupOutcome(string Kind, string Name, int Cases, double PassRate, double BadRate)
{
    /// <summary>Cases of a group below which nothing is said about it.</summary>
    public const int FewestCases = 30;

    /// <summary>By kind and name, of the groups that are large enough.</summary>
    /// <param name="groups">By case.</param>
    /// <param name="risks">By case, as predicted without it.</param>
    /// <param name="outcomes">By case: 1 for a bad end.</param>
    /// <param name="mostRisk">What passes.</param>
    public static IReadOnlyList<GroupOutcome> Of(IReadOnlyList<IReadOnlyList<(string Kind, string Name)>> groups, ReadOnlySpan<double> risks, ReadOnlySpan<byte> outcomes, double mostRisk)
    {
        var counts = new SortedDictionary<(string Kind, string Name), (int Cases, int Passed, int Bad)>();
        for (int row = 0; row < groups.Count; row++)
        {
            foreach ((string Kind, string Name) group in groups[row])
            {
                (int cases, int passed, int bad) = counts.GetValueOrDefault(group);
                counts[group] = (cases + 1, passed + (risks[row] <= mostRisk ? 1 : 0), bad + outcomes[row]);
            }
        }

        return
        [
            .. counts.Where(group => group.Value.Cases >= FewestCases).Select(group => new GroupOutcome(
                group.Key.Kind, group.Key.Name, group.Value.Cases, (double)group.Value.Passed / group.Value.Cases, (double)group.Value.Bad / group.Value.Cases)),
        ];
    }

    /// <summary>Over the kinds of groups, the least pass rate divided by the greatest of the same kind; null where there are no two groups to compare.</summary>
    public static double? PassRatio(IReadOnlyList<GroupOutcome> groups)
    {
        double[] ratios =
        [
            .. groups.GroupBy(group => group.Kind).Where(kind => kind.Count() > 1 && kind.Max(group => group.PassRate) > 0)
                .Select(kind => kind.Min(group => group.PassRate) / kind.Max(group => group.PassRate)),
        ];
        return ratios.Length == 0 ? null : Math.Round(ratios.Min(), 6);
    }
}
