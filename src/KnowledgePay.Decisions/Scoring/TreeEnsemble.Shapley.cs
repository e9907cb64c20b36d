using System.Numerics;

namespace KnowledgePay.Decisions.Scoring;

/// <summary>Exact path-dependent Shapley values of trees.</summary>
/// <remarks>
/// The coalition value is TreeSHAP's (Lundberg et al. 2020): at a split on an unknown feature both children count by their cover. At a leaf it is
/// v·Π over the path's features of (known ? o : z), where o says whether the row passes all of the feature's splits and z is the product of its
/// cover shares. The Shapley value is the integral over t from 0 to 1 of the derivative of the multilinear extension (Owen 1972):
/// Σ over leaves of v·(o − z)·Π over the other features of (t·o + (1−t)·z). That is a polynomial of degree D − 1 for D features on a path, so
/// Gauss–Legendre quadrature with ⌈D/2⌉ points gives it exactly, with positive terms only. Time is nodes × points, without allocation.
/// </remarks>
public sealed partial class TreeEnsemble
{
    private readonly Quadrature _quadrature;

    /// <inheritdoc/>
    public void AddContributions(ReadOnlySpan<double> row, double weight, Span<double> contributions)
    {
        int features = _codings.Length;
        Span<byte> codes = features <= 512 ? stackalloc byte[features] : new byte[features];
        Encode(row, codes);
        int width = _quadrature.Width;
        int levels = _deepest + 2;

        // By level of the path: Π of the factors, the sum of v·Π over the leaves below, and its edge's factor with its inverse; level 0 is the edge that is none.
        Span<double> products = stackalloc double[levels * width];
        Span<double> sums = stackalloc double[levels * width];
        Span<double> factors = stackalloc double[levels * width];
        Span<double> inverses = stackalloc double[levels * width];
        Span<PathEdge> edges = stackalloc PathEdge[levels];
        Span<short> lastEdge = features <= 512 ? stackalloc short[features] : new short[features];
        lastEdge.Clear();
        products[..width].Fill(1);
        factors[..width].Fill(1);
        inverses[..width].Fill(1);
        edges[0] = new PathEdge(1, 1);
        var walk = new ShapleyWalk(codes, products, sums, factors, inverses, edges, lastEdge, contributions, weight);
        foreach (int root in _roots)
        {
            if (!_nodes[root].IsLeaf)
            {
                Walk(ref walk, root, 0);
            }
        }
    }

    /// <summary>Goes below a node that is no leaf.</summary>
    private void Walk(ref ShapleyWalk walk, int index, int depth)
    {
        int width = _quadrature.Width;
        ref readonly TreeNode node = ref _nodes[index];
        Span<double> sum = walk.Sums.Slice(depth * width, width);
        ReadOnlySpan<double> product = walk.Products.Slice(depth * width, width);
        sum.Clear();
        bool goesLeft = GoesLeft(in node, walk.Codes[node.Feature]);
        short outer = walk.LastEdge[node.Feature];
        PathEdge before = walk.Edges[outer];
        ReadOnlySpan<double> outerInverse = walk.Inverses.Slice(outer * width, width);
        int below = depth + 1;
        Span<double> factor = walk.Factors.Slice(below * width, width);
        Span<double> inverse = walk.Inverses.Slice(below * width, width);
        Span<double> childProduct = walk.Products.Slice(below * width, width);
        Span<double> childSum = walk.Sums.Slice(below * width, width);
        for (int side = 0; side < 2; side++)
        {
            int child = node.Left + side;
            ref readonly TreeNode next = ref _nodes[child];
            bool passes = side == 0 == goesLeft;
            var edge = new PathEdge(passes ? before.Passes : 0, before.Share * (next.Cover / node.Cover));
            _quadrature.Factors(edge.Passes, edge.Share, factor, inverse);
            for (int k = 0; k < width; k += Vector<double>.Count)
            {
                (new Vector<double>(product[k..]) * new Vector<double>(outerInverse[k..]) * new Vector<double>(factor[k..])).CopyTo(childProduct[k..]);
            }

            if (next.IsLeaf)
            {
                for (int k = 0; k < width; k += Vector<double>.Count)
                {
                    (new Vector<double>(childProduct[k..]) * next.Value).CopyTo(childSum[k..]);
                }
            }
            else
            {
                walk.Edges[below] = edge;
                walk.LastEdge[node.Feature] = (short)below;
                Walk(ref walk, child, below);
            }

            // These leaves count with this edge's (o, z) and no longer with those of the feature's edge above it.
            double own = edge.Passes - edge.Share;
            double above = before.Passes - before.Share;
            Vector<double> phi = Vector<double>.Zero;
            for (int k = 0; k < width; k += Vector<double>.Count)
            {
                var leaves = new Vector<double>(childSum[k..]);
                phi += leaves * new Vector<double>(_quadrature.Weights.AsSpan(k)) * ((new Vector<double>(inverse[k..]) * own) - (new Vector<double>(outerInverse[k..]) * above));
                (new Vector<double>(sum[k..]) + leaves).CopyTo(sum[k..]);
            }

            walk.Contributions[node.Feature] += walk.Weight * Vector.Sum(phi);
        }

        walk.LastEdge[node.Feature] = outer;
    }

    /// <param name="Passes">1 when the row passes all of the feature's splits on the path so far, else 0.</param>
    /// <param name="Share">Product of the cover shares at those splits.</param>
    private readonly record struct PathEdge(double Passes, double Share);

    private readonly ref struct ShapleyWalk(
        ReadOnlySpan<byte> codes,
        Span<double> products,
        Span<double> sums,
        Span<double> factors,
        Span<double> inverses,
        Span<PathEdge> edges,
        Span<short> lastEdge,
        Span<double> contributions,
        double weight)
    {
        public ReadOnlySpan<byte> Codes { get; } = codes;

        public Span<double> Products { get; } = products;

        public Span<double> Sums { get; } = sums;

        public Span<double> Factors { get; } = factors;

        public Span<double> Inverses { get; } = inverses;

        public Span<PathEdge> Edges { get; } = edges;

        public Span<short> LastEdge { get; } = lastEdge;

        public Span<double> Contributions { get; } = contributions;

        public double Weight { get; } = weight;
    }
}
