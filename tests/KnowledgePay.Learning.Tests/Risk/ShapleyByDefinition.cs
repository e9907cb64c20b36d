using KnowledgePay.Decisions.Scoring;

namespace KnowledgePay.Learning.Tests.Risk;

/// <summary>Shapley values as Shapley (1953) wrote them down: over all coalitions of known features.</summary>
internal static class ShapleyByDefinition
{
    public static double[] Of(LogOddsModel model, double[] row)
    {
        int n = row.Length;
        var values = new double[1 << n];
        for (int known = 0; known < values.Length; known++)
        {
            values[known] = model.Intercept + model.Terms.Sum(term => term.Weight * Value(term.Term, row, known));
        }

        var shares = new double[n];
        for (int size = 0; size < n; size++)
        {
            shares[size] = 1 / (n * Choose(n - 1, size));
        }

        var contributions = new double[n];
        for (int feature = 0; feature < n; feature++)
        {
            for (int known = 0; known < values.Length; known++)
            {
                if ((known >> feature & 1) == 0)
                {
                    contributions[feature] += shares[int.PopCount(known)] * (values[known | (1 << feature)] - values[known]);
                }
            }
        }

        return contributions;
    }

    /// <summary>What a term says when only some features are known.</summary>
    private static double Value(IScoreTerm term, double[] row, int known) => term switch
    {
        AdditiveScore additive => additive.Intercept + additive.Functions.Sum(function => (known >> function.Feature & 1) != 0 ? function.Evaluate(row[function.Feature]) : function.Mean),
        TreeEnsemble trees => trees.Intercept + trees.Roots.Sum(root => Value(trees, root, row, known)),
        _ => throw new NotSupportedException(term.GetType().Name),
    };

    /// <summary>At a split on an unknown feature both children count by their cover.</summary>
    private static double Value(TreeEnsemble trees, int at, double[] row, int known)
    {
        TreeNode node = trees.Nodes[at];
        if (node.IsLeaf)
        {
            return node.Value;
        }

        if ((known >> node.Feature & 1) == 0)
        {
            return ((trees.Nodes[node.Left].Cover * Value(trees, node.Left, row, known)) + (trees.Nodes[node.Left + 1].Cover * Value(trees, node.Left + 1, row, known))) / node.Cover;
        }

        byte code = trees.Codings[node.Feature].Code(row[node.Feature]);
        bool left = node.CategorySet >= 0 ? trees.CategorySets[node.CategorySet].Contains(code) : code == 0 ? node.MissingLeft : code <= node.Threshold;
        return Value(trees, node.Left + (left ? 0 : 1), row, known);
    }

    private static double Choose(int n, int k)
    {
        double product = 1;
        for (int i = 1; i <= k; i++)
        {
            product *= (double)(n - k + i) / i;
        }

        return product;
    }
}
