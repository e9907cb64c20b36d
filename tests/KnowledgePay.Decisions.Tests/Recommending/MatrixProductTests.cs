using CsCheck;
using KnowledgePay.Decisions.Recommending.Models;

namespace KnowledgePay.Decisions.Tests.Recommending;

public sealed class MatrixProductTests
{
    [Fact]
    public void Products_of_all_shapes_are_what_their_definition_says() =>
        Gen.Select(Gen.Int[0, 21], Gen.Int[0, 19], Gen.Int[0, 37], Gen.Bool, Gen.Bool, Gen.Int[0, int.MaxValue]).Sample((m, k, n, transposed, add, seed) =>
        {
            var random = new Random(seed);
            float[] Draw(int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() - 0.5f)];
            float[] a = Draw(m * k), b = Draw(k * n), c = Draw(m * n);
            (int rowStride, int columnStride) = transposed ? (1, m) : (k, 1);
            float[] expected = new float[m * n];
            for (int i = 0; i < m; i++)
            {
                for (int j = 0; j < n; j++)
                {
                    double sum = add ? c[(i * n) + j] : 0;
                    for (int q = 0; q < k; q++)
                    {
                        sum += (double)a[(i * rowStride) + (q * columnStride)] * b[(q * n) + j];
                    }

                    expected[(i * n) + j] = (float)sum;
                }
            }

            MatrixProduct.Multiply(a, rowStride, columnStride, b, c, m, k, n, add);
            return expected.Zip(c).All(pair => Math.Abs(pair.First - pair.Second) < 1e-5);
        });

    [Fact]
    public void A_transpose_has_rows_for_columns() =>
        Gen.Select(Gen.Int[0, 40], Gen.Int[0, 40]).Sample((rows, columns) =>
        {
            float[] from = [.. Enumerable.Range(0, rows * columns).Select(k => (float)k)];
            var to = new float[from.Length];
            MatrixProduct.Transpose(from, rows, columns, to);
            return Enumerable.Range(0, from.Length).All(k => to[(k % columns * rows) + (k / columns)] == from[k]);
        });

    [Fact]
    public void Matrices_that_are_too_short_are_refused() =>
        Assert.Throws<ArgumentException>(() => MatrixProduct.Multiply(new float[6], 3, 1, new float[11], new float[8], 2, 3, 4));
}
