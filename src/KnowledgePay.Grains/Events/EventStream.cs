using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using KnowledgePay.Contracts.Events;
using KnowledgePay.Contracts.Grains;
using KnowledgePay.Decisions.Profiles;
using KnowledgePay.Decisions.Projections;
using KnowledgePay.Grains.Catalogue;
using KnowledgePay.Grains.Hosting;
using KnowledgePay.Grains.Models;
using KnowledgePay.Grains.Projections;
using KnowledgePay.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace KnowledgePay.Grains.Events;

/// <summary>What every stream on a silo works with.</summary>
public sealed class StreamServices(
    IEngineStore store,
    EventCodecSource codec,
    ICatalogue catalogue,
    Projector projector,
    ServedModels models,
    EngineMetrics metrics,
    IOptions<EngineOptions> options,
    TimeProvider time,
    ILogger<EventStream> logger)
{
    public IEngineStore Store { get; } = store;

    public EventCodec Codec => codec.Codec;

    public ICatalogue Catalogue { get; } = catalogue;

    public Projector Projector { get; } = projector;

    public ServedModels Models { get; } = models;

    public EngineMetrics Metrics { get; } = metrics;

    public EngineOptions Options { get; } = options.Value;

    public TimeProvider Time { get; } = time;

    public ILogger Logger { get; } = logger;
}

/// <summary>One stream and the state folded from it: loads, appends durably behind the fence, folds what was stored.</summary>
/// <remarks>
/// Belongs to one activation, whose callers may be on any thread. Appends queue; the profile is changed in their turns, under <see cref="Gate"/>,
/// and never while an append is in flight. Whoever reads the profile outside a turn holds the gate, and awaits nothing under it.
/// </remarks>
public sealed partial class EventStream(string name, StreamServices services)
{
    private const int FencedTriesAtMost = 4;

    private bool _inTurn;
    private Queue<TaskCompletionSource>? _turns;
    private UserProfile _profile = new();
    private StreamKey? _key;
    private EffectBuffer _effects;

    /// <summary>Streams that have ended: their person was erased, and their key or rows may still be there.</summary>
    private List<long>? _unerased;
    private long _snapshotSequence;
    private bool _loaded;
    private volatile bool _isRetired;
    private int _waiting;

    /// <summary>Held for microseconds: while events are folded, and while a decision reads.</summary>
    public Lock Gate { get; } = new();

    /// <summary>The activation has gone: whoever still holds it must ask for the one that follows.</summary>
    public bool IsRetired => _isRetired;

    /// <summary>The state as of the last durable event. Not to be kept over an await.</summary>
    public UserProfile Profile => _profile;

    /// <summary>The stream's key, or null for a stream that holds nothing.</summary>
    public StreamKey? Key => _key;

    /// <summary>Brings the state to what is stored: the snapshot and the journal behind it.</summary>
    public async ValueTask Load(CancellationToken cancellation)
    {
        StreamKey? key = await services.Store.Keys.Find(name, cancellation);
        var profile = new UserProfile();
        long snapshotSequence = 0;
        if (key is not null)
        {
            if (await services.Store.Snapshots.Load(key.Stream, cancellation) is { } snapshot && await Open(key, snapshot, cancellation) is { } saved)
            {
                profile = saved;
                snapshotSequence = saved.Sequence;
            }

            var replayed = new EffectBuffer();
            await foreach (JournalEntry entry in services.Store.Journal.ReadStream(key.Stream, profile.Sequence, cancellation))
            {
                if (entry.Payload.Length == 0)
                {
                    // Somebody began to erase this person, and may not have come to the end of it.
                    Ended(key.Stream);
                    (key, profile, snapshotSequence) = (null, new UserProfile(), 0);
                    break;
                }

                FoldStep.Apply(profile, entry.Sequence, services.Codec.Decode(key, entry.Payload), key.Stream, ref replayed, services.Logger);
                replayed.Clear();
            }
        }

        Become(key, profile, snapshotSequence);
        _loaded = true;
    }

