using System.Numerics.Tensors;
using KnowledgePay.Decisions.Recommending.Models;
using KnowledgePay.Learning.Interactions;
using KnowledgePay.Learning.Items;
using KnowledgePay.Learning.Recommenders;
using KnowledgePay.Learning.Simulation;

namespace KnowledgePay.Learning.Neural;

/// <summary>One person of a batch: what the user tower is shown and what it has to find.</summary>
internal sealed record TowerExample(int[] Inputs, int[] Targets);

/// <summary>The towers with their gradients.</summary>
/// <remarks>
/// Loss of an example: the mean over its targets t of <c>−ln(e^{s_t}/(e^{s_t} + Σ_n e^{s_n − ln(K·q_n)}))</c>, n the sampled items that the person does not have: sampled softmax with the
/// correction for how often an item is sampled (Bengio and Senécal 2008). Each row's gradient is summed by one thread in a fixed order.
/// </remarks>
internal sealed class TwoTowerNetwork
{
    private readonly int _d;
    private readonly ItemFeatures? _features;

    public TwoTowerNetwork(int items, int dimensions, ItemFeatures? features, SeededRandom random)
    {
        (_d, _features) = (dimensions, features);
        float deviation = 1 / MathF.Sqrt(dimensions);
        Inputs = new AdamTensor(Normal(items * dimensions, deviation, random), dimensions);
        Outputs = new AdamTensor(Normal(items * dimensions, 0.1f * deviation, random), dimensions);
        Dense = new AdamTensor(Normal(dimensions * dimensions, 0.3f * deviation, random), dimensions);
        DenseBias = new AdamTensor(new float[dimensions], dimensions);
        OutputBias = new AdamTensor(new float[items], 1);
        Features = new AdamTensor(new float[Math.Max(1, features?.Count ?? 0) * dimensions], dimensions);
    }

    public AdamTensor Inputs { get; }

    public AdamTensor Outputs { get; }

    public AdamTensor Dense { get; }

    public AdamTensor DenseBias { get; }

    public AdamTensor OutputBias { get; }

    /// <summary>A vector for each item feature, added to the items that have it.</summary>
    public AdamTensor Features { get; }

    /// <summary>Goes on from earlier towers (what features gave to an item is in its vector), and is drawn back to them from now on.</summary>
    public void StartFrom(TwoTowerScorer earlier, EarlierFit fit, InteractionMatrix matrix)
    {
        fit.CopyVectors(matrix, earlier.Inputs, Inputs.Values, _d);
        fit.CopyVectors(matrix, earlier.Outputs, Outputs.Values, _d);
        fit.CopyRows(earlier.OutputBias, OutputBias.Values, 1);
        earlier.Dense.CopyTo(Dense.Values, 0);
        earlier.DenseBias.CopyTo(DenseBias.Values, 0);
        foreach (AdamTensor tensor in new[] { Inputs, Outputs, OutputBias, Dense, DenseBias })
        {
            tensor.Anchor = (float[])tensor.Values.Clone();
        }
    }

    public TwoTowerScorer Scorer()
    {
        var outputs = new float[Outputs.Values.Length];
        for (int item = 0; item < outputs.Length / _d; item++)
        {
            Item(item, outputs.AsSpan(item * _d, _d));
        }

        return new TwoTowerScorer([.. Inputs.Values], [.. Dense.Values], [.. DenseBias.Values], outputs, [.. OutputBias.Values]);
    }

