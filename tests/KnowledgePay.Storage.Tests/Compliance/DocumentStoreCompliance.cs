using System.Text;

namespace KnowledgePay.Storage.Tests.Compliance;

public abstract class DocumentStoreCompliance : StoreCompliance
{
    private IDocumentStore Documents => Store.Documents;

    [Fact]
    public async Task Numbers_are_permanent_and_dense_and_versions_rise_within_a_kind()
    {
        IReadOnlyList<Document> first = await Documents.Put("course", [Write("a"), Write("b")], Cancellation);
        IReadOnlyList<Document> other = await Documents.Put("partner", [Write("a")], Cancellation);
        IReadOnlyList<Document> second = await Documents.Put("course", [Write("b", "new"), Write("c")], Cancellation);

        Assert.Equal([0, 1], first.Select(d => d.Number));
        Assert.Equal([0], other.Select(d => d.Number));
        Assert.Equal([1, 2], second.Select(d => d.Number));
        Assert.Equal([1L, 2, 3, 4], first.Concat(second).Select(d => d.Version));

        await Reopen();
        Document? found = await Documents.Find("course", "b", Cancellation);
        Assert.NotNull(found);
        Assert.Equal((1, 3L, "new"), (found.Number, found.Version, Encoding.UTF8.GetString(found.Body)));
        Assert.Null(await Documents.Find("course", "z", Cancellation));
        Document next = Assert.Single(await Documents.Put("course", [Write("d")], Cancellation));
        Assert.Equal((3, 5L), (next.Number, next.Version));
    }

    [Fact]
    public async Task Changes_are_what_has_a_higher_version_each_document_once()
    {
        await Documents.Put("course", [.. Enumerable.Range(0, 20).Select(i => Write($"c{i}"))], Cancellation);
        await Documents.Put("course", [Write("c3", "again")], Cancellation);

        var seen = new List<Document>();
        while (await Documents.Changes("course", seen.LastOrDefault()?.Version ?? 0, 7, Cancellation) is { Count: > 0 } page)
        {
            Assert.InRange(page.Count, 1, 7);
            seen.AddRange(page);
        }

        Assert.Equal(20, seen.Count);
        Assert.Equal("c3", seen[^1].Id);
        Assert.Equal(3, seen[^1].Number);
        Assert.Empty(await Documents.Changes("partner", 0, 7, Cancellation));
    }

    [Fact]
    public async Task A_failed_expectation_writes_none_of_the_documents()
    {
        await Documents.Put("course", [Write("a")], Cancellation);
        DocumentConflictException conflict = await Assert.ThrowsAsync<DocumentConflictException>(async () => await Documents.Put("course", [Write("b"), Write("a", "x", 0)], Cancellation));
        Assert.Equal(1, conflict.Actual);
        await Assert.ThrowsAsync<DocumentConflictException>(async () => await Documents.Put("course", [Write("c", "x", 4)], Cancellation));
        Assert.Null(await Documents.Find("course", "b", Cancellation));

        Document next = Assert.Single(await Documents.Put("course", [Write("b", "x", 0)], Cancellation));
        Assert.Equal((1, 2L), (next.Number, next.Version));
        Assert.Equal(3, Assert.Single(await Documents.Put("course", [Write("a", "y", 1)], Cancellation)).Version);
    }

    [Fact]
    public async Task A_conflict_does_not_disturb_writes_in_the_same_commit()
    {
        await Documents.Put("course", [Write("a")], Cancellation);
        Task[] tasks = [.. Enumerable.Range(0, 50).Select(i => i % 2 == 0
            ? Documents.Put("course", [Write($"n{i}")], Cancellation).AsTask()
            : Documents.Put("course", [Write($"never{i}"), Write("a", "x", 99)], Cancellation).AsTask())];
        await Task.WhenAll(tasks.Select(t => t.ContinueWith(_ => { }, Cancellation, TaskContinuationOptions.None, TaskScheduler.Default)));
        for (int i = 0; i < tasks.Length; i++)
        {
            Assert.Equal(i % 2 == 0, tasks[i].IsCompletedSuccessfully);
        }

        IReadOnlyList<Document> all = await Documents.Changes("course", 0, 1_000, Cancellation);
        Assert.Equal(26, all.Count);
        Assert.Equal(Enumerable.Range(0, 26), all.Select(d => d.Number).Order());
    }

