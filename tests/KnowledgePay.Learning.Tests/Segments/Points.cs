using KnowledgePay.Learning.Numerics;

namespace KnowledgePay.Learning.Tests.Segments;

/// <summary>Made-up rows.</summary>
internal static class Points
{
    public static DenseMatrix Blobs(int rows, int width, int clusters, double spread, int seed) => Blobs(rows, width, clusters, spread, seed, out _);

    public static DenseMatrix Blobs(int rows, int width, int clusters, double spread, int seed, out int[] made)
    {
        var random = new Random(seed);
        var centres = new double[clusters * width];
        for (int i = 0; i < centres.Length; i++)
        {
            centres[i] = (20 * random.NextDouble()) - 10;
        }

        var matrix = new DenseMatrix(rows, width);
        made = new int[rows];
        for (int i = 0; i < rows; i++)
        {
            made[i] = i % clusters;
            for (int j = 0; j < width; j++)
            {
                matrix[i][j] = centres[(made[i] * width) + j] + (spread * Normal(random));
            }
        }

        return matrix;
    }

    public static DenseMatrix Moons(int rows, double noise, int seed, out int[] made)
    {
        var random = new Random(seed);
        var matrix = new DenseMatrix(rows, 2);
        made = new int[rows];
        for (int i = 0; i < rows; i++)
        {
            double angle = Math.PI * random.NextDouble();
            made[i] = i % 2;
            matrix[i][0] = (made[i] == 0 ? Math.Cos(angle) : 1 - Math.Cos(angle)) + (noise * Normal(random));
            matrix[i][1] = (made[i] == 0 ? Math.Sin(angle) : 0.5 - Math.Sin(angle)) + (noise * Normal(random));
        }

        return matrix;
    }

    public static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
