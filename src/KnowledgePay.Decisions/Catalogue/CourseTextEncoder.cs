using System.Collections.Immutable;
using System.Numerics.Tensors;
using KnowledgePay.Contracts.Catalogue;

namespace KnowledgePay.Decisions.Catalogue;

/// <summary>A course's vector from what is written about it and from vectors made elsewhere, without any fitted state.</summary>
/// <remarks>
/// Each field's features (<see cref="TextFeatures"/>, weight 1 + ln count) are projected by <see cref="HashProjection"/> and brought to unit length; fields are added
/// with weights title 3, category 2, tags 2, concepts 2, instructor 1.5, description 2 (its first 2,000 characters; concepts and tags likewise).
/// Given embeddings are projected the same way (dimension i of a modality is a feature) and averaged with the text, each at unit length.
/// Scratch memory belongs to the thread; the same course gives the same vector on every thread and machine.
/// </remarks>
public static class CourseTextEncoder
{
    public const int Dimensions = CourseVectors.Dimensions;

    /// <summary>Characters of a field that are read.</summary>
    public const int CharactersRead = 2000;

    [ThreadStatic]
    private static TextFeatures? _features;

    /// <summary>Writes the course's unit vector, or zeros when nothing is said about it, and says which.</summary>
    public static bool Encode(Course course, Span<float> vector)
    {
        TextFeatures features = _features ??= new TextFeatures();
        vector.Clear();
        AddField(features, course.Title, 3f, vector);
        AddField(features, course.Category, 2f, vector);
        AddFields(features, course.Tags, 2f, vector);
        AddFields(features, course.Concepts, 2f, vector);
        AddField(features, course.Instructor, 1.5f, vector);
        AddField(features, course.Description, 2f, vector);
        HashProjection.Normalise(vector);
        if (course.Embeddings is { } embeddings)
        {
            AddModality(embeddings.Text, 1, vector);
            AddModality(embeddings.Image, 2, vector);
            AddModality(embeddings.Audio, 3, vector);
        }

        return HashProjection.Normalise(vector);
    }

    /// <summary>Writes the unit vector of a free text (an interest, a query) in the courses' space, or zeros.</summary>
    public static bool EncodeText(ReadOnlySpan<char> text, Span<float> vector)
    {
        vector.Clear();
        AddField(_features ??= new TextFeatures(), text, 1f, vector);
        return HashProjection.Normalise(vector);
    }

    private static void AddField(TextFeatures features, ReadOnlySpan<char> text, float weight, Span<float> vector)
    {
        if (!text.IsEmpty)
        {
            features.Read(text[..Math.Min(text.Length, CharactersRead)]);
            AddUnit(features, weight, vector);
        }
    }

    private static void AddFields(TextFeatures features, ImmutableArray<string> texts, float weight, Span<float> vector)
    {
        if (texts.IsDefaultOrEmpty)
        {
            return;
        }

        int left = CharactersRead;
        foreach (string text in texts)
        {
            if (left <= 0)
            {
                break;
            }

            features.Read(text.AsSpan(0, Math.Min(text.Length, left)));
            left -= text.Length;
        }

        AddUnit(features, weight, vector);
    }

    private static void AddUnit(TextFeatures features, float weight, Span<float> vector)
    {
        Span<float> field = stackalloc float[Dimensions];
        field.Clear();
        features.Project(field);
        if (HashProjection.Normalise(field))
        {
            TensorPrimitives.MultiplyAdd(field, weight, vector, vector);
        }
    }

    private static void AddModality(ImmutableArray<float>? embedding, ulong modality, Span<float> vector)
    {
        if (embedding is not { IsDefaultOrEmpty: false } values)
        {
            return;
        }

        Span<float> projected = stackalloc float[Dimensions];
        projected.Clear();
        for (int i = 0; i < values.Length; i++)
        {
            HashProjection.Add(projected, HashProjection.Mix((modality << 32) | (uint)i), values[i]);
        }

        if (HashProjection.Normalise(projected))
        {
            TensorPrimitives.Add(vector, projected, vector);
        }
    }
}
