using KnowledgePay.Learning.Interactions;
using KnowledgePay.Learning.Items;
using KnowledgePay.Learning.Numerics;

namespace KnowledgePay.Learning.Recommenders;

/// <summary>What a learner learns from, and what several fits on the same data share.</summary>
/// <param name="features">What is known about the items; null when nothing is.</param>
public sealed class TrainingData(InteractionMatrix matrix, ItemFeatures? features, ulong seed)
{
    /// <summary>Items among which dense item-to-item models are learned at most: 16,384² weights are 2 GiB in double precision, of which learning holds three.</summary>
    public const int MostDenseItems = 16_384;

    private double _gramPower = double.NaN;
    private double[]? _gram;

    public InteractionMatrix Matrix => matrix;

    public ItemFeatures? Features => features;

    public ulong Seed => seed;

    /// <summary>Items of the dense models, ascending.</summary>
    public int[] DenseItems => field ??= Cooccurrence.MostTaken(matrix, MostDenseItems);

    /// <summary>The same learning on a part of the interactions.</summary>
    public TrainingData On(InteractionMatrix part) => new(part, features, seed);

    /// <summary>Co-occurrence over <see cref="DenseItems"/>; the last one asked for is kept. Not to be changed.</summary>
    public double[] Gram(double lengthPower)
    {
        if (_gram is null || _gramPower != lengthPower)
        {
            _gram = null;
            _gram = Cooccurrence.Gram(matrix, DenseItems, lengthPower);
            _gramPower = lengthPower;
        }

        return _gram;
    }
}
