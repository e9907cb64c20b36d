using KnowledgePay.Decisions.Recommending.Models;
using KnowledgePay.Learning.Interactions;
using KnowledgePay.Learning.Recommenders;
using KnowledgePay.Learning.Simulation;

namespace KnowledgePay.Learning.Neural;

/// <summary>The shape of a self-attention network.</summary>
/// <param name="Window">Latest items that are looked at.</param>
/// <param name="Inner">Width of the dense layer inside a block.</param>
internal sealed record SequenceShape(int Items, int Dimensions, int Heads, int Blocks, int Window, int Inner);

/// <summary>The weights of a self-attention network while it learns.</summary>
internal sealed class SequenceNetwork
{
    private const int BeforeBlocks = 5;

    private readonly AdamTensor[] _tensors;

    public SequenceNetwork(SequenceShape shape, ReadOnlySpan<float> itemBias, SeededRandom random)
    {
        (int items, int d, int heads, int blocks, int window, int inner) = shape;
        float small = 0.02f, dense = 1 / MathF.Sqrt(d);
        var arrays = new List<(float[] Values, int Width)>
        {
            (Normal(items * d, small, random), d), (Normal(window * d, small, random), d), (itemBias.ToArray(), 1), (Ones(d), d), (new float[d], d),
        };
        for (int block = 0; block < blocks; block++)
        {
            arrays.AddRange(
            [
                (Ones(d), d), (new float[d], d), (Normal(3 * d * d, dense, random), 3 * d), (new float[3 * d], 3 * d), (Normal(d * d, dense / blocks, random), d), (new float[d], d),
                (Ones(d), d), (new float[d], d), (Normal(d * inner, dense, random), inner), (new float[inner], inner),
                (Normal(inner * d, 1 / MathF.Sqrt(inner) / blocks, random), d), (new float[d], d),
            ]);
        }

        _tensors = [.. arrays.Select(array => new AdamTensor(array.Values, array.Width))];
        Weights = Of([.. arrays.Select(array => array.Values)], heads);
    }

    /// <summary>A view of what is being learned, not a copy.</summary>
    public SelfAttentionWeights Weights { get; }

    /// <summary>All tensors: vectors, places, item bias, final gain and bias, then the blocks' twelve each.</summary>
    public IReadOnlyList<AdamTensor> Tensors => _tensors;

    /// <summary>Room for gradients, an array for each tensor.</summary>
    public float[][] NewGradients() => Array.ConvertAll(_tensors, tensor => new float[tensor.Values.Length]);

    /// <summary>The weights as they are now.</summary>
    public SelfAttentionWeights Copy() => Of(Array.ConvertAll(_tensors, tensor => (float[])tensor.Values.Clone()), Weights.Heads);

    /// <summary>Goes on from earlier weights of the same shape but for the items, and is drawn back to them from now on.</summary>
    public void StartFrom(SelfAttentionWeights earlier, EarlierFit fit, InteractionMatrix matrix)
    {
        float[][] theirs = [earlier.Vectors, earlier.Places, earlier.ItemBias, earlier.FinalGain, earlier.FinalBias, .. earlier.Blocks.SelectMany(block => block.Arrays)];
        for (int t = 0; t < _tensors.Length; t++)
        {
            AdamTensor tensor = _tensors[t];
            if (t == 0)
            {
                fit.CopyVectors(matrix, theirs[t], tensor.Values, tensor.Width);
            }
            else if (t == 2)
            {
                fit.CopyRows(theirs[t], tensor.Values, tensor.Width);
            }
            else
            {
                theirs[t].CopyTo(tensor.Values, 0);
            }

            tensor.Anchor = (float[])tensor.Values.Clone();
        }
    }

    /// <summary>Moves all rows that have a gradient, by at most the length <paramref name="longest"/> of the whole.</summary>
    /// <param name="decay">Share of rate by which matrices shrink; gains and biases do not.</param>
    public void Step(float[][] gradients, float rate, float decay, float longest)
    {
        double squares = 0;
        foreach (float[] gradient in gradients)
        {
            double own = System.Numerics.Tensors.TensorPrimitives.SumOfSquares<float>(gradient);
            squares += own;
        }

        double length = Math.Sqrt(squares);
        float shrink = length > longest ? (float)(longest / length) : 1;
        for (int t = 0; t < _tensors.Length; t++)
        {
            AdamTensor tensor = _tensors[t];
            float[] gradient = gradients[t];
            int width = tensor.Width, rows = gradient.Length / width;
            float decayed = rows == 1 || t == 2 ? 0 : decay;
            void Move(int row)
            {
                Span<float> own = gradient.AsSpan(row * width, width);
                if (own.ContainsAnyExcept(0f))
                {
                    System.Numerics.Tensors.TensorPrimitives.Multiply(own, shrink, own);
                    tensor.Step(row, own, rate, decayed);
                }
            }

            for (int row = 0; row < rows; row++)
            {
                Move(row);
            }
        }
    }

    private static SelfAttentionWeights Of(float[][] arrays, int heads)
    {
        var blocks = new SelfAttentionBlock[(arrays.Length - BeforeBlocks) / SelfAttentionWeights.ArraysOfBlock];
        for (int block = 0; block < blocks.Length; block++)
        {
            blocks[block] = SelfAttentionBlock.Of(arrays.AsSpan(BeforeBlocks + (block * SelfAttentionWeights.ArraysOfBlock), SelfAttentionWeights.ArraysOfBlock));
        }

        return new SelfAttentionWeights(heads, arrays[0], arrays[1], arrays[2], arrays[3], arrays[4], blocks);
    }

    private static float[] Ones(int count)
    {
        var values = new float[count];
        Array.Fill(values, 1);
        return values;
    }

    private static float[] Normal(int count, float deviation, SeededRandom random)
    {
        var values = new float[count];
        for (int k = 0; k < count; k++)
        {
            values[k] = (float)random.Normal() * deviation;
        }

        return values;
    }
}
