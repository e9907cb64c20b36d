namespace KnowledgePay.Decisions.Scoring;

/// <summary>Trees whose leaves add up: gradient boosting, or a forest with each leaf divided by the number of trees.</summary>
public sealed class TreeEnsemble : IScoreTerm
{
    private readonly FeatureCoding[] _codings;
    private readonly int[] _roots;
    private readonly TreeNode[] _nodes;
    private readonly CodeSet[] _categorySets;
    private readonly TreePaths _paths;

    /// <param name="codings">For each feature of the row.</param>
    /// <param name="roots">Index of each tree's first node.</param>
    /// <param name="intercept">Added to the sum of the leaves.</param>
    /// <exception cref="ArgumentException">The nodes are no trees over these features: a child lies before its parent, a feature or set is not there, or a cover is not above zero.</exception>
    public TreeEnsemble(IReadOnlyList<FeatureCoding> codings, IReadOnlyList<int> roots, IReadOnlyList<TreeNode> nodes, IReadOnlyList<CodeSet> categorySets, double intercept)
    {
        (_codings, _roots, _nodes, _categorySets) = ([.. codings], [.. roots], [.. nodes], [.. categorySets]);
        Intercept = intercept;
        Base = intercept;
        foreach (int root in _roots)
        {
            Check(root, 0);
            Base += _nodes[root].Value;
        }

        _paths = new TreePaths(_codings.Length, _roots, _nodes, _categorySets);
    }

    /// <summary>No path from a root is longer, in splits.</summary>
    public const int DepthMax = 30;

    public double Intercept { get; }

    public IReadOnlyList<FeatureCoding> Codings => _codings;

    public IReadOnlyList<int> Roots => _roots;

    public IReadOnlyList<TreeNode> Nodes => _nodes;

    public IReadOnlyList<CodeSet> CategorySets => _categorySets;

    public double Base { get; }

    public double Evaluate(ReadOnlySpan<double> row)
    {
        Span<byte> codes = _codings.Length <= 512 ? stackalloc byte[_codings.Length] : new byte[_codings.Length];
        Encode(row, codes);
        return EvaluateCodes(codes);
    }

    /// <summary>The value of a row that is already in codes.</summary>
    public double EvaluateCodes(ReadOnlySpan<byte> codes)
    {
        // Four trees at a time: each step of one waits for its node, and meanwhile the others step.
        double sum = Intercept;
        ReadOnlySpan<int> roots = _roots;
        for (; roots.Length >= 4; roots = roots[4..])
        {
            int a = roots[0], b = roots[1], c = roots[2], d = roots[3];
            while (Step(ref a, codes) | Step(ref b, codes) | Step(ref c, codes) | Step(ref d, codes))
            {
            }

            sum = sum + _nodes[a].Value + _nodes[b].Value + _nodes[c].Value + _nodes[d].Value;
        }

        foreach (int root in roots)
        {
            int at = root;
            while (Step(ref at, codes))
            {
            }

            sum += _nodes[at].Value;
        }

        return sum;
    }

    /// <inheritdoc/>
    public void AddContributions(ReadOnlySpan<double> row, double weight, Span<double> contributions)
    {
        Span<byte> codes = _codings.Length <= 512 ? stackalloc byte[_codings.Length] : new byte[_codings.Length];
        Encode(row, codes);
        _paths.AddContributions(codes, weight, contributions);
    }

    private void Encode(ReadOnlySpan<double> row, Span<byte> codes)
    {
        for (int i = 0; i < codes.Length; i++)
        {
            codes[i] = _codings[i].Code(row[i]);
        }
    }

    /// <summary>Goes to the child that the row takes; not from a leaf.</summary>
    private bool Step(ref int at, ReadOnlySpan<byte> codes)
    {
        ref readonly TreeNode node = ref _nodes[at];
        if (node.IsLeaf)
        {
            return false;
        }

        at = node.Left + (TreeNode.GoesLeft(_categorySets, node.CategorySet, node.Threshold, node.MissingLeft, codes[node.Feature]) ? 0 : 1);
        return true;
    }

    private void Check(int index, int depth)
    {
        if (index < 0 || index >= _nodes.Length || depth > DepthMax)
        {
            throw new ArgumentException($"node {index} at depth {depth} is not in a tree of at most {DepthMax} levels.");
        }

        TreeNode node = _nodes[index];
        if (!double.IsFinite(node.Value) || !(node.Cover > 0))
        {
            throw new ArgumentException($"node {index} has value {node.Value} and cover {node.Cover}; expected a finite value and a cover above 0.");
        }

        if (node.IsLeaf)
        {
            return;
        }

        if (node.Feature >= _codings.Length || node.CategorySet >= _categorySets.Length || node.Left <= index)
        {
            throw new ArgumentException($"node {index} names a feature, set or child that is not there.");
        }

        Check(node.Left, depth + 1);
        Check(node.Left + 1, depth + 1);
    }
}
