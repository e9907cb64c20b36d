using System.Buffers;
using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Decisions.Projections;
using KnowledgePay.Decisions.Recording;
using KnowledgePay.Grains.Events;
using KnowledgePay.Grains.Projections;
using KnowledgePay.Storage;
using KnowledgePay.Storage.Encryption;
using Microsoft.Extensions.Logging;
using Orleans.Serialization;

namespace KnowledgePay.Grains.Records;

/// <summary>Writes and reads decision records. A payload is its kind in clear (projections pick what they need without a key), then ciphertext.</summary>
public sealed partial class DecisionRecorder(
    IEngineStore store, Serializer<DecisionRecord> serializer, ReviewDesk reviews, TimeProvider time, ILogger<DecisionRecorder> logger) : IDecisionRecords
{
    private const byte SerializerFormat = 1;
    private const byte RecordFormat = 2;

    /// <summary>Format and kind, in clear.</summary>
    private const int HeaderBytes = 2;
    private const int VisibleWithinMilliseconds = 2_000;

    /// <summary>Reserves the address that becomes the decision's id. It must be filled by <see cref="Record"/> or <see cref="GiveUp"/>.</summary>
    public DecisionAddress Reserve() => store.Decisions.Reserve();

    /// <summary>Fills a reserved address with nothing, so that its chunk does not wait for it. Harmless when it was filled already.</summary>
    public void GiveUp(DecisionAddress address) => _ = store.Decisions.Fill(address, 0, null, durable: false).Exception;

    /// <summary>Hands the record to the log; the task completes when it is durable.</summary>
    public Task Record(DecisionAddress address, StreamKey key, DecisionRecord record, bool durable)
    {
        return Fill(address, key, Draft(key, record), durable);
    }

    /// <summary>Who was eligible for what, by chunk: what this process recorded and the projections have not taken yet.</summary>
    internal ConcurrentQueue<(long Chunk, ProjectionEffect[] Effects)> Offers { get; } = new();

    /// <summary>Takes a decision down while nothing that it read can change; <see cref="RecordLater"/> hands it to the log.</summary>
    /// <param name="key">Null for a person who has none yet.</param>
    public static DecisionDraft Draft<TDecision>(StreamKey? key, TDecision decision)
        where TDecision : IRecordedDecision
    {
        ArrayBufferWriter<byte> plain = PlaintextBuffer.Take();
        DecisionRecordCodec.Write(plain, decision);
        return Draft(key, decision.Kind, plain.WrittenSpan);
    }

    /// <inheritdoc cref="Draft{TDecision}(StreamKey?, TDecision)"/>
    public static DecisionDraft Draft(StreamKey? key, DecisionRecord record)
    {
        ArrayBufferWriter<byte> plain = PlaintextBuffer.Take();
        DecisionRecordCodec.Write(plain, record);
        return Draft(key, record.Kind, plain.WrittenSpan) with { Offers = record.Kind == DecisionKind.Offers ? record : null };
    }

    private static DecisionDraft Draft(StreamKey? key, DecisionKind kind, ReadOnlySpan<byte> plain) => new(kind, key, key is null ? plain.ToArray() : Encrypt(key, kind, plain));

    /// <summary>Hands a decision to the log without waiting; the person's key is made first where there is none yet. A failure is logged: the record is then missing.</summary>
    public void RecordLater(string userId, DecisionAddress address, DecisionDraft draft)
    {
        Task written = draft.Key is { } key ? Fill(address, key, draft, durable: false) : RecordFor(userId, address, draft);
        if (!written.IsCompletedSuccessfully)
        {
            _ = written.ContinueWith(
                (lost, kind) => LogRecordLost(lost.Exception!.GetBaseException(), (DecisionKind)kind!),
                draft.Kind,
                CancellationToken.None,
                TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default);
        }
    }

    private async Task RecordFor(string userId, DecisionAddress address, DecisionDraft draft)
    {
        try
        {
            StreamKey key = await store.Keys.GetOrCreate(StreamNames.OfUser(userId), CancellationToken.None).ConfigureAwait(false);
            await Fill(address, key, draft with { Bytes = Encrypt(key, draft.Kind, draft.Bytes) }, durable: false).ConfigureAwait(false);
        }
        catch
        {
            GiveUp(address);
            throw;
        }
    }

    public ValueTask<DecisionRecord?> Find(string decisionId, CancellationToken cancellation) => Find(decisionId, VisibleWithinMilliseconds, cancellation);

    public ValueTask<DecisionRecord?> FindWritten(string decisionId, CancellationToken cancellation) => Find(decisionId, 0, cancellation);

    private async ValueTask<DecisionRecord?> Find(string decisionId, int waitMilliseconds, CancellationToken cancellation)
    {
        if (!DecisionIds.TryParse(decisionId, out DecisionAddress address))
        {
            return null;
        }

        LoggedDecision? found = await store.Decisions.Find(address, cancellation).ConfigureAwait(false);
        // The chunk of a decision that was just answered is on its way to the disk; nobody who holds the id should be told that there is none.
        bool isWritten = false;
        for (int waited = 0; found is null && !isWritten && waited < waitMilliseconds; waited += 20)
        {
            isWritten = await IsWritten(address, cancellation).ConfigureAwait(false);
            if (!isWritten)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), time, cancellation).ConfigureAwait(false);
            }

            // Once more also when it is written: it may have been so only after it was looked for.
            found = await store.Decisions.Find(address, cancellation).ConfigureAwait(false);
        }

        if (found is null)
        {
            return null;
        }

        DecisionRecord? record = await Open(found.Value, cancellation).ConfigureAwait(false);
        if (record is { Kind: DecisionKind.Credit, Outcome: "review" or "declined" } && await reviews.OverrideOf(decisionId, cancellation).ConfigureAwait(false) is { } answered)
        {
            record = record with { Overrides = record.Overrides.Add(answered) };
        }

        return record;
    }

    public async IAsyncEnumerable<DecisionRecord> OfUser(string userId, [EnumeratorCancellation] CancellationToken cancellation)
    {
        if (await store.Keys.Find(StreamNames.OfUser(userId), cancellation).ConfigureAwait(false) is not { } key)
        {
            yield break;
        }

        await foreach (LoggedDecision logged in store.Decisions.ReadStream(key.Stream, cancellation).ConfigureAwait(false))
        {
            yield return Decode(key, logged.Payload);
        }
    }

    /// <summary>The kind of a stored payload, readable without its key.</summary>
    public static DecisionKind KindOf(ReadOnlySpan<byte> payload) => (DecisionKind)payload[1];

    public DecisionRecord Decode(StreamKey key, ReadOnlySpan<byte> payload)
    {
        byte format = payload[0];
        if (format is not (SerializerFormat or RecordFormat))
        {
            throw new InvalidDataException($"A decision record has format {format}; this engine reads up to {RecordFormat}.");
        }

        byte[] plain = StreamCipher.Decrypt(key, StreamCipher.Purpose.Decision, payload[HeaderBytes..]);
        return format == RecordFormat ? DecisionRecordCodec.Read(plain) : serializer.Deserialize(plain)!;
    }

    private async ValueTask<bool> IsWritten(DecisionAddress address, CancellationToken cancellation) =>
        (await store.Decisions.Heads(cancellation).ConfigureAwait(false)).TryGetValue(address.Partition, out long head)
        ? head >= address.Chunk || address.Chunk > head + 1_000
        : address.Chunk > 1_000;

    private async ValueTask<DecisionRecord?> Open(LoggedDecision logged, CancellationToken cancellation)
    {
        (StreamKey Key, string Name)? owner = await store.Keys.Resolve(logged.Stream, cancellation).ConfigureAwait(false);
        return owner is null ? null : Decode(owner.Value.Key, logged.Payload);
    }

    private Task Fill(DecisionAddress address, StreamKey key, in DecisionDraft draft, bool durable)
    {
        if (draft.Offers is { } record)
        {
            // Before the log has it: whoever follows the log finds it here once its chunk is durable, and need not read it back.
            Offers.Enqueue((address.Chunk, [.. OfferEligibility.Effects(record, key.Stream)]));
        }

        return store.Decisions.Fill(address, key.Stream, draft.Bytes, durable);
    }

    private static byte[] Encrypt(StreamKey key, DecisionKind kind, ReadOnlySpan<byte> plain)
    {
        byte[] payload = StreamCipher.Encrypt(key, StreamCipher.Purpose.Decision, plain, HeaderBytes);
        payload[0] = RecordFormat;
        payload[1] = (byte)kind;
        return payload;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The record of a {Kind} decision could not be written.")]
    private partial void LogRecordLost(Exception e, DecisionKind kind);
}

/// <summary>A decision that was taken down and is not in the log yet.</summary>
/// <param name="Key">By which <paramref name="Bytes"/> are encrypted; null when they are not.</param>
public readonly record struct DecisionDraft(DecisionKind Kind, StreamKey? Key, byte[] Bytes)
{
    /// <summary>The record of offers, from which the dashboards learn who was eligible; null for another kind.</summary>
    internal DecisionRecord? Offers { get; init; }
}
