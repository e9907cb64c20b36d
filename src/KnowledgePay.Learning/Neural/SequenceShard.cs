using System.Numerics.Tensors;
using KnowledgePay.Decisions.Recommending.Models;
using KnowledgePay.Learning.Simulation;

namespace KnowledgePay.Learning.Neural;

/// <summary>One thread's part of a batch: some histories one behind the other, the loss of what follows each of their items, and its gradients.</summary>
/// <remarks>
/// Loss: the mean over all items but the first of <c>−ln softmax</c> of the item that follows, over the candidates and itself without those taken before it in the window.
/// Dropout (Srivastava et al. 2014) acts on the first layer's input and on what each half of a block adds.
/// </remarks>
internal sealed class SequenceShard(SequenceNetwork network, SequenceShape shape, float dropout)
{
    /// <summary>Rows whose scores for all candidates are held at a time.</summary>
    private const int LogitRows = 128;

    private readonly float[][] _gradients = network.NewGradients();
    private readonly BlockMemory[] _blocks = [.. Enumerable.Range(0, shape.Blocks).Select(_ => new BlockMemory())];
    private readonly int[] _columnOf = new int[shape.Items];
    private int[] _items = [];
    private int[] _targets = [];
    private float[] _x = [], _dx = [], _normal = [], _standard = [], _inverse = [], _inputMask = [], _scratch = [], _wide = [], _logits = [];
    private float[] _candidateVectors = [], _candidateVectorsTransposed = [], _candidateGradients = [];

    public float[][] Gradients => _gradients;

    /// <summary>Sum over the shard's targets.</summary>
    public double Loss { get; private set; }

    public int Targets { get; private set; }

    /// <summary>Computes the loss, and unless this is only a look, the gradients divided by <paramref name="divisor"/>.</summary>
    /// <param name="sequences">Histories, each at least two and at most window + 1 items, oldest first.</param>
    /// <param name="candidates">Items that are ranked against each other, ascending; what stands for <paramref name="weight"/> items each.</param>
    /// <param name="random">Of the dropout; null without it.</param>
    public void Run(ReadOnlySpan<int[]> sequences, int[] candidates, float weight, double divisor, SeededRandom? random, bool learns)
    {
        (Loss, Targets) = (0, 0);
        int rows = 0;
        foreach (int[] sequence in sequences)
        {
            rows += sequence.Length - 1;
        }

        Array.ForEach(_gradients, gradient => gradient.AsSpan().Clear());
        if (rows == 0)
        {
            return;
        }

        Targets = rows;
        Reserve(rows, sequences);
        Embed(sequences, random);
        for (int b = 0; b < _blocks.Length; b++)
        {
            Forward(network.Weights.Blocks[b], _blocks[b], sequences, rows, random);
        }

        int d = shape.Dimensions;
        SelfAttention.Normalise(_x.AsSpan(0, rows * d), network.Weights.FinalGain, network.Weights.FinalBias, _standard, _inverse, _normal);
        Rank(sequences, candidates, weight, divisor, rows, learns);
        if (!learns)
        {
            return;
        }

        // _normal now holds the gradients of the last rows.
        NormaliseBackward(_normal, _standard, _inverse, network.Weights.FinalGain, _gradients[3], _gradients[4], _dx, rows, d);
        for (int b = _blocks.Length - 1; b >= 0; b--)
        {
            Backward(network.Weights.Blocks[b], _blocks[b], b, sequences, rows, random is not null);
        }

        EmbedBackward(sequences, random is not null);
    }

