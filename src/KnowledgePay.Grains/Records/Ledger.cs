using System.Text.Json;
using System.Text.Json.Serialization;
using KnowledgePay.Contracts;
using KnowledgePay.Storage;

namespace KnowledgePay.Grains.Records;

/// <summary>What accounting and lending law make a business keep: orders and credit outcomes, without anybody's name, id or stream.</summary>
/// <remarks>Written beside the person's own events; it outlives an erasure and leads back to nobody.</remarks>
public sealed class Ledger(IEngineStore store)
{
    private const string Kind = "ledger";

    public async ValueTask Order(string orderId, string courseId, Money charged, Money listPrice, DateTimeOffset at, CancellationToken cancellation) =>
        await Put(orderId, new LedgerEntry { Kind = "order", CourseId = courseId, Amount = charged, ListPrice = listPrice, At = at }, cancellation);

    public async ValueTask Credit(string decisionId, string outcome, Money amount, int score, string scorecard, DateTimeOffset at, CancellationToken cancellation) =>
        await Put(decisionId, new LedgerEntry { Kind = "credit", Outcome = outcome, Amount = amount, Score = score, Model = scorecard, At = at }, cancellation);

    private async ValueTask Put(string id, LedgerEntry entry, CancellationToken cancellation) =>
        await store.Documents.Put(Kind, [new DocumentWrite(id, JsonSerializer.SerializeToUtf8Bytes(entry, LedgerJson.Default.LedgerEntry))], cancellation);
}

internal sealed record LedgerEntry
{
    public int Format { get; init; } = 1;
    public required string Kind { get; init; }
    public required Money Amount { get; init; }
    public required DateTimeOffset At { get; init; }
    public string? CourseId { get; init; }
    public Money? ListPrice { get; init; }
    public string? Outcome { get; init; }
    public int? Score { get; init; }
    public string? Model { get; init; }
}

[JsonSerializable(typeof(LedgerEntry))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
internal sealed partial class LedgerJson : JsonSerializerContext;
