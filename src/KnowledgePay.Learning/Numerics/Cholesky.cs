using System.Numerics.Tensors;

namespace KnowledgePay.Learning.Numerics;

/// <summary>Cholesky's factorisation of a symmetric positive definite matrix.</summary>
public static class Cholesky
{
    /// <summary>Solves A·x = b in place; of A the upper triangle is read, and destroyed.</summary>
    /// <param name="matrix">Row after row.</param>
    public static void SolveUpper(double[] matrix, int size, double[] right)
    {
        // A = UᵀU, row by row of U.
        for (int k = 0; k < size; k++)
        {
            double pivot = Math.Sqrt(Math.Max(matrix[(k * size) + k], 1e-300));
            Span<double> line = matrix.AsSpan((k * size) + k, size - k);
            TensorPrimitives.Divide(line, pivot, line);
            for (int i = k + 1; i < size; i++)
            {
                double factor = matrix[(k * size) + i];
                if (factor != 0)
                {
                    Span<double> target = matrix.AsSpan((i * size) + i, size - i);
                    TensorPrimitives.MultiplyAdd(matrix.AsSpan((k * size) + i, size - i), -factor, target, target);
                }
            }
        }

        for (int k = 0; k < size; k++)
        {
            right[k] /= matrix[(k * size) + k];
            for (int i = k + 1; i < size; i++)
            {
                right[i] -= matrix[(k * size) + i] * right[k];
            }
        }

        for (int k = size - 1; k >= 0; k--)
        {
            for (int i = k + 1; i < size; i++)
            {
                right[k] -= matrix[(k * size) + i] * right[i];
            }

            right[k] /= matrix[(k * size) + k];
        }
    }
}
