using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace KnowledgePay.Decisions.Scoring;

/// <summary>An inner node of a tree, with all that the Shapley values need of its children.</summary>
/// <remarks>
/// Splits of a tree are counted from 0, and each branch has a place: 0 leads to the root, 1 + 2i and 2 + 2i leave split i. A split lies after the one
/// above it; those with two leaves, which are half of a large tree, lie last.
/// </remarks>
internal struct PathSplit
{
    public short Feature;

    public byte Threshold;

    public bool MissingLeft;

    public int CategorySet;

    /// <summary>Place of the branch that leads here.</summary>
    public int Place;

    /// <summary>Place of the branch that leaves the last split on the same feature above; 0 when there is none.</summary>
    public int Outer;

    public PathBranches Branches;

    public static int PlaceOf(int split, int side) => 1 + (2 * split) + side;

    /// <summary>Adds the splits of the tree that begins with a node.</summary>
    public static SplitTree Add(TreeNode[] nodes, int root, List<PathSplit> splits)
    {
        int first = splits.Count, features = 0;
        List<(int Node, int Parent, int Side)> inner = [], last = [];
        var level = new Queue<(int Node, int Parent, int Side)>([(root, -1, 0)]);
        while (level.TryDequeue(out (int Node, int Parent, int Side) next))
        {
            int left = nodes[next.Node].Left;
            (nodes[left].IsLeaf && nodes[left + 1].IsLeaf ? last : inner).Add(next);
            for (int side = 0; side < 2; side++)
            {
                if (!nodes[left + side].IsLeaf)
                {
                    level.Enqueue((left + side, inner.Count - 1, side));
                }
            }
        }

        var met = new HashSet<int>();
        foreach ((int index, int parent, int side) in (IEnumerable<(int, int, int)>)[.. inner, .. last])
        {
            TreeNode node = nodes[index];
            var split = new PathSplit { Feature = node.Feature, Threshold = node.Threshold, MissingLeft = node.MissingLeft, CategorySet = node.CategorySet };
            split.Place = parent < 0 ? 0 : PlaceOf(parent, side);
            met.Clear();
            met.Add(node.Feature);
            for (int place = split.Place; place != 0;)
            {
                PathSplit above = splits[first + ((place - 1) / 2)];
                met.Add(above.Feature);
                split.Outer = split.Outer == 0 && above.Feature == node.Feature ? place : split.Outer;
                place = above.Place;
            }

            features = Math.Max(features, met.Count);
            for (int branch = 0; branch < 2; branch++)
            {
                TreeNode child = nodes[node.Left + branch];
                split.Branches[branch] = new PathBranch(child.Cover / node.Cover, child.Value, child.IsLeaf ? -1 : 0);
            }

            splits.Add(split);
        }

        return new SplitTree(first, inner.Count, splits.Count - first, features);
    }
}

/// <summary>The left branch and the right one.</summary>
[InlineArray(2)]
internal struct PathBranches
{
    private PathBranch _left;
}

/// <param name="Share">The child's part of its parent's cover.</param>
/// <param name="Value">What a leaf adds.</param>
/// <param name="Leaf">All bits when the child is a leaf, otherwise none.</param>
internal readonly record struct PathBranch(double Share, double Value, long Leaf)
{
    /// <summary>What the leaf says; of an inner child, <paramref name="product"/>.</summary>
    public Vector512<double> OrLeaf(Vector512<double> product) => Vector512.ConditionalSelect(Vector512.Create(Leaf).AsDouble(), Vector512.Create(Value), product);
}

/// <param name="First">Index of the tree's first split.</param>
/// <param name="Inner">How many of its splits have an inner child; those with two leaves follow.</param>
/// <param name="Count">How many splits it has.</param>
/// <param name="Features">The most features on a path.</param>
internal readonly record struct SplitTree(int First, int Inner, int Count, int Features);
