using System.Collections.Immutable;

namespace KnowledgePay.Server.Requests;

/// <summary>What is wrong with a request, by JSON pointer. Collects all of it, so that a caller mends a request once.</summary>
public sealed class RequestErrors
{
    /// <summary>More than this is not kept: a caller with a thousand errors has one mistake.</summary>
    public const int Most = 1_000;

    private List<(string Pointer, string Message)>? _items;

    /// <summary>Put before every pointer that is added, for example <c>/data</c> or <c>/17</c>.</summary>
    public string Prefix { get; set; } = "";

    public bool Any => _items is { Count: > 0 };

    public int Count => _items?.Count ?? 0;

    public void Add(string pointer, string message)
    {
        _items ??= [];
        if (_items.Count < Most)
        {
            _items.Add((Prefix + pointer, message));
        }
    }

    /// <summary>Says that a field is missing, unless something was said about it or its members already.</summary>
    public void Require(string pointer)
    {
        string full = Prefix + pointer;
        if (_items is null || !_items.Exists(i => i.Pointer == full || i.Pointer.StartsWith(full + "/", StringComparison.Ordinal)))
        {
            Add(pointer, "is required.");
        }
    }

    public void Clear() => _items?.Clear();

    public ImmutableSortedDictionary<string, ImmutableArray<string>> ByPointer()
    {
        if (!Any)
        {
            return ImmutableSortedDictionary<string, ImmutableArray<string>>.Empty;
        }

        return _items!.GroupBy(i => i.Pointer, StringComparer.Ordinal)
            .ToImmutableSortedDictionary(g => g.Key, g => g.Select(i => i.Message).ToImmutableArray(), StringComparer.Ordinal);
    }

    /// <summary>A value as it may be repeated in a message: shortened, so that an error is never larger than its cause.</summary>
    public static string Quote(string value) => value.Length <= 64 ? $"'{value}'" : $"'{value[..64]}…'";

    /// <summary>A property name as a JSON pointer's reference token (RFC 6901).</summary>
    public static string Escape(string token)
    {
        token = token.Length <= 64 ? token : token[..64] + "…";
        return token.Contains('~') || token.Contains('/') ? token.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal) : token;
    }
}