    /// <summary>What a snapshot says, or null when the journal has to say it: the snapshot is of a newer format, or does not open.</summary>
    private async ValueTask<UserProfile?> Open(StreamKey key, Snapshot snapshot, CancellationToken cancellation)
    {
        try
        {
            return services.Codec.DecodeSnapshot(key, snapshot);
        }
        catch (CryptographicException e)
        {
            // Damaged, or of another installation's process. The journal has all that it could hold; a damaged copy must not lock a person out.
            LogSnapshotUnreadable(services.Logger, e);
            await services.Store.Snapshots.Delete(key.Stream, cancellation);
            return null;
        }
    }

    /// <summary>All at once, since decisions go on meanwhile: nobody's state goes with another's key.</summary>
    private void Become(StreamKey? key, UserProfile profile, long snapshotSequence)
    {
        lock (Gate)
        {
            (_key, _profile, _snapshotSequence) = (key, profile, snapshotSequence);
        }
    }

    /// <summary>Makes events from outside durable and folds them.</summary>
    /// <exception cref="StoreUnavailableException">The store refused, or too many appends wait already. Nothing was accepted, or a repeat is harmless.</exception>
    public ValueTask<ImmutableArray<EventDisposition>> Append(ImmutableArray<IncomingEvent> events)
    {
        DateTimeOffset received = services.Time.GetUtcNow();
        var stored = new StoredEvent[events.Length];
        for (int i = 0; i < stored.Length; i++)
        {
            IncomingEvent e = events[i];
            stored[i] = new StoredEvent
            {
                Source = e.Source,
                Id = e.Id,
                Time = e.Time,
                ReceivedAt = received,
                Data = e.Data,
                Facts = FactsCapture.Of(e.Data, services.Catalogue.Current, services.Models.Sentiment),
            };
        }

        // A payment's risk follows from the profile as it is before it: read in the events' turn, and again when another writer was quicker.
        return Append(() => PaymentRiskCapture.Of(stored, _profile, services));
    }

    /// <summary>Makes one event of the engine's own durable and folds it. False when an event of that id was there already.</summary>
    public ValueTask<bool> AppendOwn(string source, string id, EventData data) => AppendOwn(source, id, _ => data);

    /// <summary>Makes one event of the engine's own durable, if it may still happen in the very state that it is appended to.</summary>
    /// <param name="decide">
    /// Is given the event's time and sees <see cref="Profile"/> as it will be before the event; returns null for no event. Called again when another writer was quicker.
    /// </param>
    /// <returns>False when there was no event, or one of that id was there already.</returns>
    public async ValueTask<bool> AppendOwn(string source, string id, Func<DateTimeOffset, EventData?> decide)
    {
        ImmutableArray<EventDisposition> dispositions = await Append(() =>
        {
            DateTimeOffset now = services.Time.GetUtcNow();
            return decide(now) is { } data
                ?
                [
                    new StoredEvent
                    {
                        Source = source,
                        Id = id,
                        Time = now,
                        ReceivedAt = now,
                        Data = data,
                        Facts = FactsCapture.Of(data, services.Catalogue.Current, services.Models.Sentiment),
                    },
                ]
                : [];
        });
        return dispositions is [EventDisposition.Accepted];
    }

    /// <summary>Ends the stream, destroys its key, then everything that it opened. Queued appends go to a new person of that name.</summary>
    /// <remarks>
    /// The end is a journal row without a payload. Once it is durable the person is gone: whichever activation still believes in the old stream finds itself fenced,
    /// and whoever loads it goes on with the erasing, so that a process that dies here leaves nothing for ever.
    /// </remarks>
    /// <returns>False when nothing was held.</returns>
    /// <exception cref="StoreUnavailableException">Something may be left; erasing again, or the next append, goes on where this stopped.</exception>
    public async ValueTask<bool> Erase()
    {
        await EnterTurn();
        try
        {
            if (await services.Store.Keys.Find(name, CancellationToken.None) is { } key && _unerased?.Contains(key.Stream) != true)
            {
                await End(key.Stream);
                Ended(key.Stream);
            }

            if (_unerased is null)
            {
                // Another activation's try may have left a key's old bytes.
                return await services.Store.Keys.Delete(name, 0, CancellationToken.None);
            }

            await EraseEnded();
            return true;
        }
        catch
        {
            await ReloadIfStored();
            throw;
        }
        finally
        {
            LeaveTurn();
        }
    }

