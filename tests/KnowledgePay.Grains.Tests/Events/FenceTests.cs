using System.Collections.Immutable;
using KnowledgePay.Contracts.Events;
using KnowledgePay.Contracts.Grains;
using KnowledgePay.Grains.Events;
using KnowledgePay.Storage;

namespace KnowledgePay.Grains.Tests.Events;

/// <summary>Two activations of one person, as a split cluster could have them: the journal's fence keeps one history.</summary>
public sealed class FenceTests(SharedEngine shared)
{
    [Fact]
    public async Task The_activation_that_is_behind_reloads_and_then_writes()
    {
        const string name = "u/fence-1";
        EventStream first = Stream(name);
        EventStream second = Stream(name);
        await first.Append([Viewed("fence-1-a")]);
        await second.Append([Viewed("fence-1-b")]);
        await second.Append([Viewed("fence-1-c")]);

        Assert.Equal([EventDisposition.Accepted], await first.Append([Viewed("fence-1-d")]));
        Assert.Equal(4, first.Profile.Sequence);
        Assert.Equal(4, first.Profile.Views);
        Assert.Equal([EventDisposition.Duplicate], await first.Append([Viewed("fence-1-b")]));
    }

    [Fact]
    public async Task Two_activations_at_once_leave_one_gapless_history_that_both_agree_on()
    {
        const string name = "u/fence-2";
        const int each = 40;
        EventStream first = Stream(name);
        EventStream second = Stream(name);
        await Task.WhenAll(AppendAll(first, "a", each), AppendAll(second, "b", each));

        IEngineStore store = shared.Engine.Get<IEngineStore>();
        var sequences = new List<long>();
        await foreach (JournalEntry entry in store.Journal.ReadStream(first.Key!.Stream, 0, TestContext.Current.CancellationToken))
        {
            sequences.Add(entry.Sequence);
        }

        Assert.Equal(Enumerable.Range(1, 2 * each).Select(i => (long)i), sequences);
        await first.Load(TestContext.Current.CancellationToken);
        await second.Load(TestContext.Current.CancellationToken);
        Assert.Equal(2 * each, first.Profile.Views);
        Assert.Equal(StateText.Of(first.Profile), StateText.Of(second.Profile));
    }

    private static async Task AppendAll(EventStream stream, string prefix, int count)
    {
        for (int i = 0; i < count;)
        {
            try
            {
                await stream.Append([Viewed($"fence-2-{prefix}-{i}")]);
                i++;
            }
            catch (StoreUnavailableException)
            {
                // The other won every race of this append; as the message says, it is sent again.
            }
        }
    }

    private static IncomingEvent Viewed(string id) => TestEngine.Event(id, new CourseViewed { CourseId = "c3" }, new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero));

    private EventStream Stream(string name) => new(name, new StreamServicesOf(shared.Engine) { SnapshotEveryEvents = 8 }.Build());
}
