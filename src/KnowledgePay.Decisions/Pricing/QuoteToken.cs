using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using KnowledgePay.Contracts;

namespace KnowledgePay.Decisions.Pricing;

/// <summary>What a quote's token says.</summary>
public readonly record struct QuoteClaims
{
    /// <summary>128 random bits; what single use is enforced on.</summary>
    public required UInt128 QuoteId { get; init; }
    public required string UserId { get; init; }
    public required string CourseId { get; init; }
    public required string DecisionId { get; init; }
    public required Money Price { get; init; }
    public required Money ListPrice { get; init; }
    public required int Rung { get; init; }
    public required bool Personal { get; init; }
    /// <summary>Kept to the millisecond.</summary>
    public required DateTimeOffset IssuedAt { get; init; }
    /// <summary>Kept to the millisecond.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>The quote's id as callers see it: <c>q-</c> and 32 hexadecimal digits.</summary>
    public string QuoteText => string.Create(CultureInfo.InvariantCulture, $"q-{QuoteId:x32}");
}

/// <summary>Why a token was refused.</summary>
public enum QuoteTokenFault : byte
{
    None = 0,
    /// <summary>Not base64url, or of an impossible length.</summary>
    Malformed,
    /// <summary>Another version of the format.</summary>
    UnknownVersion,
    /// <summary>Signed with a key that is not held (any more).</summary>
    UnknownKey,
    /// <summary>The signature is not that of these bytes.</summary>
    BadSignature,
}

/// <summary>Makes and reads signed quotes.</summary>
/// <remarks>
/// Bytes: version, key id, flags (1 = personal), rung, currency (3 × ASCII), quote id (16, big-endian), issued (8, Unix ms, big-endian),
/// lifetime in ms (LEB128), price and list price in minor units (LEB128), then user, course and decision id (length byte, ASCII each), and
/// the first 16 bytes of the HMAC-SHA256 of all that. Base64url without padding; 180–220 characters for ids of 20, never over 660.
/// </remarks>
public static class QuoteToken
{
    public const byte FormatVersion = 1;

    /// <summary>Characters of the longest token that is read.</summary>
    public const int LongestLength = 700;

    private const int TagLength = 16;
    private const int BytesMax = 512;
    private const int FixedLength = 4 + 3 + 16 + 8;

    /// <summary>Signs the claims.</summary>
    /// <exception cref="ArgumentException">The claims cannot be carried: ids that are not <see cref="EntityId"/>s, two currencies, a negative or unordered amount, a lifetime below 0.</exception>
    public static string Create(in QuoteClaims claims, QuoteKey key)
    {
        Check(claims);
        Span<byte> bytes = stackalloc byte[BytesMax];
        bytes[0] = FormatVersion;
        bytes[1] = key.Id;
        bytes[2] = claims.Personal ? (byte)1 : (byte)0;
        bytes[3] = (byte)claims.Rung;
        Encoding.ASCII.GetBytes(claims.Price.Currency, bytes[4..7]);
        BinaryPrimitives.WriteUInt128BigEndian(bytes[7..], claims.QuoteId);
        long issued = claims.IssuedAt.ToUnixTimeMilliseconds();
        BinaryPrimitives.WriteInt64BigEndian(bytes[23..], issued);
        int at = FixedLength;
        WriteNumber(bytes, ref at, claims.ExpiresAt.ToUnixTimeMilliseconds() - issued);
        WriteNumber(bytes, ref at, claims.Price.MinorUnits);
        WriteNumber(bytes, ref at, claims.ListPrice.MinorUnits);
        WriteText(bytes, ref at, claims.UserId);
        WriteText(bytes, ref at, claims.CourseId);
        WriteText(bytes, ref at, claims.DecisionId);
        Sign(bytes[..at], key, bytes[at..]);
        return Base64Url.EncodeToString(bytes[..(at + TagLength)]);
    }

    /// <summary>Reads a token. Never throws; expiry and use are for <see cref="CheckoutRules"/> to judge.</summary>
    /// <returns>True when the token is unaltered and signed by one of the keys.</returns>
    public static bool TryRead(ReadOnlySpan<char> token, QuoteKeys keys, out QuoteClaims claims, out QuoteTokenFault fault)
    {
        claims = default;
        fault = QuoteTokenFault.Malformed;
        Span<byte> bytes = stackalloc byte[BytesMax + 16];
        if (token.Length > LongestLength || !TryDecode(token, bytes, out int length) || length < FixedLength + TagLength)
        {
            return false;
        }

        ReadOnlySpan<byte> body = bytes[..(length - TagLength)];
        if (body[0] != FormatVersion)
        {
            fault = QuoteTokenFault.UnknownVersion;
            return false;
        }

        if (!keys.TryFind(body[1], out QuoteKey? key))
        {
            fault = QuoteTokenFault.UnknownKey;
            return false;
        }

        Span<byte> tag = stackalloc byte[TagLength];
        Sign(body, key, tag);
        if (!CryptographicOperations.FixedTimeEquals(tag, bytes.Slice(body.Length, TagLength)))
        {
            fault = QuoteTokenFault.BadSignature;
            return false;
        }

        if (!TryParse(body, out claims))
        {
            return false;
        }

        fault = QuoteTokenFault.None;
        return true;
    }