    /// <summary>The mean loss of a batch and its gradients.</summary>
    /// <param name="sampled">Items that stand for all others, each once, ascending.</param>
    /// <param name="corrections">ln(K·q) of each; 0 when all items are there.</param>
    public TowerGradients Gradients(TowerExample[] batch, int[] sampled, float[] corrections)
    {
        int d = _d, b = batch.Length;
        int[] items = [.. sampled.Union(batch.SelectMany(example => example.Targets)).Order()];
        var columnOf = new Dictionary<int, int>(items.Length);
        for (int c = 0; c < items.Length; c++)
        {
            columnOf[items[c]] = c;
        }

        var vectors = new float[items.Length * d];
        Parallel.For(0, items.Length, c => Item(items[c], vectors.AsSpan(c * d, d)));
        float[] correctionOf = new float[items.Length];
        Array.Fill(correctionOf, float.PositiveInfinity);
        for (int k = 0; k < sampled.Length; k++)
        {
            correctionOf[columnOf[sampled[k]]] = corrections[k];
        }

        float[] means = new float[b * d], hidden = new float[b * d], people = new float[b * d], logits = new float[b * items.Length], inner = new float[b * d], meanGradients = new float[b * d];
        var losses = new double[b];
        Parallel.For(0, b, row =>
        {
            TowerExample example = batch[row];
            Span<float> mean = means.AsSpan(row * d, d), person = people.AsSpan(row * d, d), own = logits.AsSpan(row * items.Length, items.Length);
            foreach (int item in example.Inputs)
            {
                TensorPrimitives.Add(mean, Inputs.Row(item), mean);
            }

            TwoTowerScorer.Person(mean, example.Inputs.Length, Dense.Values, DenseBias.Values, hidden.AsSpan(row * d, d), person);
            for (int c = 0; c < items.Length; c++)
            {
                own[c] = TensorPrimitives.Dot(person, vectors.AsSpan(c * d, d)) + OutputBias.Values[items[c]];
            }

            losses[row] = LogitGradients(example, own, columnOf, correctionOf, b);
            Backward(own, vectors, hidden.AsSpan(row * d, d), inner.AsSpan(row * d, d), meanGradients.AsSpan(row * d, d), example.Inputs.Length);
        });
        var vectorGradients = new float[items.Length * d];
        var biasGradients = new float[items.Length];
        Parallel.For(0, items.Length, c =>
        {
            Span<float> own = vectorGradients.AsSpan(c * d, d);
            for (int row = 0; row < b; row++)
            {
                float g = logits[(row * items.Length) + c];
                if (g != 0)
                {
                    TensorPrimitives.MultiplyAdd(people.AsSpan(row * d, d), g, own, own);
                    biasGradients[c] += g;
                }
            }
        });
        float[] dense = new float[d * d], denseBias = new float[d];
        Parallel.For(0, d, k =>
        {
            Span<float> own = dense.AsSpan(k * d, d);
            for (int row = 0; row < b; row++)
            {
                TensorPrimitives.MultiplyAdd(means.AsSpan(row * d, d), inner[(row * d) + k], own, own);
                denseBias[k] += inner[(row * d) + k];
            }
        });
        return new TowerGradients(losses.Sum(), items, vectorGradients, biasGradients, InputGradients(batch, meanGradients), FeatureGradients(items, vectorGradients), dense, denseBias);
    }

    /// <summary>Moves all that has a gradient.</summary>
    public void Step(TowerGradients gradients, float rate, float decay)
    {
        int d = _d;
        Parallel.For(0, gradients.Items.Length, c =>
        {
            Outputs.Step(gradients.Items[c], gradients.Vectors.AsSpan(c * d, d), rate, decay);
            OutputBias.Step(gradients.Items[c], gradients.Biases.AsSpan(c, 1), rate, 0);
        });
        foreach ((int item, float[] gradient) in gradients.Inputs)
        {
            Inputs.Step(item, gradient, rate, decay);
        }

        foreach ((int feature, float[] gradient) in gradients.Features)
        {
            Features.Step(feature, gradient, rate, decay);
        }

        for (int k = 0; k < d; k++)
        {
            Dense.Step(k, gradients.Dense.AsSpan(k * d, d), rate, decay);
        }

        DenseBias.Step(0, gradients.DenseBias, rate, 0);
    }

    private void Item(int item, Span<float> vector)
    {
        Outputs.Row(item).CopyTo(vector);
        if (_features is not null && item < _features.Items)
        {
            ReadOnlySpan<int> own = _features.FeaturesOf(item);
            for (int k = 0; k < own.Length; k++)
            {
                TensorPrimitives.MultiplyAdd(Features.Row(own[k]), _features.WeightsOf(item)[k], vector, vector);
            }
        }
    }

