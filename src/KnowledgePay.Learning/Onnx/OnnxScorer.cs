using System.Numerics.Tensors;
using KnowledgePay.Decisions.Recommending.Models;
using KnowledgePay.Learning.Files;
using Microsoft.ML.OnnxRuntime;

namespace KnowledgePay.Learning.Onnx;

/// <summary>A ranking model that was learned elsewhere (PyTorch, TensorFlow) and exported to ONNX.</summary>
/// <remarks>
/// <para>Signature: one input <c>history</c>, int64, [batch, length]: ordinals of the items in the order of the model's item list, oldest first. Where the length is fixed, the latest so many are given,
/// and what is missing in front is <c>−1</c>, or the number in the model's metadata under <c>padding</c>.</para>
/// <para>Outputs: <c>scores</c>, float32, [batch, items]; or, of two towers, <c>person</c>, float32, [batch, d], and <c>items</c>, float32, [items, d], which is read once: a score is their product.</para>
/// <para>An empty history is not given to the model: everything has score 0 then. The runtime works on one thread of the caller's and is let go of with the scorer.</para>
/// </remarks>
public sealed class OnnxScorer : IHistoryScorer
{
    public const string History = "history";
    public const string Scores = "scores";
    public const string Person = "person";
    public const string ItemVectors = "items";
    public const string Padding = "padding";

    /// <summary>Bytes of an ONNX file at most: what lies outside of it is not read.</summary>
    public const int LargestBytes = 1 << 30;

    /// <summary>Latest items of a history that a model without a fixed length is given at most.</summary>
    public const int LongestHistory = 200;

    private readonly InferenceSession _session;
    private readonly RunOptions _options = new();
    private readonly long _padding;
    private readonly int? _length;
    private readonly float[]? _items;

    private OnnxScorer(byte[] model, InferenceSession session, long padding, int? length, int items, float[]? vectors)
    {
        (Model, _session, _padding, _length, Items, _items) = (model, session, padding, length, items, vectors);
    }

    public int Items { get; }

    /// <summary>The ONNX file.</summary>
    public byte[] Model { get; }