    private static bool TryParse(ReadOnlySpan<byte> body, out QuoteClaims claims)
    {
        claims = default;
        int at = FixedLength;
        if (!TryReadNumber(body, ref at, out long lifetime) || !TryReadNumber(body, ref at, out long price) || !TryReadNumber(body, ref at, out long list)
            || !TryReadText(body, ref at, out string? user) || !TryReadText(body, ref at, out string? course) || !TryReadText(body, ref at, out string? decision)
            || at != body.Length || body[2] > 1 || body[3] >= PriceLadder.Rungs)
        {
            return false;
        }

        long issued = BinaryPrimitives.ReadInt64BigEndian(body[23..]);
        long latest = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();
        if (issued < 0 || issued > latest || lifetime > latest - issued)
        {
            return false;
        }

        string currency = Encoding.ASCII.GetString(body[4..7]);
        claims = new QuoteClaims
        {
            QuoteId = BinaryPrimitives.ReadUInt128BigEndian(body[7..]),
            UserId = user,
            CourseId = course,
            DecisionId = decision,
            Price = new Money(currency, price),
            ListPrice = new Money(currency, list),
            Rung = body[3],
            Personal = body[2] == 1,
            IssuedAt = DateTimeOffset.FromUnixTimeMilliseconds(issued),
            ExpiresAt = DateTimeOffset.FromUnixTimeMilliseconds(issued + lifetime),
        };
        return true;
    }

    private static void Check(in QuoteClaims claims)
    {
        if (!EntityId.IsValid(claims.UserId) || !EntityId.IsValid(claims.CourseId) || !EntityId.IsValid(claims.DecisionId))
        {
            throw new ArgumentException($"User, course and decision ids must each be {EntityId.Expected}.", nameof(claims));
        }

        if (claims.Price.Currency is not { Length: 3 } currency || !Ascii.IsValid(currency) || claims.ListPrice.Currency != currency
            || claims.Price.MinorUnits < 0 || claims.ListPrice.MinorUnits < claims.Price.MinorUnits)
        {
            throw new ArgumentException($"A price from 0 to the list price in its currency was expected, not {claims.Price} of {claims.ListPrice}.", nameof(claims));
        }

        if ((uint)claims.Rung >= PriceLadder.Rungs || claims.IssuedAt < DateTimeOffset.UnixEpoch || claims.ExpiresAt < claims.IssuedAt)
        {
            throw new ArgumentException("A rung of the ladder and an expiry after issue were expected.", nameof(claims));
        }
    }

    /// <summary>Strict: only the alphabet's characters, and only the one spelling that the bytes have.</summary>
    private static bool TryDecode(ReadOnlySpan<char> token, Span<byte> bytes, out int length)
    {
        length = 0;
        foreach (char c in token)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_'))
            {
                return false;
            }
        }

        if (token.Length % 4 == 1 || Base64Url.DecodeFromChars(token, bytes, out _, out length) != OperationStatus.Done)
        {
            return false;
        }

        Span<char> spelled = stackalloc char[LongestLength + 4];
        return Base64Url.TryEncodeToChars(bytes[..length], spelled, out int written) && token.SequenceEqual(spelled[..written]);
    }

    private static void Sign(ReadOnlySpan<byte> body, QuoteKey key, Span<byte> tag)
    {
        Span<byte> hash = stackalloc byte[KeyedHash.HashBytes];
        key.Signing.Compute(body, hash);
        hash[..TagLength].CopyTo(tag);
    }

    private static void WriteNumber(Span<byte> bytes, ref int at, long number)
    {
        ulong rest = (ulong)number;
        while (rest >= 0x80)
        {
            bytes[at++] = (byte)(rest | 0x80);
            rest >>= 7;
        }

        bytes[at++] = (byte)rest;
    }

    private static bool TryReadNumber(ReadOnlySpan<byte> bytes, ref int at, out long number)
    {
        ulong value = 0;
        number = 0;
        for (int shift = 0; shift < 63 && at < bytes.Length; shift += 7)
        {
            byte next = bytes[at++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                number = (long)value;
                return true;
            }
        }

        return false;
    }

    private static void WriteText(Span<byte> bytes, ref int at, string text)
    {
        bytes[at++] = (byte)text.Length;
        at += Encoding.ASCII.GetBytes(text, bytes[at..]);
    }

    private static bool TryReadText(ReadOnlySpan<byte> bytes, ref int at, [NotNullWhen(true)] out string? text)
    {
        text = null;
        if (at >= bytes.Length || bytes[at] > bytes.Length - at - 1)
        {
            return false;
        }

        text = Encoding.ASCII.GetString(bytes.Slice(at + 1, bytes[at]));
        at += 1 + text.Length;
        return EntityId.IsValid(text);
    }
}