    private void Reserve(int rows, ReadOnlySpan<int[]> sequences)
    {
        int d = shape.Dimensions;
        if (_inverse.Length < rows)
        {
            int room = rows + (rows / 4);
            (_items, _targets, _inverse) = (new int[room], new int[room], new float[room]);
            (_x, _dx, _normal, _standard, _inputMask) = (new float[room * d], new float[room * d], new float[room * d], new float[room * d], new float[room * d]);
            (_scratch, _wide) = (new float[room * d], new float[room * Math.Max(3 * d, shape.Inner)]);
            Array.ForEach(_blocks, block => block.Reserve(room, d, shape.Inner));
        }

        int shares = 0;
        foreach (int[] sequence in sequences)
        {
            shares += shape.Heads * (sequence.Length - 1) * (sequence.Length - 1);
        }

        foreach (BlockMemory block in _blocks)
        {
            if (block.Shares.Length < shares)
            {
                block.Shares = new float[shares + (shares / 4)];
            }
        }
    }

    private void Embed(ReadOnlySpan<int[]> sequences, SeededRandom? random)
    {
        SelfAttentionWeights w = network.Weights;
        int d = shape.Dimensions, row = 0;
        foreach (int[] sequence in sequences)
        {
            for (int k = 0; k < sequence.Length - 1; k++, row++)
            {
                (_items[row], _targets[row]) = (sequence[k], sequence[k + 1]);
                TensorPrimitives.MultiplyAdd(w.Vectors.AsSpan(sequence[k] * d, d), w.VectorScale, w.Places.AsSpan(k * d, d), _x.AsSpan(row * d, d));
            }
        }

        Drop(_x.AsSpan(0, row * d), _inputMask, random);
    }

    private void Forward(SelfAttentionBlock w, BlockMemory m, ReadOnlySpan<int[]> sequences, int rows, SeededRandom? random)
    {
        int d = shape.Dimensions, size = rows * d;
        Span<float> x = _x.AsSpan(0, size), added = _scratch.AsSpan(0, size);
        SelfAttention.Normalise(x, w.AttentionGain, w.AttentionBias, m.AttentionStandard, m.AttentionInverse, m.AttentionInput);
        SelfAttention.Dense(m.AttentionInput, w.Projection, w.ProjectionBias, m.Projected, rows);
        int row = 0, share = 0;
        foreach (int[] sequence in sequences)
        {
            int length = sequence.Length - 1;
            SelfAttention.Attend(m.Projected.AsSpan(row * 3 * d), length, d, shape.Heads, m.Shares.AsSpan(share), m.Attended.AsSpan(row * d));
            row += length;
            share += shape.Heads * length * length;
        }

        SelfAttention.Dense(m.Attended, w.Joining, w.JoiningBias, added, rows);
        Drop(added, m.AttentionMask, random);
        TensorPrimitives.Add<float>(x, added, x);
        SelfAttention.Normalise(x, w.InnerGain, w.InnerBias, m.InnerStandard, m.InnerInverse, m.InnerInput);
        Span<float> inner = m.Inner.AsSpan(0, rows * shape.Inner);
        SelfAttention.Dense(m.InnerInput, w.Widening, w.WideningBias, inner, rows);
        TensorPrimitives.Max(inner, 0f, inner);
        SelfAttention.Dense(inner, w.Narrowing, w.NarrowingBias, added, rows);
        Drop(added, m.InnerMask, random);
        TensorPrimitives.Add<float>(x, added, x);
    }

