using System.Numerics;

namespace KnowledgePay.Learning.Segments;

internal static class Distance
{
    /// <summary>Sum of squared differences.</summary>
    public static double Squared(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        int i = 0;
        Vector<double> sum = Vector<double>.Zero;
        for (; i + Vector<double>.Count <= a.Length; i += Vector<double>.Count)
        {
            Vector<double> d = new Vector<double>(a[i..]) - new Vector<double>(b[i..]);
            sum += d * d;
        }

        double total = Vector.Sum(sum);
        for (; i < a.Length; i++)
        {
            double d = a[i] - b[i];
            total += d * d;
        }

        return total;
    }
}
