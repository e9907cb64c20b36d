using System.Numerics.Tensors;

namespace KnowledgePay.Decisions.Recommending.Models;

/// <summary>Two towers: a history becomes a vector by a small network, an item has one, and a score is their product and the item's bias.</summary>
/// <remarks><c>m = Σ_i e_i/√h</c>, <c>z = m + tanh(W·m + b)</c>, <c>s_j = z·v_j + c_j</c>; v_j already holds what the item's features add to its id.</remarks>
public sealed class TwoTowerScorer : IHistoryScorer
{
    /// <param name="inputs">e, an item a row.</param>
    /// <param name="dense">W, row-major.</param>
    /// <param name="outputs">v, an item a row.</param>
    /// <exception cref="ArgumentException">The shapes do not fit each other.</exception>
    public TwoTowerScorer(float[] inputs, float[] dense, float[] denseBias, float[] outputs, float[] outputBias)
    {
        int d = denseBias.Length;
        if (d == 0 || dense.Length != d * d || inputs.Length != (long)outputBias.Length * d || outputs.Length != inputs.Length)
        {
            throw new ArgumentException("Towers of one width and as many items are expected.", nameof(inputs));
        }

        (Inputs, Dense, DenseBias, Outputs, OutputBias) = (inputs, dense, denseBias, outputs, outputBias);
    }

    public int Items => OutputBias.Length;

    public int Dimensions => DenseBias.Length;

    public float[] Inputs { get; }

    public float[] Dense { get; }

    public float[] DenseBias { get; }

    public float[] Outputs { get; }

    public float[] OutputBias { get; }

    public void Score(ReadOnlySpan<HistoryEntry> history, Span<float> scores)
    {
        Span<float> person = stackalloc float[Dimensions];
        FoldIn(history, person);
        OutputBias.CopyTo(scores);
        RowProducts.Add(Outputs, person, scores);
    }

    /// <summary>Writes the vector of whoever has this history.</summary>
    public void FoldIn(ReadOnlySpan<HistoryEntry> history, Span<float> person)
    {
        int d = Dimensions;
        Span<float> mean = stackalloc float[d], hidden = stackalloc float[d];
        mean.Clear();
        foreach (HistoryEntry entry in history)
        {
            TensorPrimitives.Add(mean, Inputs.AsSpan(entry.Item * d, d), mean);
        }

        Person(mean, history.Length, Dense, DenseBias, hidden, person);
    }

    /// <summary>The user tower, the same in learning: scales the sum of inputs, and writes tanh(W·m + b) and z.</summary>
    /// <param name="mean">Sum of inputs; m afterwards.</param>
    public static void Person(Span<float> mean, int count, ReadOnlySpan<float> dense, ReadOnlySpan<float> denseBias, Span<float> hidden, Span<float> person)
    {
        int d = mean.Length;
        TensorPrimitives.Multiply(mean, 1 / MathF.Sqrt(Math.Max(1, count)), mean);
        for (int k = 0; k < d; k++)
        {
            hidden[k] = MathF.Tanh(TensorPrimitives.Dot<float>(dense.Slice(k * d, d), mean) + denseBias[k]);
        }

        TensorPrimitives.Add<float>(mean, hidden, person);
    }
}