    /// <summary>The loss; where it learns, the gradients of the last rows are left in the memory of normal rows.</summary>
    private void Rank(ReadOnlySpan<int[]> sequences, int[] candidates, float weight, double divisor, int rows, bool learns)
    {
        SelfAttentionWeights w = network.Weights;
        int d = shape.Dimensions;
        int[] items = [.. candidates.Union(_targets.Take(rows)).Order()];
        int n = items.Length;
        Array.Fill(_columnOf, -1);
        if (_candidateVectors.Length < n * d)
        {
            (_candidateVectors, _candidateVectorsTransposed, _candidateGradients) = (new float[n * d], new float[n * d], new float[n * d]);
        }

        if (_logits.Length < LogitRows * n)
        {
            _logits = new float[LogitRows * n];
        }

        var offsets = new float[n];
        float standsFor = MathF.Log(weight);
        for (int c = 0, next = 0; c < n; c++)
        {
            _columnOf[items[c]] = c;
            w.Vectors.AsSpan(items[c] * d, d).CopyTo(_candidateVectors.AsSpan(c * d));
            bool drawn = next < candidates.Length && candidates[next] == items[c];
            next += drawn ? 1 : 0;

            // A target that was not drawn stands for itself alone, in its own rows: elsewhere it is left out.
            offsets[c] = drawn ? standsFor : float.NegativeInfinity;
        }

        MatrixProduct.Transpose(_candidateVectors.AsSpan(0, n * d), n, d, _candidateVectorsTransposed);
        Span<float> candidateGradients = _candidateGradients.AsSpan(0, n * d);
        candidateGradients.Clear();
        var biasGradients = new float[n];
        int sequence = 0, place = 0;
        for (int first = 0; first < rows; first += LogitRows)
        {
            int count = Math.Min(LogitRows, rows - first);
            Span<float> logits = _logits.AsSpan(0, count * n);
            MatrixProduct.Multiply(_normal.AsSpan(first * d), d, 1, _candidateVectorsTransposed, logits, count, d, n);
            for (int r = 0; r < count; r++)
            {
                Span<float> own = logits.Slice(r * n, n);
                int target = _columnOf[_targets[first + r]];
                float score = own[target] + w.ItemBias[items[target]];
                for (int c = 0; c < n; c++)
                {
                    own[c] += w.ItemBias[items[c]] + offsets[c];
                }

                for (int back = 0; back <= place; back++)
                {
                    int taken = _columnOf[sequences[sequence][back]];
                    if (taken >= 0)
                    {
                        own[taken] = float.NegativeInfinity;
                    }
                }

                own[target] = score;
                TensorPrimitives.SoftMax<float>(own, own);
                Loss -= Math.Log(Math.Max(1e-30, own[target]));
                own[target] -= 1;
                if (++place == sequences[sequence].Length - 1)
                {
                    (sequence, place) = (sequence + 1, 0);
                }
            }

            if (learns)
            {
                TensorPrimitives.Multiply(logits, (float)(1 / divisor), logits);
                MatrixProduct.Multiply(logits, 1, n, _normal.AsSpan(first * d, count * d), candidateGradients, n, count, d, add: true);
                for (int r = 0; r < count; r++)
                {
                    TensorPrimitives.Add<float>(biasGradients, logits.Slice(r * n, n), biasGradients);
                }

                MatrixProduct.Multiply(logits, n, 1, _candidateVectors, _normal.AsSpan(first * d, count * d), count, n, d);
            }
        }

        for (int c = 0; c < n && learns; c++)
        {
            candidateGradients.Slice(c * d, d).CopyTo(_gradients[0].AsSpan(items[c] * d));
            _gradients[2][items[c]] = biasGradients[c];
        }
    }