    /// <summary>Turns logits into their gradients, divided by the size of the batch; returns the loss likewise.</summary>
    private static double LogitGradients(TowerExample example, Span<float> logits, Dictionary<int, int> columnOf, float[] correctionOf, int batch)
    {
        int[] targets = Array.ConvertAll(example.Targets, item => columnOf[item]);
        float[] scores = new float[targets.Length];
        for (int t = 0; t < targets.Length; t++)
        {
            scores[t] = logits[targets[t]];
        }

        foreach (int item in example.Inputs)
        {
            if (columnOf.TryGetValue(item, out int column))
            {
                logits[column] = float.NegativeInfinity;
            }
        }

        foreach (int target in targets)
        {
            logits[target] = float.NegativeInfinity;
        }

        TensorPrimitives.Subtract(logits, correctionOf, logits);
        float greatest = Math.Max(TensorPrimitives.Max<float>(logits), scores.Max());
        TensorPrimitives.Subtract(logits, greatest, logits);
        TensorPrimitives.Exp<float>(logits, logits);
        double others = TensorPrimitives.Sum<float>(logits), loss = 0, factor = 0;
        double share = 1.0 / targets.Length / batch;
        for (int t = 0; t < targets.Length; t++)
        {
            double own = Math.Exp(scores[t] - greatest), all = own + others;
            loss -= Math.Log(own / all) * share;
            factor += share / all;
            scores[t] = (float)(((own / all) - 1) * share);
        }

        TensorPrimitives.Multiply(logits, (float)factor, logits);
        for (int t = 0; t < targets.Length; t++)
        {
            logits[targets[t]] = scores[t];
        }

        return loss;
    }

    private void Backward(ReadOnlySpan<float> logitGradients, float[] vectors, ReadOnlySpan<float> hidden, Span<float> inner, Span<float> meanGradient, int inputs)
    {
        int d = _d;
        meanGradient.Clear();
        for (int c = 0; c < logitGradients.Length; c++)
        {
            if (logitGradients[c] != 0)
            {
                TensorPrimitives.MultiplyAdd(vectors.AsSpan(c * d, d), logitGradients[c], meanGradient, meanGradient);
            }
        }

        for (int k = 0; k < d; k++)
        {
            inner[k] = meanGradient[k] * (1 - (hidden[k] * hidden[k]));
        }

        for (int k = 0; k < d; k++)
        {
            TensorPrimitives.MultiplyAdd(Dense.Row(k), inner[k], meanGradient, meanGradient);
        }

        TensorPrimitives.Multiply(meanGradient, 1 / MathF.Sqrt(Math.Max(1, inputs)), meanGradient);
    }

    private SortedDictionary<int, float[]> InputGradients(TowerExample[] batch, float[] meanGradients)
    {
        var gradients = new SortedDictionary<int, float[]>();
        for (int row = 0; row < batch.Length; row++)
        {
            foreach (int item in batch[row].Inputs)
            {
                if (!gradients.TryGetValue(item, out float[]? own))
                {
                    gradients.Add(item, own = new float[_d]);
                }

                TensorPrimitives.Add(own, meanGradients.AsSpan(row * _d, _d), own);
            }
        }

        return gradients;
    }

    private SortedDictionary<int, float[]> FeatureGradients(int[] items, float[] vectorGradients)
    {
        var gradients = new SortedDictionary<int, float[]>();
        for (int c = 0; c < items.Length && _features is not null; c++)
        {
            ReadOnlySpan<int> features = _features.FeaturesOf(items[c]);
            for (int k = 0; k < features.Length; k++)
            {
                if (!gradients.TryGetValue(features[k], out float[]? own))
                {
                    gradients.Add(features[k], own = new float[_d]);
                }

                TensorPrimitives.MultiplyAdd(vectorGradients.AsSpan(c * _d, _d), _features.WeightsOf(items[c])[k], own, own);
            }
        }

        return gradients;
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

/// <param name="Loss">Mean over the batch.</param>
/// <param name="Items">Items of the output tower that have gradients.</param>
internal sealed record TowerGradients(
    double Loss, int[] Items, float[] Vectors, float[] Biases, SortedDictionary<int, float[]> Inputs, SortedDictionary<int, float[]> Features, float[] Dense, float[] DenseBias);
