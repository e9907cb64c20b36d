using System.Buffers;

namespace KnowledgePay.Contracts;

/// <summary>Rule for the ids that callers choose: 1–128 of <c>A-Z a-z 0-9 . _ : -</c>.</summary>
public static class EntityId
{
    public const int LongestLength = 128;

    /// <summary>The rule in words, for error messages.</summary>
    public const string Expected = "1 to 128 characters of A-Z a-z 0-9 . _ : -";

    private static readonly SearchValues<char> Allowed =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:-");

    public static bool IsValid(ReadOnlySpan<char> id) =>
        id.Length is >= 1 and <= LongestLength && !id.ContainsAnyExcept(Allowed);
}