    private void Backward(SelfAttentionBlock w, BlockMemory m, int block, ReadOnlySpan<int[]> sequences, int rows, bool dropped)
    {
        int d = shape.Dimensions, size = rows * d, inner = shape.Inner;
        ReadOnlySpan<float[]> g = _gradients.AsSpan(5 + (block * SelfAttentionWeights.ArraysOfBlock), SelfAttentionWeights.ArraysOfBlock);
        Span<float> dx = _dx.AsSpan(0, size), added = _scratch.AsSpan(0, size), wide = _wide.AsSpan(0, rows * inner);
        Undrop(dx, m.InnerMask, added, dropped);
        DenseBackward(added, m.Inner, w.Narrowing, g[10], g[11], wide, rows);
        for (int k = 0; k < wide.Length; k++)
        {
            wide[k] = m.Inner[k] > 0 ? wide[k] : 0;
        }

        DenseBackward(wide, m.InnerInput, w.Widening, g[8], g[9], added, rows);
        NormaliseBackward(added, m.InnerStandard, m.InnerInverse, w.InnerGain, g[6], g[7], _normal, rows, d);
        TensorPrimitives.Add<float>(dx, _normal.AsSpan(0, size), dx);

        Undrop(dx, m.AttentionMask, added, dropped);
        DenseBackward(added, m.Attended, w.Joining, g[4], g[5], _normal.AsSpan(0, size), rows);
        Span<float> projected = _wide.AsSpan(0, 3 * size);
        projected.Clear();
        int row = 0, share = 0;
        foreach (int[] sequence in sequences)
        {
            int length = sequence.Length - 1;
            AttendBackward(m.Projected.AsSpan(row * 3 * d), m.Shares.AsSpan(share), _normal.AsSpan(row * d), projected[(row * 3 * d)..], length);
            row += length;
            share += shape.Heads * length * length;
        }

        DenseBackward(projected, m.AttentionInput, w.Projection, g[2], g[3], added, rows);
        NormaliseBackward(added, m.AttentionStandard, m.AttentionInverse, w.AttentionGain, g[0], g[1], _normal, rows, d);
        TensorPrimitives.Add<float>(dx, _normal.AsSpan(0, size), dx);
    }

    private void EmbedBackward(ReadOnlySpan<int[]> sequences, bool dropped)
    {
        int d = shape.Dimensions, row = 0;
        float scale = network.Weights.VectorScale;
        foreach (int[] sequence in sequences)
        {
            for (int k = 0; k < sequence.Length - 1; k++, row++)
            {
                Span<float> own = _dx.AsSpan(row * d, d);
                Undrop(own, _inputMask.AsSpan(row * d, d), own, dropped);
                Span<float> vector = _gradients[0].AsSpan(_items[row] * d, d), place = _gradients[1].AsSpan(k * d, d);
                TensorPrimitives.MultiplyAdd(own, scale, vector, vector);
                TensorPrimitives.Add<float>(own, place, place);
            }
        }
    }

    private void AttendBackward(ReadOnlySpan<float> projected, ReadOnlySpan<float> shares, ReadOnlySpan<float> outputGradient, Span<float> gradient, int rows)
    {
        int d = shape.Dimensions, heads = shape.Heads, width = d / heads;
        float scale = 1 / MathF.Sqrt(width);
        Span<float> back = stackalloc float[rows];
        for (int head = 0; head < heads; head++)
        {
            int q = head * width, k = d + q, v = (2 * d) + q;
            for (int i = 0; i < rows; i++)
            {
                ReadOnlySpan<float> share = shares.Slice(((head * rows) + i) * rows, i + 1), own = outputGradient.Slice((i * d) + q, width);
                float mean = 0;
                for (int j = 0; j <= i; j++)
                {
                    int at = j * 3 * d;
                    back[j] = TensorPrimitives.Dot(own, projected.Slice(at + v, width));
                    mean += share[j] * back[j];
                    Span<float> value = gradient.Slice(at + v, width);
                    TensorPrimitives.MultiplyAdd(own, share[j], value, value);
                }

                ReadOnlySpan<float> query = projected.Slice((i * 3 * d) + q, width);
                Span<float> queryGradient = gradient.Slice((i * 3 * d) + q, width);
                for (int j = 0; j <= i; j++)
                {
                    float moved = scale * share[j] * (back[j] - mean);
                    int at = (j * 3 * d) + k;
                    TensorPrimitives.MultiplyAdd(projected.Slice(at, width), moved, queryGradient, queryGradient);
                    Span<float> key = gradient.Slice(at, width);
                    TensorPrimitives.MultiplyAdd(query, moved, key, key);
                }
            }
        }
    }

