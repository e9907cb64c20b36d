using System.Runtime.CompilerServices;

namespace KnowledgePay.Decisions.Scoring;

/// <summary>A set of codes, 0–255.</summary>
[InlineArray(4)]
public struct CodeSet : IEquatable<CodeSet>
{
    private ulong _bits;

    public readonly bool Contains(int code) => (this[code >> 6] >> (code & 63) & 1) != 0;

    public void Add(int code) => this[code >> 6] |= 1UL << (code & 63);

    public readonly bool Equals(CodeSet other) => ((ReadOnlySpan<ulong>)this).SequenceEqual(other);

    public override readonly bool Equals(object? obj) => obj is CodeSet other && Equals(other);

    public override readonly int GetHashCode() => HashCode.Combine(this[0], this[1], this[2], this[3]);

    public static bool operator ==(CodeSet left, CodeSet right) => left.Equals(right);

    public static bool operator !=(CodeSet left, CodeSet right) => !left.Equals(right);
}
