using CsCheck;
using KnowledgePay.Decisions.Recommending;

namespace KnowledgePay.Decisions.Tests.Recommending;

public sealed class SelectionTests
{
    private static readonly Gen<float> Scores = Gen.OneOf(Gen.Float[-1e6f, 1e6f], Gen.Int[-3, 3].Select(i => (float)i), Gen.Const(float.MaxValue), Gen.Const(-0f));

    [Fact]
    public void Keys_order_by_score_and_ties_by_the_lower_id() => Gen.Select(Scores, Scores, Gen.Int[0, 100], Gen.Int[0, 100]).Sample((a, b, i, j) =>
    {
        ulong first = Selection.Key(a, i), second = Selection.Key(b, j);
        int expected = a != b ? a.CompareTo(b) : j.CompareTo(i);
        Assert.Equal(Math.Sign(expected), Math.Sign(first.CompareTo(second)));
        Assert.Equal(i, Selection.IdOf(first));
        Assert.Equal(a, Selection.ScoreOf(first));
    }, iter: 2_000);

    [Fact]
    public void The_largest_come_first() => Gen.Select(Gen.ULong[0, 500].Array[0, 300], Gen.Int[0, 320]).Sample((keys, k) =>
    {
        ulong[] expected = [.. keys.OrderDescending().Take(k)];
        ulong[] moved = [.. keys];
        Selection.MoveLargestFirst(moved, k);
        Assert.Equal(expected.Order(), moved.Take(k).Order());
        Assert.Equal(keys.Order(), moved.Order());
        ulong[] sorted = [.. keys];
        int n = Selection.SortLargestFirst(sorted, k);
        Assert.Equal(expected, sorted.Take(n));
    }, iter: 500);

    [Fact]
    public void Of_a_stream_the_largest_are_kept() => Gen.Select(Gen.Int[-20, 20].Select(i => i / 4f).Array[0, 2_000], Gen.Int[1, 300], Gen.Bool, Gen.Int[-6, 2]).Sample((scores, wanted, together, above) =>
    {
        float floor = above < -5 ? float.NegativeInfinity : above;
        int[] ids = [.. Enumerable.Range(0, scores.Length).Select(i => i ^ 1)];
        ulong[] room = new ulong[LargestKeys.RoomFor(wanted)];
        var largest = new LargestKeys(room, wanted, floor);
        if (together)
        {
            largest.Add(scores, ids);
        }
        else
        {
            for (int i = 0; i < scores.Length; i++)
            {
                largest.Add(scores[i], ids[i]);
            }
        }

        ulong[] expected = [.. scores.Zip(ids).Where(one => one.First > floor).Select(one => Selection.Key(one.First, one.Second)).OrderDescending().Take(wanted)];
        Assert.Equal(expected, room.Take(largest.Finish()).OrderDescending());
    }, iter: 500);

    [Fact]
    public void Sorted_and_equal_keys_are_no_worst_case()
    {
        ulong[] rising = [.. Enumerable.Range(0, 50_000).Select(i => (ulong)i)];
        Selection.MoveLargestFirst(rising, 100);
        Assert.Equal(49_900UL, rising.Take(100).Min());
        ulong[] equal = [.. Enumerable.Repeat(7UL, 50_000)];
        Selection.MoveLargestFirst(equal, 100);
        Assert.All(equal, k => Assert.Equal(7UL, k));
    }
}
