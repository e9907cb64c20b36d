using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace KnowledgePay.Learning.Neural;

/// <summary>A tensor by rows with AdamW (Loshchilov and Hutter 2019): only rows with a gradient are moved, and their moments with them.</summary>
/// <param name="values">Row-major.</param>
/// <param name="width">Numbers in a row.</param>
internal sealed class AdamTensor(float[] values, int width)
{
    private const float Beta1 = 0.9f;
    private const float Beta2 = 0.999f;
    private const float Epsilon = 1e-8f;

    private readonly float[] _first = new float[values.Length];
    private readonly float[] _second = new float[values.Length];
    private readonly int[] _steps = new int[values.Length / width];

    public float[] Values => values;

    public int Width => width;

    /// <summary>Where weights are drawn back to instead of to nothing, so that what was learned before is not forgotten; null for nothing.</summary>
    public float[]? Anchor { get; set; }

    public Span<float> Row(int row) => values.AsSpan(row * width, width);

    /// <summary>Moves a row against its gradient; rows may be moved by different threads.</summary>
    /// <param name="decay">Share of rate by which weights shrink, or go back to their <see cref="Anchor"/>, apart from the gradient.</param>
    public void Step(int row, ReadOnlySpan<float> gradient, float rate, float decay)
    {
        if (Anchor is { } anchor)
        {
            // The shrinking below takes rate·decay of the weights: the same of the anchor comes in its place.
            System.Numerics.Tensors.TensorPrimitives.MultiplyAdd(anchor.AsSpan(row * width, width), rate * decay / (1 - (rate * decay)), Row(row), Row(row));
        }

        int step = ++_steps[row];
        float correct1 = 1 / (1 - MathF.Pow(Beta1, step)), correct2 = 1 / (1 - MathF.Pow(Beta2, step)), kept = 1 - (rate * decay);
        ref float value = ref values[row * width], first = ref _first[row * width], second = ref _second[row * width], g = ref MemoryMarshal.GetReference(gradient);
        int k = 0;
        for (; k <= width - Vector<float>.Count; k += Vector<float>.Count)
        {
            nuint at = (nuint)k;
            Vector<float> x = Vector.LoadUnsafe(ref g, at);
            Vector<float> m = (Vector.LoadUnsafe(ref first, at) * Beta1) + (x * (1 - Beta1)), v = (Vector.LoadUnsafe(ref second, at) * Beta2) + (x * x * (1 - Beta2));
            m.StoreUnsafe(ref first, at);
            v.StoreUnsafe(ref second, at);
            ((Vector.LoadUnsafe(ref value, at) * kept) - (m * (rate * correct1) / (Vector.SquareRoot(v * correct2) + new Vector<float>(Epsilon)))).StoreUnsafe(ref value, at);
        }

        for (; k < width; k++)
        {
            float x = gradient[k];
            float m = Unsafe.Add(ref first, k) = (Unsafe.Add(ref first, k) * Beta1) + (x * (1 - Beta1));
            float v = Unsafe.Add(ref second, k) = (Unsafe.Add(ref second, k) * Beta2) + (x * x * (1 - Beta2));
            Unsafe.Add(ref value, k) = (Unsafe.Add(ref value, k) * kept) - (m * (rate * correct1) / (MathF.Sqrt(v * correct2) + Epsilon));
        }
    }
}
