using System.Text;
using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Contracts.Events;
using KnowledgePay.Contracts.Grains;
using KnowledgePay.Contracts.People;
using KnowledgePay.Grains.Events;
using KnowledgePay.Grains.Records;
using KnowledgePay.Grains.Tests.Decisions;
using KnowledgePay.Grains.Tests.Events;
using KnowledgePay.Storage;

namespace KnowledgePay.Grains.Tests.People;

public sealed class ErasureTests(SharedEngine shared)
{
    private const string Comment = "Der Dozent erklärt 复利 besser als mein Steuerberater";

    [Fact]
    public async Task No_byte_of_a_person_is_readable_on_disk_before_or_after_erasure()
    {
        const string id = "erased-person-4711";
        await using TestEngine engine = await TestEngine.Start();
        await engine.PutCourses(60);
        IUserGrain user = engine.User(id);
        await user.BecomeCreditworthy(id);
        await user.Append([TestEngine.Event("erased-comment", new CourseCommented { CourseId = "c3", Text = Comment })]);
        await user.Recommend(new RecommendationRequest());
        await user.Checkout((await user.Quote(id, "c40")).Checkout("erased-payment-0815"));
        CreditAnswer credit = (await user.Credit(id, 10_000)).Value!;
        await engine.CatchUp();
        await Searched(engine, id);

        IEngineStore store = engine.Get<IEngineStore>();
        long stream = (await store.Keys.Find("u/" + id, Cancellation))!.Stream;
        Assert.True(await user.Erase());

        await Searched(engine, id);
        Assert.Null(await store.Keys.Find("u/" + id, Cancellation));
        Assert.Null(await store.Keys.Resolve(stream, Cancellation));
        Assert.Equal("not-found", (await user.View()).Problem!.Type);
        Assert.Null(await engine.Get<IDecisionRecords>().Find(credit.DecisionId, Cancellation));
        Assert.Null(await store.Snapshots.Load(stream, Cancellation));
        await foreach (JournalEntry entry in store.Journal.ReadStream(stream, 0, Cancellation))
        {
            Assert.Empty(entry.Payload);
        }
    }

    [Fact]
    public async Task A_new_person_of_an_erased_id_starts_with_nothing_and_old_events_are_not_taken_again()
    {
        IUserGrain user = shared.Engine.User("erased-1");
        IncomingEvent old = TestEngine.Event("erased-1-old", new CourseEnrolled { CourseId = "c50" });
        await user.Append([old]);
        await user.PutConsent(new Consent { CreditChecks = true });
        Assert.True(await user.Erase());
        Assert.False(await user.Erase());

        Assert.Equal([EventDisposition.Duplicate, EventDisposition.Accepted], await user.Append([old, TestEngine.Event("erased-1-new", new CourseViewed { CourseId = "c51" })]));
        UserView view = (await user.View()).Value!;
        Assert.Equal(1, view.Sequence);
        Assert.Empty(view.Courses);
        Assert.False(view.Consent.CreditChecks);
    }

    [Fact]
    public async Task What_many_did_stays_when_one_is_erased()
    {
        foreach (string id in (string[])["erased-2", "erased-3"])
        {
            await shared.Engine.User(id).Append([TestEngine.Event(id + "-view", new CourseViewed { CourseId = "c52" })]);
        }

        await shared.Engine.CatchUp();
        await shared.Engine.User("erased-2").Erase();
        Assert.Equal(2, (await Figures.Of(shared.Engine, "c52", f => f.Views == 2)).Views);
    }

    [Theory]
    [InlineData("IJournal.Append", true)]
    [InlineData("IJournal.Append", false)]
    [InlineData("IKeyStore.Delete", true)]
    [InlineData("IKeyStore.Delete", false)]
    [InlineData("ISnapshotStore.Delete", true)]
    [InlineData("ISnapshotStore.Delete", false)]
    [InlineData("IJournal.EraseStream", true)]
    [InlineData("IJournal.EraseStream", false)]
    public async Task Erasing_that_was_cut_off_is_finished_by_erasing_again(string method, bool before)
    {
        string name = $"u/cut-off-{method}-{before}";
        var faults = new Faults(shared.Engine.Get<IEngineStore>());
        var stream = new EventStream(name, new StreamServicesOf(shared.Engine) { Store = faults.Store, SnapshotEveryEvents = 1 }.Build());
        await stream.Append([TestEngine.Event(name, new CourseEnrolled { CourseId = "c53" })]);
        long number = stream.Key!.Stream;
        faults.Fail(method, before);

        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await stream.Erase());
        // Once the end of the person's stream is stored, the person is gone, also while their key still stands.
        bool isKept = method == "IJournal.Append" && before;
        Assert.Equal(isKept, stream.Key is not null);
        Assert.Equal(isKept ? 1 : 0, stream.Profile.Sequence);

        Assert.True(await stream.Erase());
        IEngineStore store = shared.Engine.Get<IEngineStore>();
        Assert.Null(stream.Key);
        Assert.Null(await store.Keys.Resolve(number, Cancellation));
        Assert.Null(await store.Snapshots.Load(number, Cancellation));
        await foreach (JournalEntry entry in store.Journal.ReadStream(number, 0, Cancellation))
        {
            Assert.Empty(entry.Payload);
        }