    /// <param name="name">What messages call the model.</param>
    /// <param name="items">Items in its list.</param>
    /// <exception cref="InputException">It is no ONNX model, or has not the signature; the message says what was expected.</exception>
    public static OnnxScorer Load(byte[] model, string name, int items)
    {
        InferenceSession session = Open(model, name);
        try
        {
            KeyValuePair<string, NodeMetadata>[] inputs = [.. session.InputMetadata];
            if (inputs is not [{ Key: History } input])
            {
                throw new InputException($"{name}: the model has the inputs {Names(session.InputMetadata)}; expected one, '{History}'.");
            }

            int[] shape = Shape(input.Value, name, input.Key, typeof(long), "int64", "[batch, length]");
            if (shape[0] > 1)
            {
                throw new InputException($"{name}: '{History}' has the fixed batch {shape[0]}; expected a free one, or 1.");
            }

            int? length = shape[1] > 0 ? shape[1] : null;
            long padding = session.ModelMetadata.CustomMetadataMap.TryGetValue(Padding, out string? text)
                ? long.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out long number) ? number : throw new InputException($"{name}: the metadata '{Padding}' is '{text}'; expected a whole number.")
                : -1;
            if (session.OutputMetadata.TryGetValue(Scores, out NodeMetadata? scores))
            {
                int[] of = Shape(scores, name, Scores, typeof(float), "float32", "[batch, items]");
                CheckItems(name, Scores, of[1], items);
                return new OnnxScorer(model, session, padding, length, items, null);
            }

            if (!session.OutputMetadata.TryGetValue(Person, out NodeMetadata? person) || !session.OutputMetadata.TryGetValue(ItemVectors, out NodeMetadata? vectors))
            {
                throw new InputException($"{name}: the model has the outputs {Names(session.OutputMetadata)}; expected '{Scores}', or '{Person}' and '{ItemVectors}'.");
            }

            _ = Shape(person, name, Person, typeof(float), "float32", "[batch, d]");
            int[] towers = Shape(vectors, name, ItemVectors, typeof(float), "float32", "[items, d]");
            CheckItems(name, ItemVectors, towers[0], items);
            var scorer = new OnnxScorer(model, session, padding, length, items, null);
            (float[] values, long[] found) = scorer.Run([0], ItemVectors);
            CheckItems(name, ItemVectors, (int)found[0], items);
            return new OnnxScorer(model, session, padding, length, items, values);
        }
        catch (OnnxRuntimeException failed)
        {
            session.Dispose();
            throw new InputException($"{name}: the model does not run. {failed.Message}");
        }
        catch (InputException)
        {
            session.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The model gave other shapes than it did when it was checked.</exception>
    public void Score(ReadOnlySpan<HistoryEntry> history, Span<float> scores)
    {
        if (history.IsEmpty)
        {
            scores.Clear();
            return;
        }

        int most = _length ?? LongestHistory;
        ReadOnlySpan<HistoryEntry> latest = history.Length > most ? history[^most..] : history;
        var ordinals = new long[_length ?? latest.Length];
        ordinals.AsSpan(0, ordinals.Length - latest.Length).Fill(_padding);
        for (int k = 0; k < latest.Length; k++)
        {
            ordinals[ordinals.Length - latest.Length + k] = latest[k].Item;
        }

        (float[] values, long[] shape) = Run(ordinals, _items is null ? Scores : Person);
        if (_items is null)
        {
            if (values.Length != Items)
            {
                throw new InvalidOperationException($"The model gave {values.Length} scores ([{string.Join(", ", shape)}]); expected {Items}.");
            }

            values.CopyTo(scores);
            return;
        }

        int d = _items.Length / Items;
        if (values.Length != d)
        {
            throw new InvalidOperationException($"The model gave a person of {values.Length} numbers; its items have {d}.");
        }

        for (int item = 0; item < Items; item++)
        {
            scores[item] = TensorPrimitives.Dot<float>(values, _items.AsSpan(item * d, d));
        }
    }

    private (float[] Values, long[] Shape) Run(long[] ordinals, string output)
    {
        long[] shape = [1, _length ?? ordinals.Length];
        if (ordinals.Length < shape[1])
        {
            ordinals = [.. Enumerable.Repeat(_padding, (int)shape[1] - ordinals.Length), .. ordinals];
        }

        using OrtValue input = OrtValue.CreateTensorValueFromMemory(ordinals, shape);
        using IDisposableReadOnlyCollection<OrtValue> results = _session.Run(_options, [History], [input], [output]);
        return (results[0].GetTensorDataAsSpan<float>().ToArray(), results[0].GetTensorTypeAndShape().Shape);
    }

    private static InferenceSession Open(byte[] model, string name)
    {
        if (model.Length > LargestBytes)
        {
            throw new InputException($"{name}: the model has {model.Length} bytes; expected at most {LargestBytes}.");
        }

        try
        {
            using var options = new SessionOptions
            {
                IntraOpNumThreads = 1,
                InterOpNumThreads = 1,
                ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
                LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
            };
            options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
            return new InferenceSession(model, options);
        }
        catch (OnnxRuntimeException refused)
        {
            throw new InputException($"{name}: expected an ONNX model that is whole in one file, of operators that the runtime has. {refused.Message}");
        }
    }

    private static int[] Shape(NodeMetadata node, string name, string tensor, Type type, string typeName, string shape)
    {
        if (!node.IsTensor || node.ElementType != type || node.Dimensions.Length != 2)
        {
            throw new InputException(
                $"{name}: '{tensor}' is {(node.IsTensor ? node.ElementType.Name + $" [{string.Join(", ", node.Dimensions)}]" : "no tensor")}; expected {typeName} {shape}.");
        }

        return node.Dimensions;
    }

    private static void CheckItems(string name, string tensor, int found, int items)
    {
        // A free dimension is seen when the model runs.
        if (found > 0 && found != items)
        {
            throw new InputException($"{name}: '{tensor}' is of {found} items; expected {items}, as many as the list has.");
        }
    }

    private static string Names(IReadOnlyDictionary<string, NodeMetadata> nodes) => nodes.Count == 0 ? "none" : string.Join(", ", nodes.Keys.Select(key => $"'{key}'"));
}