    /// <summary>Adds to the gradients of a dense layer's weights and bias, and writes that of its input.</summary>
    private void DenseBackward(ReadOnlySpan<float> output, ReadOnlySpan<float> input, ReadOnlySpan<float> weights, float[] weightGradient, float[] biasGradient, Span<float> inputGradient, int rows)
    {
        int n = biasGradient.Length, k = weightGradient.Length / n;
        MatrixProduct.Multiply(input, 1, k, output, weightGradient, k, rows, n, add: true);
        for (int row = 0; row < rows; row++)
        {
            TensorPrimitives.Add(biasGradient, output.Slice(row * n, n), biasGradient);
        }

        if (_logits.Length < k * n)
        {
            _logits = new float[k * n];
        }

        MatrixProduct.Transpose(weights, k, n, _logits);
        MatrixProduct.Multiply(output, n, 1, _logits, inputGradient, rows, n, k);
    }

    private static void NormaliseBackward(
        ReadOnlySpan<float> output, ReadOnlySpan<float> standard, ReadOnlySpan<float> inverse, ReadOnlySpan<float> gain, Span<float> gainGradient, Span<float> biasGradient, Span<float> inputGradient, int rows, int d)
    {
        for (int row = 0, at = 0; row < rows; row++, at += d)
        {
            ReadOnlySpan<float> dy = output.Slice(at, d), s = standard.Slice(at, d);
            Span<float> dx = inputGradient.Slice(at, d);
            TensorPrimitives.MultiplyAdd(dy, s, gainGradient, gainGradient);
            TensorPrimitives.Add(biasGradient, dy, biasGradient);
            TensorPrimitives.Multiply(dy, gain, dx);
            float mean = TensorPrimitives.Sum<float>(dx) / d, slope = TensorPrimitives.Dot<float>(dx, s) / d;
            for (int k = 0; k < d; k++)
            {
                dx[k] = inverse[row] * (dx[k] - mean - (s[k] * slope));
            }
        }
    }

    private void Drop(Span<float> values, float[] mask, SeededRandom? random)
    {
        if (random is null)
        {
            return;
        }

        const int Bits = 16;
        uint least = (uint)(dropout * (1 << Bits));
        float kept = 1 / (1 - dropout);
        ulong drawn = 0;
        for (int k = 0; k < values.Length; k++)
        {
            drawn = k % 4 == 0 ? random.NextUInt64() : drawn >> Bits;
            mask[k] = (drawn & 0xFFFF) >= least ? kept : 0;
        }

        TensorPrimitives.Multiply(values, mask.AsSpan(0, values.Length), values);
    }

    private static void Undrop(ReadOnlySpan<float> gradient, ReadOnlySpan<float> mask, Span<float> to, bool dropped)
    {
        if (dropped)
        {
            TensorPrimitives.Multiply(gradient, mask[..gradient.Length], to);
        }
        else
        {
            gradient.CopyTo(to);
        }
    }

    /// <summary>What a block's way forward leaves for its way back.</summary>
    private sealed class BlockMemory
    {
        public float[] AttentionStandard { get; private set; } = [];

        public float[] AttentionInverse { get; private set; } = [];

        public float[] AttentionInput { get; private set; } = [];

        public float[] Projected { get; private set; } = [];

        public float[] Attended { get; private set; } = [];

        public float[] AttentionMask { get; private set; } = [];

        public float[] InnerStandard { get; private set; } = [];

        public float[] InnerInverse { get; private set; } = [];

        public float[] InnerInput { get; private set; } = [];

        public float[] Inner { get; private set; } = [];

        public float[] InnerMask { get; private set; } = [];

        public float[] Shares { get; set; } = [];

        public void Reserve(int rows, int d, int inner)
        {
            (AttentionInverse, InnerInverse) = (new float[rows], new float[rows]);
            (AttentionStandard, AttentionInput, Attended, AttentionMask) = (new float[rows * d], new float[rows * d], new float[rows * d], new float[rows * d]);
            (InnerStandard, InnerInput, InnerMask) = (new float[rows * d], new float[rows * d], new float[rows * d]);
            (Projected, Inner) = (new float[rows * 3 * d], new float[rows * inner]);
        }
    }
}
