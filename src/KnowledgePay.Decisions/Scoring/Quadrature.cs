using System.Runtime.Intrinsics;

namespace KnowledgePay.Decisions.Scoring;

/// <summary>Eight points of a Gauss–Legendre quadrature on (0, 1), with their weights.</summary>
/// <param name="Points">Where the integrand is asked.</param>
/// <param name="Weights">What it counts there.</param>
internal sealed record Quadrature(Vector512<double> Points, Vector512<double> Weights)
{
    /// <summary>With so many features on a path, <see cref="Few"/> is exact.</summary>
    public const int FewFeatures = 16;

    /// <summary>The quadrature with eight points, exact up to degree 15.</summary>
    public static Quadrature Few { get; } = Legendre(8)[0];

    /// <summary>The one with sixteen points, exact up to degree 31.</summary>
    public static Quadrature[] Many { get; } = Legendre(16);

    /// <summary>Points and weights by Newton's method on the Legendre polynomial.</summary>
    private static Quadrature[] Legendre(int count)
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

        return [.. Enumerable.Range(0, count / Vector512<double>.Count).Select(part =>
            new Quadrature(Vector512.Create(points, part * Vector512<double>.Count), Vector512.Create(weights, part * Vector512<double>.Count)))];
    }
}
