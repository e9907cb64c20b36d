using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using KnowledgePay.Storage;

namespace KnowledgePay.Server.Audits;

/// <summary>The last report of an audit, kept as a document with the version of its format.</summary>
/// <param name="name">Of the audit.</param>
/// <param name="format">Of what is written; what has another is not read.</param>
internal sealed class KeptReport<TReport>(IEngineStore store, string name, int format, JsonTypeInfo<StoredReport<TReport>> json)
    where TReport : class
{
    private const string DocumentKind = "audit";

    /// <summary>Null before the first.</summary>
    /// <exception cref="InvalidDataException">What is stored is of another format.</exception>
    public async Task<TReport?> Last(CancellationToken cancellation) =>
        await store.Documents.Find(DocumentKind, name, cancellation) is { Body.Length: > 0 } found
            ? JsonSerializer.Deserialize(found.Body, json) is { } stored && stored.Format == format
                ? stored.Report
                : throw new InvalidDataException($"The stored audit '{name}' is not of format {format}.")
            : null;

    public async Task Keep(TReport report, CancellationToken cancellation) =>
        await store.Documents.Put(DocumentKind, [new DocumentWrite(name, JsonSerializer.SerializeToUtf8Bytes(new StoredReport<TReport>(format, report), json))], cancellation);
}

internal sealed record StoredReport<TReport>(int Format, TReport Report);
