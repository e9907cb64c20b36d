namespace KnowledgePay.Storage.Tests.Compliance;

public abstract class SnapshotCompliance : StoreCompliance
{
    [Fact]
    public async Task The_latest_snapshot_is_kept_and_an_older_one_does_not_replace_it()
    {
        Assert.Null(await Store.Snapshots.Load(1, Cancellation));
        await Store.Snapshots.Save(1, new Snapshot(5, 1, [5]), Cancellation);
        await Store.Snapshots.Save(1, new Snapshot(9, 2, [9]), Cancellation);
        await Store.Snapshots.Save(1, new Snapshot(7, 2, [7]), Cancellation);
        await Reopen();

        Snapshot? loaded = await Store.Snapshots.Load(1, Cancellation);
        Assert.NotNull(loaded);
        Assert.Equal((9L, 2), (loaded.Sequence, loaded.Version));
        Assert.Equal([9], loaded.Payload);
        Assert.Null(await Store.Snapshots.Load(2, Cancellation));
    }

    [Fact]
    public async Task A_deleted_snapshot_is_gone()
    {
        await Store.Snapshots.Save(1, new Snapshot(5, 1, [5]), Cancellation);
        await Store.Snapshots.Save(2, new Snapshot(6, 1, [6]), Cancellation);
        await Store.Snapshots.Delete(1, Cancellation);
        Assert.Null(await Store.Snapshots.Load(1, Cancellation));
        Assert.NotNull(await Store.Snapshots.Load(2, Cancellation));
    }
}
