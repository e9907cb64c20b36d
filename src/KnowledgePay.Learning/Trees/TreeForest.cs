using System.Runtime.InteropServices;
using KnowledgePay.Decisions.Scoring;

namespace KnowledgePay.Learning.Trees;

/// <summary>Trees as they are grown, in the flat form that scoring uses.</summary>
internal sealed class TreeForest(CodedColumns columns)
{
    public List<TreeNode> Nodes { get; } = [];

    public List<int> Roots { get; } = [];

    public List<CodeSet> CategorySets { get; } = [];

    /// <summary>Adds the last tree's leaf to each row's sum.</summary>
    /// <param name="codes">By feature, then by row.</param>
    public void AddLast(byte[][] codes, double[] sums)
    {
        ReadOnlySpan<TreeNode> nodes = CollectionsMarshal.AsSpan(Nodes);
        for (int row = 0; row < sums.Length; row++)
        {
            sums[row] += Leaf(nodes, Roots[^1], codes, row);
        }
    }

    /// <summary>The last tree's leaf for one row.</summary>
    public double EvaluateLast(byte[][] codes, int row) => Leaf(CollectionsMarshal.AsSpan(Nodes), Roots[^1], codes, row);

    /// <summary>Multiplies the last tree's leaves.</summary>
    public void ScaleLast(double factor)
    {
        for (int index = Roots[^1]; index < Nodes.Count; index++)
        {
            Nodes[index] = Nodes[index] with { Value = Nodes[index].Value * factor };
        }
    }

    /// <summary>Gives the last tree's leaves other values, and inner nodes the means of theirs.</summary>
    /// <param name="valueOf">From a leaf's value and cover.</param>
    public void MapLast(Func<double, double, double> valueOf)
    {
        // Children come after their parents.
        for (int index = Nodes.Count - 1; index >= Roots[^1]; index--)
        {
            TreeNode node = Nodes[index];
            if (node.IsLeaf)
            {
                Nodes[index] = node with { Value = valueOf(node.Value, node.Cover) };
                continue;
            }

            (TreeNode left, TreeNode right) = (Nodes[node.Left], Nodes[node.Left + 1]);
            Nodes[index] = node with { Value = ((left.Value * left.Cover) + (right.Value * right.Cover)) / (left.Cover + right.Cover) };
        }
    }

    /// <summary>Takes over another's trees.</summary>
    public void Append(TreeForest other)
    {
        int nodes = Nodes.Count;
        int sets = CategorySets.Count;
        Roots.AddRange(other.Roots.Select(root => root + nodes));
        CategorySets.AddRange(other.CategorySets);
        Nodes.AddRange(other.Nodes.Select(node => node.IsLeaf ? node : node with { Left = node.Left + nodes, CategorySet = node.CategorySet < 0 ? -1 : node.CategorySet + sets }));
    }

    /// <param name="trees">The first so many.</param>
    /// <param name="scale">By which each leaf is multiplied.</param>
    public TreeEnsemble ToEnsemble(int trees, double scale, double intercept)
    {
        int nodes = trees < Roots.Count ? Roots[trees] : Nodes.Count;
        return new TreeEnsemble(columns.Codings, Roots[..trees], [.. Nodes.Take(nodes).Select(node => node with { Value = node.Value * scale })], CategorySets, intercept);
    }

    private double Leaf(ReadOnlySpan<TreeNode> nodes, int root, byte[][] codes, int row)
    {
        ref readonly TreeNode node = ref nodes[root];
        while (!node.IsLeaf)
        {
            byte code = codes[node.Feature][row];
            bool left = node.CategorySet >= 0 ? CategorySets[node.CategorySet].Contains(code) : code == 0 ? node.MissingLeft : code <= node.Threshold;
            node = ref nodes[node.Left + (left ? 0 : 1)];
        }

        return node.Value;
    }
}
