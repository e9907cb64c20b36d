namespace KnowledgePay.Storage.Tests.Compliance;

public abstract class ProjectionStoreCompliance : StoreCompliance
{
    private IProjectionStore Projections => Store.Projections;

    [Fact]
    public async Task Rows_and_watermark_are_saved_together_and_survive_a_restart()
    {
        Assert.Equal(default, await Projections.Watermark("courses", 0, Cancellation));
        await Projections.Save("courses", 0, new ProjectionWatermark(10, 2), [new("a", [1]), new("b", [2])], Cancellation);
        await Projections.Save("courses", 0, new ProjectionWatermark(20, 3), [new("b", [3])], Cancellation);
        await Projections.Save("partners", 0, new ProjectionWatermark(5, 0), [new("a", [9])], Cancellation);
        await Reopen();

        Assert.Equal(new ProjectionWatermark(20, 3), await Projections.Watermark("courses", 0, Cancellation));
        Assert.Equal(new ProjectionWatermark(5, 0), await Projections.Watermark("partners", 0, Cancellation));
        var rows = await Projections.Load("courses", Cancellation).ToListAsync(Cancellation);
        Assert.Equal([("a", 1), ("b", 3)], rows.Select(r => (r.Row.Key, (int)r.Row.State[0])).Order());
    }

    [Fact]
    public async Task Partitions_keep_rows_and_watermarks_of_their_own()
    {
        await Projections.Save("courses", 0, new ProjectionWatermark(10, 1), [new("a", [1])], Cancellation);
        await Projections.Save("courses", 3, new ProjectionWatermark(7, 4), [new("a", [2]), new("b", [3])], Cancellation);

        Assert.Equal(new ProjectionWatermark(10, 1), await Projections.Watermark("courses", 0, Cancellation));
        Assert.Equal(new ProjectionWatermark(7, 4), await Projections.Watermark("courses", 3, Cancellation));
        var rows = await Projections.Load("courses", Cancellation).ToListAsync(Cancellation);
        Assert.Equal([(0, "a", 1), (3, "a", 2), (3, "b", 3)], rows.Select(r => (r.Partition, r.Row.Key, (int)r.Row.State[0])).Order());
    }

    [Fact]
    public async Task Many_rows_are_loaded_each_once()
    {
        ProjectionRow[] rows = [.. Enumerable.Range(0, 3_000).Select(i => new ProjectionRow($"课程/{i}", BitConverter.GetBytes(i)))];
        await Projections.Save("courses", 0, new ProjectionWatermark(1, 1), rows, Cancellation);
        await Projections.Save("courses", 1, new ProjectionWatermark(1, 1), rows[..1_000], Cancellation);
        var loaded = await Projections.Load("courses", Cancellation).ToListAsync(Cancellation);
        Assert.Equal(4_000, loaded.Select(r => (r.Partition, r.Row.Key)).Distinct().Count());
        Assert.Equal(4_000, loaded.Count);
        Assert.All(loaded, r => Assert.Equal($"课程/{BitConverter.ToInt32(r.Row.State)}", r.Row.Key));
    }
}
