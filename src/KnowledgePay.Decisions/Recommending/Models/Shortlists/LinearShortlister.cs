using System.Numerics.Tensors;
using KnowledgePay.Decisions.Catalogue;

namespace KnowledgePay.Decisions.Recommending.Models;

/// <summary>Writes the vector of whoever has a history.</summary>
internal delegate void PersonVector(ReadOnlySpan<HistoryEntry> history, Span<float> person);

/// <summary>A model whose scores are products of a person's vector with the items', and a bias: the best are found as the nearest vectors are.</summary>
/// <remarks>
/// Vectors less their mean are turned onto their principal axes, of which the first <see cref="CourseVectors.Dimensions"/> go into the index of courses' vectors: a scan of signed bytes in
/// groups around centres. A group's direction says nothing of how long its vectors are, and a long one scores high from afar; so the longest stand in an index of their own that is always
/// read whole (Yan et al., "Norm-ranging LSH for maximum inner product search", 2018). What is found is scored by whole vectors.
/// </remarks>
internal sealed class LinearShortlister : Shortlister
{
    private const int MostLong = VectorGroups.SmallestGrouped - 1;
    private const int LongPart = 16;

    private readonly float[] _rows;
    private readonly float[]? _bias;
    private readonly PersonVector _person;
    private readonly PrincipalAxes _axes;
    private readonly int[] _longItems;
    private readonly CourseVectors _long;
    private readonly int[] _otherItems;
    private readonly CourseVectors _others;

    /// <param name="rows">An item a row; a person's vector is as wide.</param>
    public LinearShortlister(int items, float[] rows, float[]? bias, PersonVector person)
    {
        (_rows, _bias, _person) = (rows, bias, person);
        Items = items;
        Width = rows.Length / items;
        _axes = PrincipalAxes.Of(items, rows, bias, CourseVectors.Dimensions);
        float[] turned = new float[items * CourseVectors.Dimensions];
        float[] lengths = new float[items];
        for (int item = 0; item < items; item++)
        {
            Span<float> vector = turned.AsSpan(item * CourseVectors.Dimensions, CourseVectors.Dimensions);
            _axes.Turn(rows.AsSpan(item * Width, Width), bias is null ? 0 : bias[item], isItem: true, vector);
            lengths[item] = -TensorPrimitives.Norm<float>(vector);
        }

        int[] order = [.. Enumerable.Range(0, items)];
        Array.Sort(lengths, order);
        _longItems = order[..Math.Min(MostLong, items / LongPart)];
        _otherItems = order[_longItems.Length..];
        Array.Sort(_otherItems);
        (_long, _others) = (Index(_longItems, turned), Index(_otherItems, turned));
    }

    public int Items { get; }

    public int Width { get; }

    public override Shortlist NewList() => new List(this);

    private static CourseVectors Index(int[] items, float[] turned)
    {
        float[] own = new float[items.Length * CourseVectors.Dimensions];
        for (int i = 0; i < items.Length; i++)
        {
            turned.AsSpan(items[i] * CourseVectors.Dimensions, CourseVectors.Dimensions).CopyTo(own.AsSpan(i * CourseVectors.Dimensions));
        }

        return CourseVectors.Of(own);
    }

    private sealed class List(LinearShortlister model) : Shortlist
    {
        private readonly float[] _vector = new float[model.Width];
        private readonly float[] _query = new float[CourseVectors.Dimensions];
        private ulong[] _found = [];

        public override void Read(ReadOnlySpan<HistoryEntry> history) => model._person(history, _vector);

        public override int StateSize => _vector.Length;

        public override void Save(Span<float> state) => _vector.CopyTo(state);

        public override void Restore(ReadOnlySpan<float> state, ReadOnlySpan<HistoryEntry> history) => state.CopyTo(_vector);

        public override void Collect(int most, ref ItemBuffer into)
        {
            // Cut-off axes and rounded bytes may put a good one a little further down.
            int asked = Math.Min(VectorScan.LargestCount, most + (most / 2)), room = LargestKeys.RoomFor(asked);
            if (_found.Length < 2 * room)
            {
                _found = new ulong[2 * room];
            }

            model._axes.Turn(_vector, 1, isItem: false, _query);
            int n = Find(model._long, model._longItems, asked, _found.AsSpan(0, room));
            n += Find(model._others, model._otherItems, asked, _found.AsSpan(n, room));
            Selection.MoveLargestFirst(_found.AsSpan(0, n), asked);
            foreach (ulong key in _found.AsSpan(0, Math.Min(n, asked)))
            {
                into.Add(Selection.IdOf(key));
            }
        }

        public override float Score(int item)
        {
            Span<float> score = stackalloc float[1];
            Score([item], score);
            return score[0];
        }

        public override void Score(ReadOnlySpan<int> items, Span<float> scores)
        {
            RowProducts.Of(model._rows, items, _vector, scores);
            if (model._bias is { } bias)
            {
                for (int i = 0; i < items.Length; i++)
                {
                    scores[i] += bias[items[i]];
                }
            }
        }

        public override ScoreMoments Moments()
        {
            (double mean, double variance) = model._axes.Of(_vector);
            return new ScoreMoments(mean * model.Items, model.Items * (variance + (mean * mean)));
        }

        private int Find(CourseVectors vectors, int[] items, int most, Span<ulong> keys)
        {
            int n = VectorScan.Coarse(vectors, _query, most, keys);
            foreach (ref ulong key in keys[..n])
            {
                key = Selection.Key(Selection.ScoreOf(key), items[Selection.IdOf(key)]);
            }

            return n;
        }
    }
}
