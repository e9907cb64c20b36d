using System.Text.Json.Serialization;
using KnowledgePay.Contracts.Partners;

namespace KnowledgePay.Contracts.Catalogue;

/// <summary>What a ranking rule does with its courses.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RankingEffect>))]
public enum RankingEffect : byte
{
    /// <summary>They are in no list.</summary>
    [JsonStringEnumMemberName("hide")] Hide = 0,
    /// <summary>Their scores rise by the rule's weight, or sink where it is below zero.</summary>
    [JsonStringEnumMemberName("boost")] Boost = 1,
    /// <summary>The best of them for the person stands in the rule's position.</summary>
    [JsonStringEnumMemberName("pin")] Pin = 2,
}

/// <summary>What people are told of a course that a rule moved up.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RankingLabel>))]
public enum RankingLabel : byte
{
    /// <summary>Chosen by the platform's editors.</summary>
    [JsonStringEnumMemberName("editors-choice")] EditorsChoice = 0,
    /// <summary>Somebody pays for the place: said of every course that the rule lifts or pins, whatever else speaks for it.</summary>
    [JsonStringEnumMemberName("sponsored")] Sponsored = 1,
}

/// <summary>What editors and partners know and no model learns: which courses to hide, lift or pin, for whom, where and when.</summary>
/// <remarks>
/// It holds in every list: recommendations, related courses, trending. <see cref="Courses"/> and <see cref="When"/> are rules of the rule language, kept as the JSON objects that were put.
/// A rule never brings what may not be shown: owned and unpublished courses stay out, as do those whose prerequisites are missing.
/// </remarks>
[GenerateSerializer, Immutable, Alias("kp.RankingRule")]
public sealed record RankingRule
{
    [Id(0)] public string Id { get; init; } = "";
    /// <summary>For those who keep the rules; 1–200 characters.</summary>
    [Id(1)] public required string Name { get; init; }
    [Id(2)] public required RankingEffect Effect { get; init; }
    /// <summary>Which courses it is about; reads what is written of a course. <c>{}</c> means all.</summary>
    [Id(3), JsonConverter(typeof(RawJsonConverter))] public required string Courses { get; init; }
    /// <summary>When it holds; reads the person (nobody's values for one who refused personalisation), the page's course and the surface. <c>{}</c> means always.</summary>
    [Id(4), JsonConverter(typeof(RawJsonConverter))] public string When { get; init; } = "{}";
    /// <summary>Of a boost: −10 to 10, not 0. The best candidate of an ordinary list scores about 1.</summary>
    [Id(5)] public double? Weight { get; init; }
    /// <summary>Of a pin: 1 for the top, at most 100. In a list that ends before, the rule does nothing.</summary>
    [Id(6)] public int? Position { get; init; }
    /// <summary>Of a boost or a pin.</summary>
    [Id(7)] public RankingLabel? Label { get; init; }
    [Id(8)] public DateTimeOffset? ValidFrom { get; init; }
    [Id(9)] public DateTimeOffset? ValidTo { get; init; }
}
