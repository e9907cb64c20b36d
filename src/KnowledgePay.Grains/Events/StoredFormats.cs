using System.Text.Json;
using System.Text.Json.Serialization;
using KnowledgePay.Storage;
using Microsoft.Extensions.Logging;

namespace KnowledgePay.Grains.Events;

/// <summary>
/// Which format of stored events this process writes while versions of the engine that read different ones share a store: the newest that all of them read.
/// </summary>
/// <remarks>
/// Each process announces what it reads before it looks which format is in use, and begins with format 1. Whoever would write a newer one puts that in use, and writes it
/// only when it has looked at the announcements once more. So either the writer sees a newcomer who cannot read it, or that one sees it in use and does not start. A member of the cluster that
/// announced nothing is of a version from before there were announcements, and reads format 1.
/// </remarks>
public sealed partial class StoredFormats(IEngineStore store, EventCodecSource source, TimeProvider time, ILogger<StoredFormats> logger)
{
    private const string Kind = "stored-format";
    private const string InUse = "in-use";
    private const int PageDocuments = 1_000;

    /// <summary>So long an announcement counts although its process is in no list of members: it may be about to join.</summary>
    private static readonly TimeSpan JoinsWithin = TimeSpan.FromMinutes(10);

    private int _raisedTo;

    /// <summary>Whether this process writes the newest format that it reads, so that there is nothing left to raise.</summary>
    public bool IsRaised => source.Codec.Writes == source.Codec.Reads;

    /// <summary>Announces what this process reads.</summary>
    /// <param name="process">Its name among the members; null for a process that has the store to itself, which raises the format at once.</param>
    /// <exception cref="StoredFormatException">A format is in use that this process does not read.</exception>
    public async ValueTask Open(string? process, CancellationToken cancellation)
    {
        EventCodec codec = source.Codec;
        if (process is not null)
        {
            await Put(process, codec.Reads, cancellation);
        }

        int inUse = await FormatInUse(cancellation);
        if (inUse > codec.Reads)
        {
            throw new StoredFormatException($"Events of the store have format {inUse}; this process reads up to {codec.Reads}. Run the version that wrote them, or a newer one.");
        }

        if (process is null)
        {
            if (inUse < codec.Reads)
            {
                await Put(InUse, codec.Reads, cancellation);
            }

            codec.Writes = codec.Reads;
        }
    }

    /// <summary>Raises the format when all members read a newer one; to be called again and again until <see cref="IsRaised"/>.</summary>
    /// <param name="isAlive">The processes of the cluster, and whether each still runs.</param>
    public async ValueTask Refresh(IReadOnlyDictionary<string, bool> isAlive, CancellationToken cancellation)
    {
        EventCodec codec = source.Codec;
        int common = Common(isAlive, await Announcements(cancellation), codec.Reads);
        if (common <= codec.Writes)
        {
            _raisedTo = 0;
            return;
        }

        if (_raisedTo != common)
        {
            if (await FormatInUse(cancellation) < common)
            {
                await Put(InUse, common, cancellation);
            }

            _raisedTo = common;
            return;
        }

        codec.Writes = common;
        LogRaised(common);
    }

    /// <summary>The newest format that all read who may be reading.</summary>
    private int Common(IReadOnlyDictionary<string, bool> isAlive, Dictionary<string, Announcement> announced, int reads)
    {
        DateTimeOffset joinedSince = time.GetUtcNow() - JoinsWithin;
        IEnumerable<int> members = isAlive.Where(member => member.Value).Select(member => announced.TryGetValue(member.Key, out Announcement? said) ? said.Events : 1);
        IEnumerable<int> joining = announced.Where(other => !isAlive.ContainsKey(other.Key) && other.Value.At > joinedSince).Select(other => other.Value.Events);
        return members.Concat(joining).Append(reads).Min();
    }

    private async ValueTask<Dictionary<string, Announcement>> Announcements(CancellationToken cancellation)
    {
        var announced = new Dictionary<string, Announcement>(StringComparer.Ordinal);
        IReadOnlyList<Document> page;
        long read = 0;
        do
        {
            page = await store.Documents.Changes(Kind, read, PageDocuments, cancellation);
            foreach (Document document in page)
            {
                read = document.Version;
                if (document.Id != InUse)
                {
                    announced[document.Id] = Read(document);
                }
            }
        }
        while (page.Count == PageDocuments);
        return announced;
    }

    private async ValueTask<int> FormatInUse(CancellationToken cancellation) =>
        await store.Documents.Find(Kind, InUse, cancellation) is { } document ? Read(document).Events : 1;

    private async ValueTask Put(string id, int events, CancellationToken cancellation) => await store.Documents.Put(
        Kind, [new DocumentWrite(id, JsonSerializer.SerializeToUtf8Bytes(new Announcement(1, events, time.GetUtcNow()), AnnouncementJson.Default.Announcement))], cancellation);

    private static Announcement Read(Document document) => JsonSerializer.Deserialize(document.Body, AnnouncementJson.Default.Announcement)!;

    [LoggerMessage(Level = LogLevel.Information, Message = "Events are written in format {Format} from here on: every member of the cluster reads it.")]
    private partial void LogRaised(int format);

    /// <param name="Version">Of this document, 1.</param>
    /// <param name="Events">The newest format of events that the process reads, or that is in use.</param>
    internal sealed record Announcement(int Version, int Events, DateTimeOffset At);

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
    [JsonSerializable(typeof(Announcement))]
    internal sealed partial class AnnouncementJson : JsonSerializerContext;
}

/// <summary>The store holds what this version of the engine does not read.</summary>
public sealed class StoredFormatException(string message) : Exception(message);
