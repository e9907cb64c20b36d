using System.Numerics.Tensors;
using KnowledgePay.Learning.Simulation;

namespace KnowledgePay.Learning.Items;

/// <summary>Vectors of one modality (text, image, audio) that were made elsewhere: brought to a common mean of nothing and to unit length, so that modalities can be compared.</summary>
public sealed class ItemVectors
{
    /// <summary>Longer vectors are projected to this many dimensions by random directions, which keeps their cosines to about a twelfth.</summary>
    public const int Dimensions = 128;

    private readonly float[]?[] _vectors;

    private ItemVectors(string modality, int width, float[]?[] vectors)
    {
        (Modality, Width, _vectors) = (modality, width, vectors);
    }

    public string Modality { get; }

    /// <summary>Numbers in each vector that there is.</summary>
    public int Width { get; }

    /// <summary>An item's unit vector; null where it has none.</summary>
    public float[]? Of(int item) => item < _vectors.Length ? _vectors[item] : null;

    /// <summary>Null where fewer than two items have a vector of the usual length: there is nothing to compare.</summary>
    /// <param name="given">By item. Vectors of another length than most have were made by something else, and are left out.</param>
    public static ItemVectors? Make(string modality, int items, IReadOnlyDictionary<int, float[]> given)
    {
        int length = given.Values.GroupBy(vector => vector.Length).OrderByDescending(group => group.Count()).ThenBy(group => group.Key).Select(group => group.Key).FirstOrDefault();
        KeyValuePair<int, float[]>[] usual = [.. given.Where(pair => pair.Value.Length == length && pair.Key < items).OrderBy(pair => pair.Key)];
        if (usual.Length < 2)
        {
            return null;
        }

        var mean = new float[length];
        foreach ((_, float[] vector) in usual)
        {
            TensorPrimitives.Add(mean, vector, mean);
        }

        TensorPrimitives.Divide(mean, usual.Length, mean);
        float[]? directions = length > Dimensions ? Directions(length) : null;
        var vectors = new float[]?[items];
        Parallel.ForEach(usual, pair =>
        {
            var centred = new float[length];
            TensorPrimitives.Subtract(pair.Value, mean, centred);
            float[] projected = directions is null ? centred : Project(centred, directions);
            float norm = TensorPrimitives.Norm<float>(projected);
            if (norm > 0 && float.IsFinite(norm))
            {
                TensorPrimitives.Divide(projected, norm, projected);
                vectors[pair.Key] = projected;
            }
        });
        return vectors.Count(vector => vector is not null) < 2 ? null : new ItemVectors(modality, Math.Min(length, Dimensions), vectors);
    }

    private static float[] Directions(int length)
    {
        SeededRandom random = SeededRandom.For((ulong)length, 0x4D6F64, 0);
        var directions = new float[Dimensions * length];
        for (int k = 0; k < directions.Length; k++)
        {
            directions[k] = (float)random.Normal();
        }

        return directions;
    }

    private static float[] Project(float[] vector, float[] directions)
    {
        var projected = new float[Dimensions];
        for (int k = 0; k < Dimensions; k++)
        {
            projected[k] = TensorPrimitives.Dot(directions.AsSpan(k * vector.Length, vector.Length), vector);
        }

        return projected;
    }
}
