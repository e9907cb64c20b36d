using System.Collections.Immutable;
using KnowledgePay.Contracts;
using KnowledgePay.Server.Requests;

namespace KnowledgePay.Server.Problems;

/// <summary>The problems that the HTTP layer itself finds. Types are stable: callers switch on them.</summary>
public static class HttpProblems
{
    public const string Unauthenticated = "unauthenticated";
    public const string Forbidden = "forbidden";
    public const string InvalidJson = "invalid-json";
    public const string InvalidRequest = "invalid-request";
    public const string UnsupportedMediaType = "unsupported-media-type";
    public const string TooLarge = "too-large";
    public const string StoreUnavailable = "store-unavailable";

    public static Problem Invalid(RequestErrors errors) => new()
    {
        Type = InvalidRequest,
        Status = 422,
        Title = "The request is not valid.",
        Detail = $"{errors.Count} field{(errors.Count == 1 ? " is" : "s are")} not as expected; nothing was done.",
        Errors = errors.ByPointer(),
    };

    public static Problem Malformed(string pointer, string message) => new()
    {
        Type = InvalidJson,
        Status = 400,
        Title = "The body could not be read.",
        Detail = "Nothing was done.",
        Errors = ImmutableSortedDictionary<string, ImmutableArray<string>>.Empty.Add(pointer, [message]),
    };

    public static Problem MediaType(string detail) => new()
    {
        Type = UnsupportedMediaType,
        Status = 415,
        Title = "The media type is not supported here.",
        Detail = detail,
    };

    public static Problem BodyTooLarge(long limitBytes) => new()
    {
        Type = TooLarge,
        Status = 413,
        Title = "The body is too large.",
        Detail = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"At most {limitBytes} bytes are taken here, after decompression."),
    };

    public static Problem NotAllowed(string detail) => new() { Type = Forbidden, Status = 403, Title = "The key may not do this.", Detail = detail };

    public static Problem StoreDown(string detail) => new()
    {
        Type = StoreUnavailable,
        Status = 503,
        Title = "The store does not take writes just now.",
        Detail = detail,
    };

    /// <summary>The problem of a bare status code that the pipeline set.</summary>
    public static Problem OfStatus(int status) => status switch
    {
        400 => new() { Type = "bad-request", Status = 400, Title = "The request could not be read." },
        401 => new()
        {
            Type = Unauthenticated,
            Status = 401,
            Title = "A valid access key is needed.",
            Detail = "Send it as 'Authorization: Bearer KEY'.",
        },
        403 => NotAllowed("Its role does not reach this resource."),
        404 => new() { Type = "not-found", Status = 404, Title = "There is nothing at this address.", Detail = "The addresses are listed at /openapi/v1.json." },
        405 => new() { Type = "method-not-allowed", Status = 405, Title = "The address does not take this method.", Detail = "The header Allow lists those that it takes." },
        406 => new() { Type = "not-acceptable", Status = 406, Title = "The answer is not had in a form that Accept takes." },
        408 => new() { Type = "request-timeout", Status = 408, Title = "The request came too slowly." },
        413 => new() { Type = TooLarge, Status = 413, Title = "The body is too large." },
        415 => MediaType("The header Content-Type names a type that is not taken here."),
        429 => new() { Type = "rate-limited", Status = 429, Title = "The key has used up its rate.", Detail = "Wait for the seconds in Retry-After." },
        503 => new() { Type = "overloaded", Status = 503, Title = "The server is at its limit.", Detail = "Nothing was done; try again after the seconds in Retry-After." },
        504 => new() { Type = "timeout", Status = 504, Title = "The answer took too long.", Detail = "What was sent may or may not have been done; sending it again with the same ids is safe." },
        >= 500 => new() { Type = "internal-error", Status = status, Title = "Something went wrong on our side.", Detail = "Quote the traceId when you report it." },
        _ => new() { Type = "refused", Status = status, Title = "The request was refused." },
    };
}

/// <summary>Ends a request with a problem document.</summary>
public sealed class RequestRefusedException(Problem problem) : Exception(problem.Title)
{
    public Problem Problem { get; } = problem;
}
