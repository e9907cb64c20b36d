using System.Numerics;

namespace KnowledgePay.Decisions.Scoring;

/// <summary>Gauss–Legendre quadrature on (0, 1), padded by points of no weight to whole vectors.</summary>
internal sealed class Quadrature
{
    private readonly double[] _points;

    /// <summary>1 − t.</summary>
    private readonly double[] _rest;

    /// <summary>1 / (1 − t).</summary>
    private readonly double[] _restInverse;

    public Quadrature(int count)
    {
        (double[] points, double[] weights) = Legendre(count);
        Width = (count + Vector<double>.Count - 1) / Vector<double>.Count * Vector<double>.Count;
        _points = new double[Width];
        Array.Fill(_points, 0.5);
        points.CopyTo(_points, 0);
        _rest = [.. _points.Select(t => 1 - t)];
        _restInverse = [.. _rest.Select(rest => 1 / rest)];
        Weights = new double[Width];
        weights.CopyTo(Weights, 0);
    }

    public int Width { get; }

    public double[] Weights { get; }

    /// <summary>t·o + (1 − t)·z at each point, and its inverse.</summary>
    public void Factors(double passes, double share, Span<double> factors, Span<double> inverses)
    {
        for (int k = 0; k < Width; k += Vector<double>.Count)
        {
            Vector<double> factor = new Vector<double>(_rest.AsSpan(k)) * share;
            if (passes == 0)
            {
                (new Vector<double>(_restInverse.AsSpan(k)) * (1 / share)).CopyTo(inverses[k..]);
            }
            else
            {
                factor += new Vector<double>(_points.AsSpan(k)) * passes;
                (Vector<double>.One / factor).CopyTo(inverses[k..]);
            }

            factor.CopyTo(factors[k..]);
        }
    }

    /// <summary>Points and weights by Newton's method on the Legendre polynomial.</summary>
    private static (double[] Points, double[] Weights) Legendre(int count)
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
}
