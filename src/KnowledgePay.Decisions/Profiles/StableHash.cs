namespace KnowledgePay.Decisions.Profiles;

/// <summary>A 64-bit hash that is the same in every process and release, unlike <see cref="string.GetHashCode()"/>.</summary>
public static class StableHash
{
    /// <summary>FNV-1a over the UTF-16 code units, low byte first; never 0, which stands for none.</summary>
    public static ulong Of(ReadOnlySpan<char> text)
    {
        const ulong prime = 0x100000001B3;
        ulong hash = 0xCBF29CE484222325;
        foreach (char unit in text)
        {
            hash = (hash ^ (byte)unit) * prime;
            hash = (hash ^ (uint)(unit >> 8)) * prime;
        }

        return hash == 0 ? 1 : hash;
    }
}