    [Fact]
    public async Task Puts_that_share_a_commit_are_each_all_or_none_and_have_versions_of_their_own()
    {
        // Every put writes a document of its own and one that all share; every third expects what cannot be.
        Task<IReadOnlyList<Document>>[] puts =
        [
            .. Enumerable.Range(0, 300).Select(i => Store.Documents.Put(
                "shared",
                [new DocumentWrite($"own-{i}", [1], i % 3 == 2 ? 999 : 0), new DocumentWrite("all", [(byte)(i % 200 + 1)])],
                Cancellation).AsTask()),
        ];
        await Task.WhenAll(puts.Select(t => t.ContinueWith(_ => { }, Cancellation, TaskContinuationOptions.None, TaskScheduler.Default)));
        for (int i = 0; i < puts.Length; i++)
        {
            Assert.Equal(i % 3 == 2, puts[i].Exception?.InnerException is DocumentConflictException);
            Assert.Equal(i % 3 != 2, await Store.Documents.Find("shared", $"own-{i}", Cancellation) is not null);
        }

        Document[] written = [.. puts.Where(put => put.IsCompletedSuccessfully).SelectMany(put => put.Result)];
        Assert.Equal(400, written.Select(document => document.Version).Distinct().Count());
        Assert.Equal(Enumerable.Range(0, 201), written.Select(document => document.Number).Distinct().Order());
        Document last = written.Where(document => document.Id == "all").MaxBy(document => document.Version)!;
        Assert.Equal(last.Body, (await Store.Documents.Find("shared", "all", Cancellation))!.Body);
        IReadOnlyList<Document> changes = await Store.Documents.Changes("shared", 0, 1000, Cancellation);
        Assert.Equal(201, changes.Count);
        Assert.Equal(last.Version, changes.Single(document => document.Id == "all").Version);
    }

    [Fact]
    public async Task Of_many_writers_who_expect_the_same_version_one_wins()
    {
        Task<IReadOnlyList<Document>>[] tasks = [.. Enumerable.Range(0, 20).Select(i => Documents.Put("setting", [Write("s", $"{i}", 0)], Cancellation).AsTask())];
        await Task.WhenAll(tasks.Select(t => t.ContinueWith(_ => { }, Cancellation, TaskContinuationOptions.None, TaskScheduler.Default)));
        Assert.Equal(1, tasks.Count(t => t.IsCompletedSuccessfully));
    }

    [Fact]
    public async Task A_deleted_document_is_not_found_is_reported_as_a_change_and_keeps_its_number()
    {
        await Documents.Put("course", [Write("a"), Write("b")], Cancellation);
        Document deleted = Assert.Single(await Documents.Put("course", [new DocumentWrite("a", [], 1)], Cancellation));
        Assert.Equal((0, 3L, 0), (deleted.Number, deleted.Version, deleted.Body.Length));
        Assert.Null(await Documents.Find("course", "a", Cancellation));
        Document change = Assert.Single(await Documents.Changes("course", 2, 10, Cancellation));
        Assert.Equal(("a", 0), (change.Id, change.Body.Length));

        Document back = Assert.Single(await Documents.Put("course", [Write("a", "back", 0)], Cancellation));
        Assert.Equal((0, 4L), (back.Number, back.Version));
        Assert.Equal(-1, Assert.Single(await Documents.Put("course", [new DocumentWrite("never", [])], Cancellation)).Number);
    }

    [Fact]
    public async Task An_id_that_could_not_be_given_back_as_it_was_is_refused()
    {
        foreach (string id in (string[])["", "a\0b", "a\ud800", "\udc00a", new string('a', 10_000)])
        {
            await Assert.ThrowsAnyAsync<ArgumentException>(async () => await Documents.Put("course", [Write("fine"), Write(id)], Cancellation));
        }

        Assert.Empty(await Documents.Changes("course", 0, 10, Cancellation));
    }

    [Fact]
    public async Task Any_text_is_an_id_and_comes_back()
    {
        string[] ids = ["課程/1", "😀", "a'b\"c", " ", "A", "a"];
        await Documents.Put("course", [.. ids.Select(id => Write(id))], Cancellation);
        Assert.Equal(ids, (await Documents.Changes("course", 0, 10, Cancellation)).Select(d => d.Id));
    }

    private static DocumentWrite Write(string id, string body = "{}", long? expected = null) => new(id, Encoding.UTF8.GetBytes(body), expected);
}
