using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using KnowledgePay.Storage;

namespace KnowledgePay.Server.Models;

/// <summary>Versions of learned models and the runs that made them, as documents: what one silo stores, all of them read.</summary>
public sealed class ModelStore(IEngineStore store)
{
    private const int Format = 1;
    private const string VersionKind = "model";
    private const string PartKind = "model-part";
    private const string RunKind = "training-run";
    private const int PartBytes = 512 * 1024;
    private const int PageDocuments = 200;
    private const int Tries = 16;

    /// <summary>Largest model that is stored.</summary>
    public const long LargestModelBytes = 4L << 30;

    /// <summary>Stores a model as the next version of its kind. The parts come first: a version that is listed can be read.</summary>
    public async Task<ModelVersion> Add(Func<int, ModelVersion> card, byte[] model, CancellationToken cancellation)
    {
        for (int tries = 0; tries < Tries; tries++)
        {
            ModelVersion proposal = card(0);
            IReadOnlyList<ModelVersion> known = await List(proposal.Kind, cancellation);
            ModelVersion version = card(known.Count == 0 ? 1 : known.Max(v => v.Version) + 1);
            for (int part = 0, at = 0; at < model.Length; part++, at += PartBytes)
            {
                await store.Documents.Put(PartKind, [new DocumentWrite(PartId(version, part), model.AsSpan(at, Math.Min(PartBytes, model.Length - at)).ToArray())], cancellation);
            }

            try
            {
                await store.Documents.Put(VersionKind, [new DocumentWrite(VersionId(version.Kind, version.Version), Bytes(version), 0)], cancellation);
                return version;
            }
            catch (DocumentConflictException)
            {
                // Another silo finished a run of the same kind: the next number is free.
            }
        }

        throw new InvalidOperationException("Other training runs kept taking the next version.");
    }

    /// <summary>Versions of a kind, oldest first.</summary>
    public async Task<IReadOnlyList<ModelVersion>> List(string kind, CancellationToken cancellation) =>
        [.. (await All(cancellation)).Where(v => v.Kind == kind).OrderBy(v => v.Version)];

    /// <summary>The version of a kind that serves; null while what is built in does.</summary>
    public async Task<ModelVersion?> Champion(string kind, CancellationToken cancellation) =>
        (await List(kind, cancellation)).FirstOrDefault(version => version.Status == ModelStatus.Champion);

    public async Task<IReadOnlyList<ModelVersion>> All(CancellationToken cancellation)
    {
        var versions = new Dictionary<string, ModelVersion>(StringComparer.Ordinal);
        long after = 0;
        while (true)
        {
            IReadOnlyList<Document> page = await store.Documents.Changes(VersionKind, after, PageDocuments, cancellation);
            foreach (Document document in page)
            {
                after = document.Version;
                versions[document.Id] = Version(document.Body);
            }

            if (page.Count < PageDocuments)
            {
                return [.. versions.Values];
            }
        }
    }

    public async Task<ModelVersion?> Find(string kind, int version, CancellationToken cancellation) =>
        await store.Documents.Find(VersionKind, VersionId(kind, version), cancellation) is { Body.Length: > 0 } found
            ? Version(found.Body)
            : null;

    /// <summary>The bytes of a version.</summary>
    /// <exception cref="InvalidDataException">Parts are missing, or the bytes are not those that were stored.</exception>
    public async Task<byte[]> Read(ModelVersion version, CancellationToken cancellation)
    {
        byte[] model = new byte[version.Bytes];
        for (int part = 0, at = 0; at < model.Length; part++)
        {
            Document? found = await store.Documents.Find(PartKind, PartId(version, part), cancellation);
            if (found is null || found.Body.Length == 0 || at + found.Body.Length > model.Length)
            {
                throw new InvalidDataException($"Part {part} of {version.Kind} {version.Version} is missing.");
            }

            found.Body.CopyTo(model, at);
            at += found.Body.Length;
        }

        return LearnedModel.HashOf(model) == version.Sha256
            ? model
            : throw new InvalidDataException($"The bytes of {version.Kind} {version.Version} are not those that were stored.");
    }

    /// <summary>Makes a version the one that serves; the one before is retired. All in one write, so that there is never more than one.</summary>
    public async Task<ModelVersion> Promote(ModelVersion version, string by, DateTimeOffset at, CancellationToken cancellation)
    {
        ModelVersion promoted = version with { Status = ModelStatus.Champion, PromotedAt = at, PromotedBy = by, Trial = null };
        List<DocumentWrite> writes = [new(VersionId(version.Kind, version.Version), Bytes(promoted))];
        foreach (ModelVersion before in await List(version.Kind, cancellation))
        {
            if (before.Version != version.Version && before.Status == ModelStatus.Champion)
            {
                writes.Add(new(VersionId(before.Kind, before.Version), Bytes(before with { Status = ModelStatus.Retired })));
            }
        }

        await store.Documents.Put(VersionKind, writes, cancellation);
        return promoted;
    }

