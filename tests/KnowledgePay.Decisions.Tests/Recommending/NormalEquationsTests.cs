using CsCheck;
using KnowledgePay.Decisions.Recommending.Models;

namespace KnowledgePay.Decisions.Tests.Recommending;

public sealed class NormalEquationsTests
{
    /// <summary>Rows of outer products, and what is added to the diagonal.</summary>
    private static readonly Gen<(int D, float[] Rows, float Diagonal, float[] Right)> Systems =
        from d in Gen.Int[1, 8].Select(steps => steps * NormalEquations.DimensionStep)
        from count in Gen.Int[0, 40]
        from rows in Gen.Float[-1, 1].Array[d * count]
        from diagonal in Gen.Float[0.05f, 3f]
        from right in Gen.Float[-1, 1].Array[d]
        select (d, rows, diagonal, right);

    [Fact]
    public void A_solution_gives_the_right_side_back() => Systems.Sample(
        one =>
        {
            (int d, float[] rows, float diagonal, float[] right) = one;
            float[] a = Matrix(d, rows, diagonal);
            double[,] whole = new double[d, d];
            for (int i = 0; i < d; i++)
            {
                for (int j = 0; j <= i; j++)
                {
                    whole[i, j] = whole[j, i] = a[(i * d) + j];
                }

                // What is above the diagonal must not matter.
                a.AsSpan((i * d) + i + 1, d - i - 1).Fill(float.NaN);
            }

            float[] x = [.. right];
            Assert.True(NormalEquations.Solve(a, x));
            double longest = Math.Sqrt(x.Sum(v => (double)v * v)), largest = Enumerable.Range(0, d).Max(i => whole[i, i]);
            for (int i = 0; i < d; i++)
            {
                double back = Enumerable.Range(0, d).Sum(j => whole[i, j] * x[j]);
                Assert.True(Math.Abs(back - right[i]) <= 1e-5 * (1 + (longest * largest)), $"Row {i}: {back} instead of {right[i]}.");
            }
        },
        iter: 200);

    [Fact]
    public void A_matrix_that_is_not_positive_definite_is_refused() => Gen.Select(Systems, Gen.Int[0, 127]).Sample(
        (one, at) =>
        {
            float[] a = Matrix(one.D, one.Rows, one.Diagonal);
            at %= one.D;
            a[(at * one.D) + at] = -one.Diagonal;
            Assert.False(NormalEquations.Solve(a, one.Right));
        },
        iter: 100);

    [Fact]
    public void Dimensions_come_in_whole_steps() => Assert.Throws<ArgumentOutOfRangeException>(() => NormalEquations.Solve(new float[100], new float[10]));

    private static float[] Matrix(int d, float[] rows, float diagonal)
    {
        float[] a = new float[d * d];
        NormalEquations.AddOuterProducts(a, rows, d);
        for (int i = 0; i < d; i++)
        {
            a[(i * d) + i] += diagonal;
        }

        return a;
    }
}
