using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace KnowledgePay.Contracts.Partners;

/// <summary>A finance or insurance house that sells beside the courses.</summary>
[GenerateSerializer, Immutable, Alias("kp.Partner")]
public sealed record Partner
{
    [Id(0)] public required string Id { get; init; }
    [Id(1)] public required string Name { get; init; }
    [Id(2)] public string? Contact { get; init; }
}

[JsonConverter(typeof(JsonStringEnumConverter<ProductKind>))]
public enum ProductKind : byte
{
    [JsonStringEnumMemberName("membership")] Membership = 0,
    [JsonStringEnumMemberName("loan")] Loan = 1,
    [JsonStringEnumMemberName("insurance")] Insurance = 2,
}

/// <summary>Something that a partner offers.</summary>
/// <remarks><see cref="Terms"/> and <see cref="Eligibility"/> are kept as the JSON objects that were put; what the engine reads from them is written beside the rules and the offers.</remarks>
[GenerateSerializer, Immutable, Alias("kp.PartnerProduct")]
public sealed record PartnerProduct
{
    [Id(0)] public string Id { get; init; } = "";
    [Id(1)] public string PartnerId { get; init; } = "";
    [Id(2)] public required ProductKind Kind { get; init; }
    [Id(3)] public required string Name { get; init; }
    /// <summary>A JSON object as UTF-8 text.</summary>
    [Id(4), JsonConverter(typeof(RawJsonConverter))] public string Terms { get; init; } = "{}";
    /// <summary>A JSON object as UTF-8 text: the rule that says who may be offered it.</summary>
    [Id(5), JsonConverter(typeof(RawJsonConverter))] public string Eligibility { get; init; } = "{}";
    /// <summary>Surfaces it may be shown on; empty means all.</summary>
    [Id(6)] public ImmutableArray<string> Channels { get; init; } = [];
    /// <summary>What the partner spends in a calendar month on showing it, at most.</summary>
    [Id(7)] public Money? Budget { get; init; }
    [Id(8)] public DateTimeOffset? ValidFrom { get; init; }
    [Id(9)] public DateTimeOffset? ValidTo { get; init; }
}

/// <summary>Keeps a JSON object as its text, so that an open-ended field round-trips unchanged.</summary>
public sealed class RawJsonConverter : JsonConverter<string>
{
    public override string Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("Expected an object.");
        }

        using JsonDocument document = JsonDocument.ParseValue(ref reader);
        return document.RootElement.GetRawText();
    }

    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) =>
        writer.WriteRawValue(value, skipInputValidation: false);
}
