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
    private readonly (double[] Points, double[] Weights) _quadrature;

    /// <inheritdoc/>
    public void AddContributions(ReadOnlySpan<double> row, double weight, Span<double> contributions)
    {
        int features = _codings.Length;
        Span<byte> codes = features <= 512 ? stackalloc byte[features] : new byte[features];
        Encode(row, codes);
        int points = _quadrature.Points.Length;

        // The edge above each node of the path: its feature's o and z so far, Π of the factors, and the sum of v·Π over the leaves below.
        Span<double> products = stackalloc double[(DepthMax + 2) * points];
        Span<double> sums = stackalloc double[(DepthMax + 2) * points];
        Span<PathEdge> edges = stackalloc PathEdge[DepthMax + 2];
        Span<short> lastEdge = features <= 512 ? stackalloc short[features] : new short[features];
        lastEdge.Clear();
        var walk = new ShapleyWalk(codes, products, sums, edges, lastEdge, contributions, weight);
        foreach (int root in _roots)
        {
            products[..points].Fill(1);
            sums[..points].Clear();
            Walk(ref walk, root, 0);
        }
    }

    private void Walk(ref ShapleyWalk walk, int index, int depth)
    {
        (double[] points, double[] weights) = _quadrature;
        int width = points.Length;
        ref readonly TreeNode node = ref _nodes[index];
        Span<double> product = walk.Products.Slice(depth * width, width);
        Span<double> sum = walk.Sums.Slice(depth * width, width);
        if (node.IsLeaf)
        {
            for (int k = 0; k < width; k++)
            {
                sum[k] = node.Value * product[k];
            }

            return;
        }

        sum.Clear();
        bool goesLeft = GoesLeft(in node, walk.Codes[node.Feature]);
        short outer = walk.LastEdge[node.Feature];
        PathEdge before = outer == 0 ? new PathEdge(1, 1) : walk.Edges[outer];
        int below = depth + 1;
        Span<double> childProduct = walk.Products.Slice(below * width, width);
        Span<double> childSum = walk.Sums.Slice(below * width, width);
        for (int side = 0; side < 2; side++)
        {
            int child = node.Left + side;
            bool passes = side == 0 == goesLeft;
            var edge = new PathEdge(passes ? before.Passes : 0, before.Share * (_nodes[child].Cover / node.Cover));
            for (int k = 0; k < width; k++)
            {
                childProduct[k] = product[k] / before.Factor(points[k]) * edge.Factor(points[k]);
            }

            walk.Edges[below] = edge;
            walk.LastEdge[node.Feature] = (short)below;
            Walk(ref walk, child, below);

            // These leaves count with this edge's (o, z) and no longer with those of the feature's edge above it.
            double phi = 0;
            for (int k = 0; k < width; k++)
            {
                double t = points[k];
                phi += weights[k] * childSum[k] * (((edge.Passes - edge.Share) / edge.Factor(t)) - ((before.Passes - before.Share) / before.Factor(t)));
                sum[k] += childSum[k];
            }

            walk.Contributions[node.Feature] += walk.Weight * phi;
        }

        walk.LastEdge[node.Feature] = outer;
    }

    /// <summary>Gauss–Legendre points and weights on (0, 1), by Newton's method on the Legendre polynomial.</summary>
    private static (double[] Points, double[] Weights) Quadrature(int count)
    {
        var points = new double[count];
        var weights = new double[count];
        for (int i = 0; i < count; i++)
        {
            double x = Math.Cos(Math.PI * (i + 0.75) / (count + 0.5));
            double derivative = 0;
            for (int iteration = 0; iteration < 100; iteration++)
            {
                double current = 1;
                double previous = 0;
                for (int n = 1; n <= count; n++)
                {
                    (current, previous) = ((((2 * n) - 1) * x * current - ((n - 1) * previous)) / n, current);
                }

                derivative = count * ((x * current) - previous) / ((x * x) - 1);
                double step = current / derivative;
                x -= step;
                if (Math.Abs(step) < 1e-16)
                {
                    break;
                }
            }

            points[i] = (1 - x) / 2;
            weights[i] = 1 / ((1 - (x * x)) * derivative * derivative);
        }

        return (points, weights);
    }

    /// <param name="Passes">1 when the row passes all of the feature's splits on the path so far, else 0.</param>
    /// <param name="Share">Product of the cover shares at those splits.</param>
    private readonly record struct PathEdge(double Passes, double Share)
    {
        public double Factor(double t) => (t * Passes) + ((1 - t) * Share);
    }

    private readonly ref struct ShapleyWalk(
        ReadOnlySpan<byte> codes, Span<double> products, Span<double> sums, Span<PathEdge> edges, Span<short> lastEdge, Span<double> contributions, double weight)
    {
        public ReadOnlySpan<byte> Codes { get; } = codes;

        public Span<double> Products { get; } = products;

        public Span<double> Sums { get; } = sums;

        public Span<PathEdge> Edges { get; } = edges;

        public Span<short> LastEdge { get; } = lastEdge;

        public Span<double> Contributions { get; } = contributions;

        public double Weight { get; } = weight;
    }
}
