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

    public Span<float> Row(int row) => values.AsSpan(row * width, width);

    /// <summary>Moves a row against its gradient; rows may be moved by different threads.</summary>
    /// <param name="decay">Share of rate by which weights shrink, apart from the gradient.</param>
    public void Step(int row, ReadOnlySpan<float> gradient, float rate, float decay)
    {
        int step = ++_steps[row];
        float correct1 = 1 - MathF.Pow(Beta1, step), correct2 = 1 - MathF.Pow(Beta2, step);
        for (int k = 0, at = row * width; k < width; k++, at++)
        {
            float g = gradient[k];
            float m = _first[at] = (Beta1 * _first[at]) + ((1 - Beta1) * g);
            float v = _second[at] = (Beta2 * _second[at]) + ((1 - Beta2) * g * g);
            values[at] -= rate * ((m / correct1 / (MathF.Sqrt(v / correct2) + Epsilon)) + (decay * values[at]));
        }
    }
}