        Assert.False(await stream.Erase());
    }

    [Fact]
    public async Task Another_activation_that_still_believes_in_an_erased_person_is_told_and_begins_a_new_one()
    {
        const string name = "u/erased-elsewhere";
        StreamServices services = new StreamServicesOf(shared.Engine).Build();
        var erasing = new EventStream(name, services);
        var believing = new EventStream(name, services);
        await erasing.Append([TestEngine.Event(name + "-1", new CourseEnrolled { CourseId = "c55" })]);
        await believing.Append([TestEngine.Event(name + "-2", new CourseEnrolled { CourseId = "c56" })]);
        long old = believing.Key!.Stream;
        Assert.True(await erasing.Erase());

        Assert.Equal([EventDisposition.Accepted], await believing.Append([TestEngine.Event(name + "-3", new CourseViewed { CourseId = "c57" })]));
        Assert.NotEqual(old, believing.Key!.Stream);
        Assert.Equal(1, believing.Profile.Sequence);
        var next = new EventStream(name, services);
        await next.Load(Cancellation);
        Assert.Equal(StateText.Of(believing.Profile), StateText.Of(next.Profile));
    }

    [Fact]
    public async Task Erasing_that_a_dead_process_began_is_finished_by_whoever_comes_next()
    {
        const string name = "u/erasing-died";
        var faults = new Faults(shared.Engine.Get<IEngineStore>());
        var dying = new EventStream(name, new StreamServicesOf(shared.Engine) { Store = faults.Store }.Build());
        await dying.Append([TestEngine.Event(name + "-1", new CourseEnrolled { CourseId = "c55" })]);
        long old = dying.Key!.Stream;
        faults.Fail("IKeyStore.Delete", before: true);
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await dying.Erase());

        var next = new EventStream(name, new StreamServicesOf(shared.Engine).Build());
        await next.Load(Cancellation);
        Assert.Null(next.Key);
        await next.Append([TestEngine.Event(name + "-2", new CourseViewed { CourseId = "c57" })]);
        Assert.Equal(1, next.Profile.Sequence);
        Assert.Null(await shared.Engine.Get<IEngineStore>().Keys.Resolve(old, Cancellation));
    }

    [Fact]
    public async Task The_ledger_keeps_order_and_credit_without_a_way_back_to_the_decision()
    {
        IUserGrain user = shared.Engine.User("erased-4");
        await user.BecomeCreditworthy("erased-4");
        CreditAnswer credit = (await user.Credit("erased-4", 12_300)).Value!;
        CheckoutAnswer order = (await user.Checkout((await user.Quote("erased-4", "c54")).Checkout("erased-4-pay"))).Value!;
        await user.Erase();

        List<Document> rows = [.. await shared.Engine.Get<IEngineStore>().Documents.Changes(Ledger.Kind, 0, 10_000, Cancellation)];
        string[] leads = [credit.DecisionId[4..], order.DecisionId[4..], "erased-4"];
        Assert.All(rows, row => Assert.DoesNotContain(leads, lead => row.Id.Contains(lead) || Encoding.UTF8.GetString(row.Body).Contains(lead)));
        Assert.Contains(rows, row => Encoding.UTF8.GetString(row.Body).Contains("c54"));
        Assert.Contains(rows, row => Encoding.UTF8.GetString(row.Body).Contains("\"credit\"") && Encoding.UTF8.GetString(row.Body).Contains("123"));
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Looks through every byte of the data directory and of a backup.</summary>
    private static async Task Searched(TestEngine engine, string id)
    {
        string backup = Directory.CreateTempSubdirectory("kpay-backup-").FullName;
        try
        {
            await engine.Get<IEngineStore>().Backup(backup, Cancellation);
            string[] files = [.. Directory.GetFiles(engine.Data, "*", SearchOption.AllDirectories), .. Directory.GetFiles(backup, "*", SearchOption.AllDirectories)];
            files = [.. files.Where(f => Path.GetFileName(f) != "engine.lock")];
            Assert.Contains(files, f => new FileInfo(f).Length > 0 && f.StartsWith(backup, StringComparison.Ordinal));
            foreach (string file in files)
            {
                byte[] bytes = await ReadShared(file);
                foreach (byte[] needle in Forms(id).Concat(Forms(Comment)).Concat(Forms("erased-payment-0815")))
                {
                    Assert.True(bytes.AsSpan().IndexOf(needle) < 0, $"{Path.GetFileName(file)} holds {Encoding.Latin1.GetString(needle)}.");
                }
            }
        }
        finally
        {
            Directory.Delete(backup, recursive: true);
        }
    }

    private static async Task<byte[]> ReadShared(string file)
    {
        await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var bytes = new MemoryStream();
        await stream.CopyToAsync(bytes, Cancellation);
        return bytes.ToArray();
    }

    /// <summary>A text as it could lie in a file: UTF-8, UTF-16, and base64 of UTF-8 at each of the three alignments.</summary>
    private static IEnumerable<byte[]> Forms(string text)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        yield return utf8;
        yield return Encoding.Unicode.GetBytes(text);
        yield return Encoding.BigEndianUnicode.GetBytes(text);
        for (int skip = 0; skip < 3; skip++)
        {
            // Whole groups of three bytes from here are the same characters whatever stands before them.
            byte[] aligned = utf8[skip..(skip + ((utf8.Length - skip) / 3 * 3))];
            yield return Encoding.ASCII.GetBytes(Convert.ToBase64String(aligned));
        }
    }
}