    /// <summary>Puts a version on trial, or ends its trial (null). At most one of a kind is on trial: another's ends with the same write.</summary>
    public async Task<ModelVersion> Try(ModelVersion version, ModelTrial? trial, CancellationToken cancellation)
    {
        ModelVersion changed = version with { Status = trial is null ? ModelStatus.Candidate : ModelStatus.Challenger, Trial = trial };
        List<DocumentWrite> writes = [new(VersionId(version.Kind, version.Version), Bytes(changed))];
        foreach (ModelVersion other in await List(version.Kind, cancellation))
        {
            if (other.Version != version.Version && other.Status == ModelStatus.Challenger)
            {
                writes.Add(new(VersionId(other.Kind, other.Version), Bytes(other with { Status = ModelStatus.Candidate, Trial = null })));
            }
        }

        await store.Documents.Put(VersionKind, writes, cancellation);
        return changed;
    }

    /// <summary>Adds an operator's word to a version's card; two at once are both kept.</summary>
    public async Task<ModelVersion> Override(ModelVersion version, GateOverride word, CancellationToken cancellation)
    {
        for (int tries = 0; tries < Tries; tries++)
        {
            Document found = await store.Documents.Find(VersionKind, VersionId(version.Kind, version.Version), cancellation) ?? throw new InvalidDataException($"{version.Kind} {version.Version} is missing.");
            ModelVersion now = Version(found.Body);
            now = now with { Overrides = [.. now.Overrides ?? [], word] };
            try
            {
                await store.Documents.Put(VersionKind, [new DocumentWrite(VersionId(version.Kind, version.Version), Bytes(now), found.Version)], cancellation);
                return now;
            }
            catch (DocumentConflictException)
            {
                // Somebody else wrote the card meanwhile: theirs is kept, and this word added to it.
            }
        }

        throw new InvalidOperationException("The version's card kept changing.");
    }

    /// <summary>A number that changes with every write of a version, for whoever follows them.</summary>
    public async Task<long> Change(long after, CancellationToken cancellation)
    {
        while (true)
        {
            IReadOnlyList<Document> page = await store.Documents.Changes(VersionKind, after, PageDocuments, cancellation);
            after = page.Count == 0 ? after : page[^1].Version;
            if (page.Count < PageDocuments)
            {
                return after;
            }
        }
    }

    /// <param name="owner">The journal's partition whose process runs it: a run whose process has gone is over.</param>
    public Task Put(TrainingRun run, int owner, CancellationToken cancellation) =>
        store.Documents.Put(RunKind, [new DocumentWrite(run.Id, JsonSerializer.SerializeToUtf8Bytes(new StoredRun(Format, owner, run), ModelJson.Default.StoredRun))], cancellation).AsTask();

    public async Task<TrainingRun?> FindRun(string id, CancellationToken cancellation) =>
        await store.Documents.Find(RunKind, id, cancellation) is { Body.Length: > 0 } found
            ? Run(found.Body).Run
            : null;

    /// <summary>Runs that a process left unfinished.</summary>
    public async Task<IReadOnlyList<TrainingRun>> Unfinished(int owner, CancellationToken cancellation)
    {
        var runs = new List<TrainingRun>();
        long after = 0;
        while (true)
        {
            IReadOnlyList<Document> page = await store.Documents.Changes(RunKind, after, PageDocuments, cancellation);
            foreach (Document document in page)
            {
                after = document.Version;
                if (Run(document.Body) is { Run.Status: TrainingStatus.Queued or TrainingStatus.Running } stored && stored.Owner == owner)
                {
                    runs.Add(stored.Run);
                }
            }

            if (page.Count < PageDocuments)
            {
                return runs;
            }
        }
    }

    private static byte[] Bytes(ModelVersion version) => JsonSerializer.SerializeToUtf8Bytes(new StoredVersion(Format, version), ModelJson.Default.StoredVersion);

    private static ModelVersion Version(byte[] body) => JsonSerializer.Deserialize(body, ModelJson.Default.StoredVersion) is { Format: Format } stored
        ? stored.Card
        : throw new InvalidDataException($"A stored model version is not of format {Format}.");

    private static StoredRun Run(byte[] body) => JsonSerializer.Deserialize(body, ModelJson.Default.StoredRun) is { Format: Format } stored
        ? stored
        : throw new InvalidDataException($"A stored training run is not of format {Format}.");

    private static string VersionId(string kind, int version) => string.Create(CultureInfo.InvariantCulture, $"{kind}/{version}");

    // The run is part of the name: two silos that write the same version do not mix their parts.
    private static string PartId(ModelVersion version, int part) => string.Create(CultureInfo.InvariantCulture, $"{version.TrainingRunId}/{part}");
}

internal sealed record StoredVersion(int Format, ModelVersion Card);

internal sealed record StoredRun(int Format, int Owner, TrainingRun Run);

[JsonSerializable(typeof(StoredVersion))]
[JsonSerializable(typeof(StoredRun))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
internal sealed partial class ModelJson : JsonSerializerContext;