    private async ValueTask End(long stream)
    {
        UInt128 fingerprint = 0;
        RandomNumberGenerator.Fill(MemoryMarshal.AsBytes(new Span<UInt128>(ref fingerprint)));
        JournalRow[] end = [new(fingerprint, [])];
        long expected = _key?.Stream == stream ? _profile.Sequence : 0;
        for (int tries = 0; tries < FencedTriesAtMost; tries++)
        {
            AppendResult result = await services.Store.Journal.Append(stream, expected, end, CancellationToken.None);
            if (!result.Fenced)
            {
                await services.Projector.Post(new ProjectedAppend(result.FirstOffset, 1, []));
                return;
            }

            expected = result.Head;
        }

        throw new StoreUnavailableException("The person's events keep coming; try again.");
    }

    /// <summary>Nothing of the person stays in memory from here.</summary>
    private void Ended(long stream)
    {
        if (_unerased?.Contains(stream) != true)
        {
            (_unerased ??= []).Add(stream);
        }

        Become(null, new UserProfile(), 0);
        _loaded = false;
    }

    /// <summary>Deletes the keys of ended streams, also such as seem gone (an earlier try may have left their old bytes), then their rows, which nobody can read by then.</summary>
    private async ValueTask EraseEnded()
    {
        while (_unerased is [.., long stream])
        {
            await services.Store.Keys.Delete(name, stream, CancellationToken.None);
            await services.Store.Snapshots.Delete(stream, CancellationToken.None);
            await services.Store.Journal.EraseStream(stream, CancellationToken.None);
            _unerased.RemoveAt(_unerased.Count - 1);
        }

        _unerased = null;
    }

    /// <summary>Decisions go on about somebody whose end could not be stored.</summary>
    private async ValueTask ReloadIfStored()
    {
        try
        {
            await Load(CancellationToken.None);
        }
        catch (StoreUnavailableException)
        {
            // The next append loads.
        }
    }

    /// <summary>Lets the appends that run end, refuses later ones, and writes a snapshot: the next activation starts from all of it.</summary>
    public async ValueTask Retire()
    {
        await EnterTurn();
        try
        {
            _isRetired = true;
            await SaveSnapshot(always: true);
        }
        finally
        {
            LeaveTurn();
        }
    }

    /// <summary>Writes a snapshot when enough is new (or, at the end, when anything is). In a turn only.</summary>
    private async ValueTask SaveSnapshot(bool always)
    {
        if (_key is not { } key || _profile.Sequence - _snapshotSequence < (always ? 1 : services.Options.SnapshotEveryEvents))
        {
            return;
        }

        Snapshot snapshot = services.Codec.EncodeSnapshot(key, _profile);
        _snapshotSequence = snapshot.Sequence;
        try
        {
            await services.Store.Snapshots.Save(key.Stream, snapshot, CancellationToken.None);
        }
        catch (StoreUnavailableException e)
        {
            LogSnapshotFailed(services.Logger, e);
        }
    }

    /// <summary>Waits until whoever came before has left. A semaphore of each stream would do the same and cost 90 bytes for everybody who does not wait.</summary>
    private ValueTask EnterTurn()
    {
        lock (Gate)
        {
            if (!_inTurn)
            {
                _inTurn = true;
                return ValueTask.CompletedTask;
            }

            var turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            (_turns ??= new Queue<TaskCompletionSource>()).Enqueue(turn);
            return new ValueTask(turn.Task);
        }
    }

