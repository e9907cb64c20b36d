using CsCheck;
using KnowledgePay.Decisions.Recommending;

namespace KnowledgePay.Decisions.Tests.Recommending;

public sealed class CountRowTests
{
    [Fact]
    public void Counts_are_those_of_a_dictionary() => Gen.Select(Gen.Int[0, 300], Gen.Int[1, 5]).Array[0, 600].Sample(additions =>
    {
        var row = new CountRow();
        var counts = new Dictionary<int, int>();
        foreach ((int item, int by) in additions)
        {
            row.Add(item, by);
            counts[item] = counts.GetValueOrDefault(item) + by;
        }

        Assert.Equal(counts.Count, row.Count);
        for (int i = 0; i <= 301; i++)
        {
            Assert.Equal(counts.GetValueOrDefault(i), row[i]);
        }

        int[] items = new int[CountRow.Limit];
        int[] values = new int[CountRow.Limit];
        int n = row.CopyTo(items, values);
        Assert.Equal(counts.OrderBy(c => c.Key), items.Take(n).Zip(values, KeyValuePair.Create).OrderBy(c => c.Key));
    }, iter: 200);

    [Fact]
    public void A_full_row_keeps_its_largest_counts()
    {
        var row = new CountRow();
        for (int item = 0; item < CountRow.Limit; item++)
        {
            row.Add(item, item < CountRow.Kept ? 5 : 1);
        }

        Assert.Equal(CountRow.Kept, row.Count);
        Assert.All(Enumerable.Range(0, CountRow.Limit), i => Assert.Equal(i < CountRow.Kept ? 5 : 0, row[i]));
    }

    [Fact]
    public void However_many_there_are_memory_is_bounded()
    {
        var row = new CountRow();
        for (int i = 0; i < 100_000; i++)
        {
            row.Add((int)((uint)(i * 2_654_435_761L) % 1_000_000), 1);
            Assert.InRange(row.Count, 1, CountRow.Limit - 1);
        }

        Assert.InRange(row.Bytes, 1, 8_192);
    }
}
