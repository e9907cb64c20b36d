using System.Collections.Concurrent;
using System.Threading.Channels;
using KnowledgePay.Contracts.Grains;
using KnowledgePay.Decisions.Projections;
using KnowledgePay.Grains.Hosting;
using KnowledgePay.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace KnowledgePay.Grains.Projections;

/// <summary>Follows the partitions of other processes, living and dead: what they journalled is in this silo's signals too.</summary>
/// <remarks>
/// A partition's offsets are in commit order and without gaps, whatever commits at the same time, so that a position is all there is to know.
/// One loop reads and folds; the projector, the only writer of the signals, applies. Saving a partition is its holder's work:
/// whoever takes over a dead process's partition goes on from what it saved.
/// </remarks>
public sealed partial class OtherPartitions(
    IEngineStore store, ProjectionReplay replay, IOptions<EngineOptions> options, TimeProvider time, ILogger<OtherPartitions> logger) : IAsyncDisposable
{
    private const int RowsAtOnce = 2_000;
    private const int PeopleAtMost = 10_000;
    private const int PagesWaiting = 16;

    private readonly Channel<Page> _pages = Channel.CreateBounded<Page>(new BoundedChannelOptions(PagesWaiting) { SingleReader = true, SingleWriter = true });
    private readonly Dictionary<int, ProjectionWatermark> _read = [];
    private readonly ConcurrentDictionary<int, ProjectionWatermark> _applied = new();
    private readonly Dictionary<int, ReplayedPeople> _people = [];
    private readonly CancellationTokenSource _stopping = new();
    private Task _loop = Task.CompletedTask;
    private long _lag;

    /// <summary>How far each of them is in the signals.</summary>
    public IReadOnlyDictionary<int, ProjectionWatermark> Applied => _applied;

    /// <summary>Journal rows of theirs that the signals have yet to see.</summary>
    public long Lag => Volatile.Read(ref _lag);

    /// <summary>Says where each partition is in the signals already.</summary>
    internal void Begin(IEnumerable<KeyValuePair<int, ProjectionWatermark>> positions)
    {
        foreach ((int partition, ProjectionWatermark position) in positions)
        {
            _read[partition] = _applied[partition] = position;
        }
    }

    /// <summary>Starts to follow.</summary>
    internal void Start() => _loop = Task.Run(Loop, CancellationToken.None);

    /// <summary>One turn of the loop: reads what was journalled and decided since the last.</summary>
    internal async Task Step(CancellationToken cancellation)
    {
        await Follow(cancellation).ConfigureAwait(false);
        await FollowDecisions(cancellation).ConfigureAwait(false);
    }

    /// <summary>For the signals' writer: applies what was read.</summary>
    internal void Drain(Action<ProjectionEffect> apply)
    {
        while (_pages.Reader.TryRead(out Page page))
        {
            foreach (ProjectionEffect effect in page.Effects)
            {
                apply(effect);
            }

            _applied[page.Partition] = page.Until;
        }
    }

    /// <summary>Whether the signals hold everything up to these heads.</summary>
    public bool Have(IReadOnlyDictionary<int, long> heads) =>
        heads.All(h => h.Key == store.Journal.Partition || _applied.GetValueOrDefault(h.Key).JournalOffset >= h.Value);

    public async ValueTask DisposeAsync()
    {
        if (!_stopping.IsCancellationRequested)
        {
            await _stopping.CancelAsync().ConfigureAwait(false);
            await _loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _stopping.Dispose();
        }
    }

    private async Task Loop()
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(options.Value.Cluster.RefreshMilliseconds), time);
        bool failed = false;
        do
        {
            try
            {
                await Step(_stopping.Token).ConfigureAwait(false);
                failed = false;
            }
            catch (StoreUnavailableException e)
            {
                if (!failed)
                {
                    LogUnavailable(e);
                }

                failed = true;
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                LogFailed(e);
            }
        }
        while (await timer.WaitForNextTickAsync(_stopping.Token).ConfigureAwait(false));
    }

    private async Task Follow(CancellationToken cancellation)
    {
        IReadOnlyDictionary<int, long> heads = await store.Journal.Heads(cancellation).ConfigureAwait(false);
        Volatile.Write(ref _lag, heads.Sum(h => h.Key == store.Journal.Partition ? 0 : Math.Max(0, h.Value - _applied.GetValueOrDefault(h.Key).JournalOffset)));
        foreach ((int partition, long head) in heads)
        {
            while (partition != store.Journal.Partition && _read.GetValueOrDefault(partition).JournalOffset < head)
            {
                ProjectionWatermark position = _read.GetValueOrDefault(partition);
                ProjectionWatermark until = position with { JournalOffset = Math.Min(head, position.JournalOffset + RowsAtOnce) };
                List<ProjectionEffect> effects = await Read(partition, position.JournalOffset, until.JournalOffset, cancellation).ConfigureAwait(false);
                await _pages.Writer.WriteAsync(new Page(partition, until, effects), cancellation).ConfigureAwait(false);
                _read[partition] = until;
            }
        }
    }

    private async Task FollowDecisions(CancellationToken cancellation)
    {
        foreach ((int partition, long head) in await store.Decisions.Heads(cancellation).ConfigureAwait(false))
        {
            while (partition != store.Decisions.Partition && _read.GetValueOrDefault(partition).DecisionChunk < head)
            {
                ProjectionWatermark position = _read.GetValueOrDefault(partition);
                ProjectionWatermark until = position with { DecisionChunk = position.DecisionChunk + 1 };
                var effects = new List<ProjectionEffect>();
                await replay.RunChunk(partition, until.DecisionChunk, effects.Add, cancellation).ConfigureAwait(false);
                await _pages.Writer.WriteAsync(new Page(partition, until, effects), cancellation).ConfigureAwait(false);
                _read[partition] = until;
            }
        }
    }

    /// <summary>All effects of a span or none: a read that fails midway is done again.</summary>
    private async Task<List<ProjectionEffect>> Read(int partition, long after, long until, CancellationToken cancellation)
    {
        if (!_people.TryGetValue(partition, out ReplayedPeople? people))
        {
            _people[partition] = people = new ReplayedPeople(PeopleAtMost);
        }

        var effects = new List<ProjectionEffect>();
        try
        {
            await replay.Run(partition, after, until, (_, effect) => effects.Add(effect), cancellation, people).ConfigureAwait(false);
            return effects;
        }
        catch
        {
            // The people are ahead of the position now.
            _people.Remove(partition);
            throw;
        }
    }

    private readonly record struct Page(int Partition, ProjectionWatermark Until, List<ProjectionEffect> Effects);

    [LoggerMessage(Level = LogLevel.Warning, Message = "What other silos journalled cannot be read; it is tried again.")]
    private partial void LogUnavailable(Exception e);

    [LoggerMessage(Level = LogLevel.Error, Message = "What other silos journalled could not be read; it is tried again.")]
    private partial void LogFailed(Exception e);
}
