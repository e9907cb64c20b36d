using System.Buffers.Binary;
using System.Buffers.Text;
using KnowledgePay.Storage;

namespace KnowledgePay.Grains.Records;

/// <summary>Decision ids: <c>dec_</c> and the record's address in base64url, so that a look-up needs no index.</summary>
public static class DecisionIds
{
    private const string Prefix = "dec_";
    private const int Bytes = 2 + 6 + 2 + 4;

    public static string Format(DecisionAddress address)
    {
        Span<byte> bytes = stackalloc byte[Bytes + 2];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, checked((ushort)address.Partition));
        BinaryPrimitives.WriteInt64BigEndian(bytes[2..], address.Chunk << 16);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[8..], checked((ushort)address.Index));
        BinaryPrimitives.WriteUInt32BigEndian(bytes[10..], address.Nonce);
        Span<char> text = stackalloc char[Prefix.Length + 20];
        Prefix.CopyTo(text);
        int written = Base64Url.EncodeToChars(bytes[..Bytes], text[Prefix.Length..]);
        return new string(text[..(Prefix.Length + written)]);
    }

    public static bool TryParse(string id, out DecisionAddress address)
    {
        address = default;
        Span<byte> bytes = stackalloc byte[Bytes + 2];
        if (!id.StartsWith(Prefix, StringComparison.Ordinal)
            || id.Length != Prefix.Length + Base64Url.GetEncodedLength(Bytes)
            || !Base64Url.TryDecodeFromChars(id.AsSpan(Prefix.Length), bytes, out int read)
            || read != Bytes)
        {
            return false;
        }

        address = new DecisionAddress(
            BinaryPrimitives.ReadUInt16BigEndian(bytes),
            BinaryPrimitives.ReadInt64BigEndian(bytes[2..]) >>> 16,
            BinaryPrimitives.ReadUInt16BigEndian(bytes[8..]),
            BinaryPrimitives.ReadUInt32BigEndian(bytes[10..]));
        return true;
    }
}
