using System.Collections.Immutable;
using System.Diagnostics;
using System.Text.Json;
using KnowledgePay.Contracts;
using KnowledgePay.Server.Answers;

namespace KnowledgePay.Server.Problems;

/// <summary>An error, as RFC 9457 writes it.</summary>
public sealed record ProblemDocument
{
    public const string MediaType = "application/problem+json";

    /// <summary>Stable kebab-case slug (a relative URI reference) to switch on, for example <c>consent-required</c>.</summary>
    public required string Type { get; init; }

    /// <summary>What the type means, in a sentence.</summary>
    public required string Title { get; init; }

    /// <summary>The HTTP status, 400 to 599.</summary>
    public required int Status { get; init; }

    /// <summary>What happened this time.</summary>
    public string? Detail { get; init; }

    /// <summary>The path that was asked.</summary>
    public string? Instance { get; init; }

    /// <summary>Messages by JSON pointer into the request's body; a query parameter's pointer is <c>?name</c> and the body as a whole is the empty pointer.</summary>
    public ImmutableSortedDictionary<string, ImmutableArray<string>>? Errors { get; init; }

    /// <summary>The trace to quote when reporting the error.</summary>
    public string? TraceId { get; init; }

    public static ProblemDocument From(HttpContext context, Problem problem) => new()
    {
        Type = problem.Type,
        Title = problem.Title,
        Status = problem.Status,
        Detail = problem.Detail,
        Instance = context.Request.Path,
        Errors = problem.Errors.IsEmpty ? null : problem.Errors,
        TraceId = Activity.Current?.TraceId.ToHexString() ?? context.TraceIdentifier,
    };

    /// <summary>Answers with the problem; 503 says when to come back.</summary>
    public static Task Write(HttpContext context, Problem problem)
    {
        HttpResponse response = context.Response;
        if (response.HasStarted)
        {
            context.Abort();
            return Task.CompletedTask;
        }

        byte[] body = Serialize(context, problem);
        response.StatusCode = problem.Status;
        response.ContentType = MediaType;
        response.ContentLength = body.Length;
        response.Headers.CacheControl = "no-store";
        if (problem.Status == StatusCodes.Status503ServiceUnavailable && response.Headers.RetryAfter.Count == 0)
        {
            response.Headers.RetryAfter = "1";
        }

        if (HttpMethods.IsHead(context.Request.Method))
        {
            return Task.CompletedTask;
        }

        return response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }

    public static byte[] Serialize(HttpContext context, Problem problem) =>
        JsonSerializer.SerializeToUtf8Bytes(From(context, problem), AnswerJson.Options(SpokenLanguage.English));
}