    private void LeaveTurn()
    {
        TaskCompletionSource next;
        lock (Gate)
        {
            if (_turns is null)
            {
                _inTurn = false;
                return;
            }

            next = _turns.Dequeue();
            _turns = _turns.Count > 0 ? _turns : null;
        }

        next.SetResult();
    }

    private async ValueTask<ImmutableArray<EventDisposition>> Append(Func<StoredEvent[]> make)
    {
        long started = services.Time.GetTimestamp();
        int before = Interlocked.Increment(ref _waiting) - 1;
        if (before >= services.Options.UserQueueLimit)
        {
            Interlocked.Decrement(ref _waiting);
            throw new StoreUnavailableException($"{before} appends wait for this stream already; try again later.");
        }

        await EnterTurn();
        try
        {
            if (_isRetired)
            {
                throw new StoreUnavailableException("The activation has gone; the same request may be sent again.");
            }

            ImmutableArray<EventDisposition> dispositions = await AppendInTurn(make);
            int duplicates = dispositions.Count(d => d == EventDisposition.Duplicate);
            services.Metrics.Appended(dispositions.Length - duplicates, duplicates, services.Time.GetElapsedTime(started));
            return dispositions;
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
            LeaveTurn();
        }
    }

    private async ValueTask<ImmutableArray<EventDisposition>> AppendInTurn(Func<StoredEvent[]> make)
    {
        for (int tries = 0; tries < FencedTriesAtMost; tries++)
        {
            if (!_loaded)
            {
                await Load(CancellationToken.None);
            }

            if (_unerased is not null)
            {
                await EraseEnded();
            }

            StoredEvent[] events = make();
            if (events.Length == 0)
            {
                return [];
            }

            StreamKey key = _key ??= await services.Store.Keys.GetOrCreate(name, CancellationToken.None);
            var rows = new JournalRow[events.Length];
            for (int i = 0; i < rows.Length; i++)
            {
                rows[i] = services.Codec.Encode(key, events[i]);
            }

            AppendResult result;
            try
            {
                result = await services.Store.Journal.Append(key.Stream, _profile.Sequence, rows, CancellationToken.None);
            }
            catch
            {
                // The commit may or may not have happened: what is stored decides, at the next append.
                _loaded = false;
                throw;
            }

            if (!result.Fenced)
            {
                return await FoldStored(key, events, result);
            }

            services.Metrics.Fenced();
            LogFenced(services.Logger, _profile.Sequence, result.Head);
            _loaded = false;
        }

        throw new StoreUnavailableException($"Another writer kept winning this stream {FencedTriesAtMost} times; try again.");
    }

    private async ValueTask<ImmutableArray<EventDisposition>> FoldStored(StreamKey key, StoredEvent[] events, AppendResult result)
    {
        var dispositions = ImmutableArray.CreateBuilder<EventDisposition>(events.Length);
        _effects.Clear();
        int stored = 0;
        lock (Gate)
        {
            for (int i = 0; i < events.Length; i++)
            {
                if (result.Duplicates[i])
                {
                    dispositions.Add(EventDisposition.Duplicate);
                    continue;
                }

                FoldStep.Apply(_profile, _profile.Sequence + 1, events[i], key.Stream, ref _effects, services.Logger);
                stored++;
                dispositions.Add(EventDisposition.Accepted);
            }
        }

        if (stored > 0)
        {
            await services.Projector.Post(new ProjectedAppend(result.FirstOffset, stored, _effects.Effects.ToArray()));
            await SaveSnapshot(always: false);
        }

        return dispositions.MoveToImmutable();
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "An append at {Expected} found the stream at {Head}: another activation wrote. Reloading.")]
    private static partial void LogFenced(ILogger logger, long expected, long head);

    [LoggerMessage(Level = LogLevel.Error, Message = "A snapshot does not open under its person's key; it is deleted, and the journal is folded from its beginning.")]
    private static partial void LogSnapshotUnreadable(ILogger logger, Exception e);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A snapshot could not be written; the journal has everything.")]
    private static partial void LogSnapshotFailed(ILogger logger, Exception e);
}
