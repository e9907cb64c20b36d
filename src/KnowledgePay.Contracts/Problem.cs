using System.Collections.Immutable;

namespace KnowledgePay.Contracts;

/// <summary>Why a request was refused, as RFC 9457 says it. <see cref="Type"/> is a stable slug; the HTTP layer makes it a URI.</summary>
[GenerateSerializer, Immutable, Alias("kp.Problem")]
public sealed record Problem
{
    /// <summary>Stable kebab-case slug, for example <c>consent-required</c>.</summary>
    [Id(0)] public required string Type { get; init; }
    [Id(1)] public required int Status { get; init; }
    [Id(2)] public required string Title { get; init; }
    [Id(3)] public string? Detail { get; init; }
    /// <summary>Messages by JSON pointer into the request.</summary>
    [Id(4)] public ImmutableSortedDictionary<string, ImmutableArray<string>> Errors { get; init; } = ImmutableSortedDictionary<string, ImmutableArray<string>>.Empty;

    public static Problem NotFound(string what, string id) =>
        new() { Type = "not-found", Status = 404, Title = $"There is no such {what}.", Detail = $"{what} '{id}' is not known." };

    public static Problem Invalid(string pointer, string message) => new()
    {
        Type = "invalid-request",
        Status = 422,
        Title = "The request is not valid.",
        Errors = ImmutableSortedDictionary<string, ImmutableArray<string>>.Empty.Add(pointer, [message]),
    };

    public static Problem ConsentRequired(string consent) => new()
    {
        Type = "consent-required",
        Status = 403,
        Title = "The person has not consented to this.",
        Detail = $"It needs the consent '{consent}'; put it at /v1/users/{{id}}/consent.",
    };

    public static Problem Conflict(string type, string title, string detail) => new() { Type = type, Status = 409, Title = title, Detail = detail };
}

/// <summary>Either a value or the problem that stood in its way.</summary>
[GenerateSerializer, Immutable, Alias("kp.Answer`1")]
public readonly record struct Answer<T>([property: Id(0)] T? Value, [property: Id(1)] Problem? Problem)
    where T : class
{
    public static implicit operator Answer<T>(T value) => new(value, null);

    public static implicit operator Answer<T>(Problem problem) => new(null, problem);
}
