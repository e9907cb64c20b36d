using System.Runtime.Intrinsics;

namespace KnowledgePay.Decisions.Scoring;

/// <summary>Exact path-dependent Shapley values of trees.</summary>
/// <remarks>
/// The coalition value is TreeSHAP's (Lundberg et al. 2020): at a split on an unknown feature both children count by their cover. At a leaf it is
/// v·Π over the path's features of (known ? o : z), where o says whether the row passes all of the feature's splits and z is the product of its
/// cover shares. The Shapley value is the integral over t from 0 to 1 of the derivative of the multilinear extension (Owen 1972):
/// Σ over leaves of v·(o − z)·Π over the other features of (t·o + (1−t)·z). That is a polynomial of degree D − 1 for D features on a path, so
/// Gauss–Legendre quadrature gives it exactly, with eight points up to D = 16 and with sixteen for any depth that is allowed.
/// <para>
/// Eight points are one vector. Down a tree go the products of the factors above a split; up come the sums of the leaves below it, each with the
/// factors in between. With S of the branch that the row takes and m the mean of both by z, a split sums to m + t·(S − m) and derives (S − m)·Π of
/// the factors above, and nothing is divided. Only where a path meets a feature again, its factor above is divided out and what it derived there taken
/// back; a feature that the row has failed has no more to say, and both branches count by cover.
/// </para>
/// <para>The splits of a tree lie level by level, so that none waits for what was computed just before it; what is computed is the same for each of them.</para>
/// </remarks>
internal sealed class TreePaths
{
    /// <summary>In place of a feature's share: the row does not pass all of its splits above.</summary>
    private const double Failed = -1;

    private readonly int _features;
    private readonly CodeSet[] _categorySets;
    private readonly PathSplit[] _splits;

    /// <summary>Trees with at most <see cref="Quadrature.FewFeatures"/> features on a path, and the others.</summary>
    private readonly SplitTree[] _fewFeatures, _manyFeatures;

    private readonly int _mostSplits;

    /// <param name="features">Features of a row.</param>
    /// <param name="roots">First nodes of the trees, all checked.</param>
    public TreePaths(int features, IReadOnlyList<int> roots, TreeNode[] nodes, CodeSet[] categorySets)
    {
        (_features, _categorySets) = (features, categorySets);
        var splits = new List<PathSplit>();
        List<SplitTree> few = [], many = [];
        foreach (int root in roots.Where(root => !nodes[root].IsLeaf))
        {
            SplitTree tree = PathSplit.Add(nodes, root, splits);
            (tree.Features <= Quadrature.FewFeatures ? few : many).Add(tree);
            _mostSplits = Math.Max(_mostSplits, tree.Count);
        }

        _splits = [.. splits];
        _fewFeatures = [.. few];
        _manyFeatures = [.. many];
    }

    /// <summary>Adds weight × the Shapley value of each feature of a row, which is in codes.</summary>
    public void AddContributions(ReadOnlySpan<byte> codes, double weight, Span<double> contributions)
    {
        ShapleyScratch scratch = ShapleyScratch.OfThread(_features, _mostSplits);
        Add(_fewFeatures, Quadrature.Few, codes, scratch, weight, contributions);
        foreach (Quadrature part in Quadrature.Many)
        {
            Add(_manyFeatures, part, codes, scratch, weight, contributions);
        }
    }

    private void Add(SplitTree[] trees, Quadrature quadrature, ReadOnlySpan<byte> codes, ShapleyScratch scratch, double weight, Span<double> contributions)
    {
        if (trees.Length == 0)
        {
            return;
        }

        Span<Vector512<double>> derivatives = scratch.Derivatives[.._features];
        derivatives.Clear();
        foreach (SplitTree tree in trees)
        {
            ReadOnlySpan<PathSplit> inner = _splits.AsSpan(tree.First, tree.Inner);
            Descend(inner, quadrature.Points, codes, scratch);
            Turn(_splits.AsSpan(tree.First + tree.Inner, tree.Count - tree.Inner), quadrature.Points, codes, scratch, derivatives);
            Ascend(inner, quadrature.Points, scratch, derivatives);
        }

        for (int feature = 0; feature < derivatives.Length; feature++)
        {
            contributions[feature] += weight * Vector512.Dot(quadrature.Weights, derivatives[feature]);
        }
    }

