using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using KnowledgePay.Contracts;
using KnowledgePay.Server.Answers;
using KnowledgePay.Server.Hosting;
using Microsoft.Extensions.Options;

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
        AddWait(response, problem.Status);

        if (HttpMethods.IsHead(context.Request.Method))
        {
            return Task.CompletedTask;
        }

        return response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }

    /// <summary>Says with 429 and 503 when to come back, where nothing more exact has been said.</summary>
    public static void AddWait(HttpResponse response, int status)
    {
        if (status is not (StatusCodes.Status429TooManyRequests or StatusCodes.Status503ServiceUnavailable))
        {
            return;
        }

        IHeaderDictionary headers = response.Headers;
        if (headers.RetryAfter.Count == 0)
        {
            headers.RetryAfter = "1";
        }

        HttpLimits limits = response.HttpContext.RequestServices.GetRequiredService<IOptions<HttpLimits>>().Value;
        headers.TryAdd("X-RateLimit-Limit", limits.RequestsPerWindow.ToString(CultureInfo.InvariantCulture));
        headers.TryAdd("X-RateLimit-Remaining", "0");
        headers.TryAdd("X-RateLimit-Reset", headers.RetryAfter);
    }

    public static byte[] Serialize(HttpContext context, Problem problem) =>
        JsonSerializer.SerializeToUtf8Bytes(From(context, problem), AnswerJson.Options(SpokenLanguage.English));
}
