using System.Collections.Immutable;

namespace KnowledgePay.Client;

/// <summary>The server refused a request, as RFC 9457 says it.</summary>
/// <param name="type">The problem's <c>type</c> as it came (a URI); empty when the answer was not a problem document.</param>
/// <param name="status">HTTP status.</param>
/// <param name="title">Short text.</param>
/// <param name="detail">What is particular to this case, if said.</param>
/// <param name="errors">Messages by JSON pointer into the request.</param>
/// <param name="retryAfter">What <c>Retry-After</c> asked for.</param>
public sealed class KnowledgePayProblemException(
    string type,
    int status,
    string title,
    string? detail,
    ImmutableSortedDictionary<string, ImmutableArray<string>> errors,
    TimeSpan? retryAfter) : Exception(Describe(type, status, title, detail, errors))
{
    /// <summary>Fields that the message names; <see cref="Errors"/> has them all.</summary>
    private const int FieldsNamed = 10;

    public string Type { get; } = type;

    /// <summary>The last part of <see cref="Type"/>, for example <c>consent-required</c>: what to branch on.</summary>
    public string Slug { get; } = type[(type.AsSpan().LastIndexOfAny('/', '#', ':') + 1)..];

    public int Status { get; } = status;

    public string Title { get; } = title;

    public string? Detail { get; } = detail;

    public ImmutableSortedDictionary<string, ImmutableArray<string>> Errors { get; } = errors;

    public TimeSpan? RetryAfter { get; } = retryAfter;

    private static string Describe(string type, int status, string title, string? detail, ImmutableSortedDictionary<string, ImmutableArray<string>> errors)
    {
        var text = new System.Text.StringBuilder();
        text.Append(status).Append(' ').Append(title);
        if (!string.IsNullOrEmpty(detail))
        {
            text.Append(' ').Append(detail);
        }

        if (type.Length > 0)
        {
            text.Append(" [").Append(type).Append(']');
        }

        foreach ((string pointer, ImmutableArray<string> messages) in errors.Take(FieldsNamed))
        {
            text.Append(' ').Append(pointer).Append(": ").AppendJoin(' ', messages);
        }

        if (errors.Count > FieldsNamed)
        {
            text.Append(" … and ").Append(errors.Count - FieldsNamed).Append(" more.");
        }

        return text.ToString();
    }
}