    /// <summary>Puts into each branch's place Π of the factors above it, or what its leaf says.</summary>
    private void Descend(ReadOnlySpan<PathSplit> splits, Vector512<double> points, ReadOnlySpan<byte> codes, ShapleyScratch scratch)
    {
        Span<Vector512<double>> branches = scratch.Branches, inverses = scratch.Inverses;
        Span<double> shares = scratch.Shares;
        Span<SplitState> states = scratch.States;
        branches[0] = Vector512<double>.One;
        shares[0] = 1;
        for (int i = 0; i < splits.Length; i++)
        {
            ref readonly PathSplit split = ref splits[i];
            int takenSide = TakenSide(in split, codes), otherSide = 1 - takenSide;
            ref readonly PathBranch taken = ref split.Branches[takenSide];
            ref readonly PathBranch other = ref split.Branches[otherSide];
            double before = shares[split.Outer];
            bool passed = before > 0;
            double passes = Math.Abs(before) * taken.Share, fails = Math.Abs(before) * other.Share;
            int place = PathSplit.PlaceOf(i, 0);
            shares[place + takenSide] = passed ? passes : Failed;
            shares[place + otherSide] = Failed;
            states[i] = new SplitState(before, passes, fails, takenSide);
            Vector512<double> above = branches[split.Place];
            if (passed && before != 1)
            {
                inverses[i] = Inverse(before, points);
                above *= inverses[i];
                branches[split.Place] = above;
            }

            Vector512<double> known = above * points * (passed ? 1.0 : 0.0);
            Vector512<double> unknown = above - known;
            branches[place + takenSide] = taken.OrLeaf(Vector512.FusedMultiplyAdd(unknown, Vector512.Create(passes), known));
            branches[place + otherSide] = other.OrLeaf(unknown * fails);
        }
    }

    /// <summary>Splits with two leaves: puts what these sum to into the place of the branch that leads there, and adds what the splits derive.</summary>
    private void Turn(ReadOnlySpan<PathSplit> splits, Vector512<double> points, ReadOnlySpan<byte> codes, ShapleyScratch scratch, Span<Vector512<double>> derivatives)
    {
        Span<Vector512<double>> branches = scratch.Branches;
        Span<double> shares = scratch.Shares;
        foreach (ref readonly PathSplit split in splits)
        {
            int takenSide = TakenSide(in split, codes);
            ref readonly PathBranch taken = ref split.Branches[takenSide];
            ref readonly PathBranch other = ref split.Branches[1 - takenSide];
            double before = shares[split.Outer];
            bool passed = before > 0;
            double mean = Math.Abs(before) * ((taken.Value * taken.Share) + (other.Value * other.Share));
            var difference = Vector512.Create(passed ? taken.Value - mean : 0);
            Vector512<double> above = branches[split.Place];
            Vector512<double> sum = Vector512.FusedMultiplyAdd(points, difference, Vector512.Create(mean));
            if (passed && before != 1)
            {
                Vector512<double> inverse = Inverse(before, points);
                above *= inverse;
                sum *= inverse;
                difference -= sum * (1 - before);
            }

            branches[split.Place] = sum;
            ref Vector512<double> derivative = ref derivatives[split.Feature];
            derivative = Vector512.FusedMultiplyAdd(above, difference, derivative);
        }
    }

    /// <summary>Puts into the place of the branch that leads to each split the sum of its leaves, and adds what the splits derive.</summary>
    private static void Ascend(ReadOnlySpan<PathSplit> splits, Vector512<double> points, ShapleyScratch scratch, Span<Vector512<double>> derivatives)
    {
        Span<Vector512<double>> branches = scratch.Branches, inverses = scratch.Inverses;
        Span<SplitState> states = scratch.States;
        for (int i = splits.Length - 1; i >= 0; i--)
        {
            ref readonly PathSplit split = ref splits[i];
            ref readonly SplitState state = ref states[i];
            int place = PathSplit.PlaceOf(i, 0);
            Vector512<double> above = branches[split.Place];
            Vector512<double> taken = branches[place + state.TakenSide];
            Vector512<double> mean = Vector512.FusedMultiplyAdd(taken, Vector512.Create(state.Passes), branches[place + 1 - state.TakenSide] * state.Fails);
            bool passed = state.Before > 0;
            Vector512<double> difference = (taken - mean) * (passed ? 1.0 : 0.0);
            Vector512<double> sum = Vector512.FusedMultiplyAdd(points, difference, mean);
            if (passed && state.Before != 1)
            {
                sum *= inverses[i];
                difference -= sum * (1 - state.Before);
            }

            branches[split.Place] = sum;
            ref Vector512<double> derivative = ref derivatives[split.Feature];
            derivative = Vector512.FusedMultiplyAdd(above, difference, derivative);
        }
    }

    /// <summary>1 / (t + (1−t)·z), for a feature whose splits above the row has passed.</summary>
    private static Vector512<double> Inverse(double share, Vector512<double> points) =>
        Vector512<double>.One / Vector512.FusedMultiplyAdd(points, Vector512.Create(1 - share), Vector512.Create(share));

    private int TakenSide(in PathSplit split, ReadOnlySpan<byte> codes) =>
        TreeNode.GoesLeft(_categorySets, split.CategorySet, split.Threshold, split.MissingLeft, codes[split.Feature]) ? 0 : 1;
}
