using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using KnowledgePay.Contracts;
using KnowledgePay.Storage;

namespace KnowledgePay.Grains.Records;

/// <summary>What accounting and lending law make a business keep: orders and credit outcomes, without anybody's name, id or stream.</summary>
/// <remarks>
/// Written beside the person's own events; it outlives an erasure and leads back to nobody. Order and decision ids are addresses in the decision log,
/// whose chunks name streams; so a row is kept under a keyed hash of its order id, and a credit outcome under an id of its own.
/// </remarks>
public sealed class Ledger(IEngineStore store)
{
    public const string Kind = "ledger";

    private const int KeyBytes = 16;

    public async ValueTask Order(string orderId, string courseId, Money charged, Money listPrice, DateTimeOffset at, CancellationToken cancellation) =>
        await Put(await KeyOf(orderId, cancellation), new LedgerEntry { Kind = "order", CourseId = courseId, Amount = charged, ListPrice = listPrice, At = at }, cancellation);

    /// <summary>Keeps an order that was placed earlier, unless it is kept already.</summary>
    public async ValueTask OrderUnlessKept(string orderId, string courseId, Money charged, Money listPrice, DateTimeOffset at, CancellationToken cancellation)
    {
        if (await store.Documents.Find(Kind, await KeyOf(orderId, cancellation), cancellation) is not { Body.Length: > 0 })
        {
            await Order(orderId, courseId, charged, listPrice, at, cancellation);
        }
    }

    /// <summary>Keeps a credit outcome, with its day: the moment would find the decision again.</summary>
    public async ValueTask Credit(string outcome, Money amount, int score, string scorecard, DateTimeOffset at, CancellationToken cancellation) =>
        await Put(
            "crd_" + Guid.NewGuid().ToString("N"),
            new LedgerEntry { Kind = "credit", Outcome = outcome, Amount = amount, Score = score, Model = scorecard, At = new DateTimeOffset(at.UtcDateTime.Date, TimeSpan.Zero) },
            cancellation);

    /// <summary>The row of an order, for whoever holds its id and runs this installation.</summary>
    public async ValueTask<string> KeyOf(string orderId, CancellationToken cancellation) =>
        "ord_" + Base64Url.EncodeToString(HMACSHA256.HashData(await store.Keys.Secret(Kind, cancellation), Encoding.UTF8.GetBytes(orderId)).AsSpan(0, KeyBytes));

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
