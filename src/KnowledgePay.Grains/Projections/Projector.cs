using System.Collections.Immutable;
using System.Threading.Channels;
using KnowledgePay.Contracts.Grains;
using KnowledgePay.Decisions.Projections;
using KnowledgePay.Grains.Hosting;
using KnowledgePay.Grains.Records;
using KnowledgePay.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace KnowledgePay.Grains.Projections;

/// <summary>Rows of one append, folded: what they mean for everything that many people share.</summary>
/// <param name="FirstOffset">Offset of the first row in the journal partition.</param>
/// <param name="Rows">How many rows.</param>
public readonly record struct ProjectedAppend(long FirstOffset, int Rows, ProjectionEffect[] Effects);

/// <summary>Applies effects to the silo's live signals in journal order, each exactly once, and saves them with their watermark.</summary>
/// <remarks>
/// User grains post what they folded as soon as it is durable; posts of different grains arrive out of order and are put in order here.
/// An offset that stays missing (its activation died between commit and post) is read back from the journal.
/// One loop does all the writing, so that readers of the signals need no lock.
/// </remarks>
public sealed partial class Projector(
    IEngineStore store,
    LiveSignals signals,
    ProjectionReplay replay,
    SignalStorage storage,
    OtherPartitions others,
    DecisionRecorder recorder,
    IOptions<EngineOptions> options,
    TimeProvider time,
    ILogger<Projector> logger) : IAsyncDisposable
{
    private static readonly TimeSpan TrendingEvery = TimeSpan.FromSeconds(1);

    private readonly ProjectorOptions _options = options.Value.Projector;
    private readonly Channel<ProjectedAppend> _posts = Channel.CreateBounded<ProjectedAppend>(new BoundedChannelOptions(options.Value.Projector.QueueLimit)
    {
        SingleReader = true,
        FullMode = BoundedChannelFullMode.Wait,
    });

    private readonly Dictionary<long, ProjectedAppend> _early = [];
    private readonly List<(long Chunk, ProjectionEffect[] Effects)> _offersWaiting = [];
    private readonly CancellationTokenSource _stopping = new();
    private Task _loop = Task.CompletedTask;
    private long _applied;
    private long _decisionChunk;
    private long _gapSince;
    private long _gapBehind;
    private long _lastRefresh;
    private long _lastSave;
    private long _lastTrending;
    private long _lastSimilaritySave;
    private bool _storeIsDown;
    private bool _savingAggregates;
    private bool _savingSimilarity;

    /// <summary>The offset of this process's own journal partition up to which everything is in the signals.</summary>
    public long Applied => Volatile.Read(ref _applied);

    /// <summary>The same for every partition.</summary>
    public ImmutableSortedDictionary<int, long> Watermarks =>
        others.Applied.ToImmutableSortedDictionary(p => p.Key, p => p.Value.JournalOffset).SetItem(store.Journal.Partition, Applied);

    /// <summary>Posts that wait.</summary>
    public int Waiting => _posts.Reader.Count + _early.Count;

    /// <summary>Loads what was saved, replays what came after it, and starts to follow the journal.</summary>
    public async Task Start(CancellationToken cancellation)
    {
        await Load(cancellation).ConfigureAwait(false);
        if (store.IsShared)
        {
            others.Start();
        }

        _loop = Task.Run(Loop, CancellationToken.None);
    }

    /// <summary>The start without the loop: whoever has a time of its own then calls <see cref="Step"/>.</summary>
    internal async Task Load(CancellationToken cancellation)
    {
        IReadOnlyDictionary<int, PartitionProjection> partitions = await storage.Load(cancellation).ConfigureAwait(false);
        // Only now, so that no row is of later than the head.
        IReadOnlyDictionary<int, long> heads = await store.Journal.Heads(cancellation).ConfigureAwait(false);
        IReadOnlyDictionary<int, long> chunks = await store.Decisions.Heads(cancellation).ConfigureAwait(false);
        var positions = new Dictionary<int, ProjectionWatermark>();
        foreach (PartitionProjection partition in partitions.Values)
        {
            var head = new ProjectionWatermark(heads.GetValueOrDefault(partition.Partition), chunks.GetValueOrDefault(partition.Partition));
            await Replay(partition, head, cancellation).ConfigureAwait(false);
            positions[partition.Partition] = head;
        }

        storage.Merge(partitions.Values);
        positions.Remove(store.Journal.Partition, out ProjectionWatermark own);
        (_applied, _decisionChunk) = (own.JournalOffset, own.DecisionChunk);
        Refresh();
        _lastSave = _lastSimilaritySave = _lastRefresh = time.GetTimestamp();
        others.Begin(positions);
    }

    /// <summary>One turn of the loop: takes what was posted, then does what a tick does.</summary>
    internal async Task Step()
    {
        Drain();
        await Tick().ConfigureAwait(false);
    }

    private async Task Replay(PartitionProjection partition, ProjectionWatermark head, CancellationToken cancellation)
    {
        if (partition.From.JournalOffset < head.JournalOffset)
        {
            LogReplaying(head.JournalOffset - partition.From.JournalOffset, partition.Partition);
            // Rows that hold the effect already leave it out: each knows how far it has read.
            await replay.Run(partition.Partition, partition.From.JournalOffset, head.JournalOffset, (offset, effect) => ReplayOnce(effect, e => partition.Replay(e, offset)), cancellation).ConfigureAwait(false);
        }

        for (long next = partition.From.DecisionChunk + 1; next <= head.DecisionChunk; next++)
        {
            long chunk = next;
            await replay.RunChunk(partition.Partition, chunk, effect => ReplayOnce(effect, e => partition.ReplayDecision(e, chunk)), cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Takes the effects of rows that are durable. Waits only when the projector is far behind.</summary>
    public ValueTask Post(ProjectedAppend append) =>
        _posts.Writer.TryWrite(append) ? ValueTask.CompletedTask : _posts.Writer.WriteAsync(append, _stopping.Token);

    /// <summary>Completes when everything up to the present heads of all partitions is in the signals.</summary>
    public async Task CatchUp(CancellationToken cancellation)
    {
        IReadOnlyDictionary<int, long> heads = await store.Journal.Heads(cancellation).ConfigureAwait(false);
        while (Applied < heads.GetValueOrDefault(store.Journal.Partition) || !others.Have(heads))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), time, cancellation).ConfigureAwait(false);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_stopping.IsCancellationRequested)
        {
            return;
        }

        await _stopping.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await others.DisposeAsync().ConfigureAwait(false);
        if (!storage.IsLoaded)
        {
            return;
        }

        try
        {
            var mark = new ProjectionWatermark(_applied, _decisionChunk);
            while (!await storage.SaveAggregates(mark, CancellationToken.None).ConfigureAwait(false))
            {
            }

            while (!await storage.SaveSimilarity(_applied, CancellationToken.None).ConfigureAwait(false))
            {
            }
        }
        catch (Exception e)
        {
            // Nothing is lost: the next start replays from the last watermark.
            LogSaveFailed(e);
        }

        _stopping.Dispose();
    }

    private async Task Loop()
    {
        TimeSpan refresh = TimeSpan.FromMilliseconds(_options.RefreshMilliseconds);
        using var ticker = new PeriodicTimer(refresh, time);
        Task<bool> tick = ticker.WaitForNextTickAsync(_stopping.Token).AsTask();
        Task<bool> posted = _posts.Reader.WaitToReadAsync(_stopping.Token).AsTask();
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                await Task.WhenAny(tick, posted).ConfigureAwait(false);
                if (posted.IsCompleted)
                {
                    Drain();
                    posted = _posts.Reader.WaitToReadAsync(_stopping.Token).AsTask();
                }

                if (tick.IsCompleted || Elapsed(_lastRefresh) >= refresh)
                {
                    if (tick.IsCompleted)
                    {
                        tick = ticker.WaitForNextTickAsync(_stopping.Token).AsTask();
                    }

                    await Tick().ConfigureAwait(false);
                }
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                break;
            }
            catch (StoreUnavailableException e)
            {
                // Several times a second for as long as it lasts: said once.
                if (!_storeIsDown)
                {
                    LogStoreDown(e.Message);
                }

                _storeIsDown = true;
            }
            catch (Exception e)
            {
                LogLoopFailed(e);
            }
        }

        Drain();
    }

    private void Drain()
    {
        // Bounded, so that a stream of posts cannot keep the refresh from its turn.
        for (int i = 0; i < 4096 && _posts.Reader.TryRead(out ProjectedAppend append); i++)
        {
            if (append.FirstOffset <= _applied)
            {
                // Healed from the journal before its post arrived.
                continue;
            }

            if (append.FirstOffset != _applied + 1)
            {
                _early[append.FirstOffset] = append;
                continue;
            }

            Apply(append);
            while (_early.Remove(_applied + 1, out ProjectedAppend next))
            {
                Apply(next);
            }
        }
    }

    private void Apply(in ProjectedAppend append)
    {
        foreach (ProjectionEffect effect in append.Effects)
        {
            ApplyOnce(effect, isOwn: true);
        }

        Volatile.Write(ref _applied, append.FirstOffset + append.Rows - 1);
    }

    /// <summary>An effect that cannot be applied counts for nothing, as an event that cannot be folded does: tried again, its neighbours would count twice.</summary>
    private void ApplyOnce(in ProjectionEffect effect, bool isOwn)
    {
        try
        {
            if (isOwn)
            {
                storage.Apply(effect);
            }
            else
            {
                storage.ApplyForeign(effect);
            }
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            LogEffectFailed(e, effect.Kind);
        }
    }

    private void ReplayOnce(ProjectionEffect effect, Action<ProjectionEffect> apply)
    {
        try
        {
            apply(effect);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            LogEffectFailed(e, effect.Kind);
        }
    }

    private async Task Tick()
    {
        _lastRefresh = time.GetTimestamp();
        await HealGap().ConfigureAwait(false);
        await FollowDecisions(_stopping.Token).ConfigureAwait(false);
        _storeIsDown = false;
        others.Drain(effect => ApplyOnce(effect, isOwn: false));
        Refresh();
        await SaveSlices().ConfigureAwait(false);
    }

    /// <summary>A slice at a tick while a pass is under way; a new pass when the last one is old enough.</summary>
    private async Task SaveSlices()
    {
        if (_savingAggregates || Elapsed(_lastSave).TotalMilliseconds >= _options.SaveMilliseconds)
        {
            _lastSave = _savingAggregates ? _lastSave : time.GetTimestamp();
            _savingAggregates = !await storage.SaveAggregates(new ProjectionWatermark(_applied, _decisionChunk), CancellationToken.None).ConfigureAwait(false);
        }

        if (_savingSimilarity || Elapsed(_lastSimilaritySave).TotalMilliseconds >= _options.SimilaritySaveMilliseconds)
        {
            _lastSimilaritySave = _savingSimilarity ? _lastSimilaritySave : time.GetTimestamp();
            _savingSimilarity = !await storage.SaveSimilarity(_applied, CancellationToken.None).ConfigureAwait(false);
        }
    }

    private void Refresh()
    {
        signals.Similarity.RefreshDirty(int.MaxValue);
        if (Elapsed(_lastTrending) >= TrendingEvery)
        {
            _lastTrending = time.GetTimestamp();
            signals.RefreshTrending(time.GetUtcNow().UtcTicks);
            signals.RefreshRegions(time.GetUtcNow().UtcTicks);
        }
    }

    private async Task HealGap()
    {
        // An append whose post was lost leaves a gap also when nothing was posted behind it: then only the journal's head shows it.
        long until = _early.Count > 0
            ? _early.Keys.Min() - 1
            : (await store.Journal.Heads(_stopping.Token).ConfigureAwait(false)).GetValueOrDefault(store.Journal.Partition);
        if (until <= _applied)
        {
            _gapSince = 0;
            return;
        }

        if (_gapSince == 0 || _gapBehind != _applied)
        {
            _gapSince = time.GetTimestamp();
            _gapBehind = _applied;
            return;
        }

        if (Elapsed(_gapSince).TotalMilliseconds < _options.GapMilliseconds)
        {
            return;
        }

        LogHealing(_applied + 1, until);
        var effects = new List<ProjectionEffect>();
        await replay.Run(store.Journal.Partition, _applied, until, (_, effect) => effects.Add(effect), _stopping.Token).ConfigureAwait(false);
        Apply(new ProjectedAppend(_applied + 1, (int)(until - _applied), [.. effects]));
        while (_early.Remove(_applied + 1, out ProjectedAppend next))
        {
            Apply(next);
        }

        _gapSince = 0;
    }

    /// <summary>Takes what this process decided, once its chunk is durable.</summary>
    private async Task FollowDecisions(CancellationToken cancellation)
    {
        if (recorder.Offers.IsEmpty && _offersWaiting.Count == 0)
        {
            return;
        }

        long head = (await store.Decisions.Heads(cancellation).ConfigureAwait(false)).GetValueOrDefault(store.Decisions.Partition);
        while (recorder.Offers.TryDequeue(out (long Chunk, ProjectionEffect[] Effects) offered))
        {
            _offersWaiting.Add(offered);
        }

        foreach ((long chunk, ProjectionEffect[] effects) in _offersWaiting)
        {
            if (chunk <= head)
            {
                foreach (ProjectionEffect effect in effects)
                {
                    ApplyOnce(effect, isOwn: true);
                }
            }
        }

        _offersWaiting.RemoveAll(offered => offered.Chunk <= head);
        _decisionChunk = head;
    }

    private TimeSpan Elapsed(long since) => time.GetElapsedTime(since);

    [LoggerMessage(Level = LogLevel.Information, Message = "Projections replay {Count} journal entries of partition {Partition}.")]
    private partial void LogReplaying(long count, int partition);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The projections wait for the store: {Reason}")]
    private partial void LogStoreDown(string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Journal offsets {From} to {Until} were never posted; read back from the journal.")]
    private partial void LogHealing(long from, long until);

    [LoggerMessage(Level = LogLevel.Error, Message = "An effect of kind {Kind} could not be applied and counts for nothing.")]
    private partial void LogEffectFailed(Exception e, EffectKind kind);

    [LoggerMessage(Level = LogLevel.Error, Message = "A projection step failed; it is tried again.")]
    private partial void LogLoopFailed(Exception e);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Projections could not be saved; the next start replays from the last watermark.")]
    private partial void LogSaveFailed(Exception e);
}
