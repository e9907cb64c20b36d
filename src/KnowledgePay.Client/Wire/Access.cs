using System.Text.Json.Serialization;

namespace KnowledgePay.Client.Wire;

/// <summary>What a key may do.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<KeyRole>))]
public enum KeyRole
{
    [JsonStringEnumMemberName("platform")] Platform,
    [JsonStringEnumMemberName("partner")] Partner,
    [JsonStringEnumMemberName("operator")] Operator,
    [JsonStringEnumMemberName("auditor")] Auditor,
}

/// <summary>A key to be made.</summary>
public sealed record NewAccessKey
{
    public required KeyRole Role { get; init; }

    /// <summary>The one partner that a <see cref="KeyRole.Partner"/> key is bound to; absent for every other role.</summary>
    public string? PartnerId { get; init; }

    public string? Label { get; init; }
}

/// <summary>A key as the list shows it.</summary>
public sealed record AccessKeyView
{
    public required string KeyId { get; init; }
    public required KeyRole Role { get; init; }
    public string? PartnerId { get; init; }
    public string? Label { get; init; }
    public DateTimeOffset? CreatedAt { get; init; }
    public DateTimeOffset? RevokedAt { get; init; }
    /// <summary>The key itself: present once, in the answer that made it.</summary>
    public string? Secret { get; init; }
}
