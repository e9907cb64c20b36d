using CsCheck;
using KnowledgePay.Contracts;
using KnowledgePay.Decisions.Pricing;

namespace KnowledgePay.Decisions.Tests.Pricing;

public sealed class QuoteTokenTests
{
    private static readonly QuoteKey Key = new(3, Enumerable.Range(0, 32).Select(i => (byte)i).ToArray());
    private static readonly QuoteKey Other = new(4, Enumerable.Range(9, 32).Select(i => (byte)i).ToArray());
    private static readonly QuoteKeys Keys = new(Key, Other);

    private static readonly Gen<string> Ids = Gen.Char["ABCxyz019._:-"].Array[1, 128].Select(c => new string(c));

    private static readonly Gen<QuoteClaims> Claims = Gen.Select(
        Gen.Select(Ids, Ids, Ids), Gen.Select(Gen.ULong, Gen.ULong), Gen.Long[0, Money.LargestMinorUnits], Gen.Long[0, Money.LargestMinorUnits],
        Gen.Int[0, 18], Gen.Bool, Gen.Long[0, 4_000_000_000_000], Gen.Int[0, 86_400_000],
        (ids, quote, a, b, rung, personal, issued, lifetime) => new QuoteClaims
        {
            QuoteId = new UInt128(quote.Item1, quote.Item2),
            UserId = ids.Item1,
            CourseId = ids.Item2,
            DecisionId = ids.Item3,
            Price = PricingWorld.Cny(Math.Min(a, b)),
            ListPrice = PricingWorld.Cny(Math.Max(a, b)),
            Rung = rung,
            Personal = personal,
            IssuedAt = DateTimeOffset.FromUnixTimeMilliseconds(issued),
            ExpiresAt = DateTimeOffset.FromUnixTimeMilliseconds(issued + lifetime),
        });

    internal static QuoteClaims Typical { get; } = new()
    {
        QuoteId = UInt128.MaxValue / 3,
        UserId = "user-1234567890abcdef",
        CourseId = "course-v1:PekingX+04".Replace('+', '.'),
        DecisionId = "0192f3a4b5c67d8e9fa0b1c2d3e4f506",
        Price = PricingWorld.Cny(16_910),
        ListPrice = PricingWorld.Cny(19_900),
        Rung = 3,
        Personal = true,
        IssuedAt = PricingWorld.Noon,
        ExpiresAt = PricingWorld.Noon.AddMinutes(15),
    };

    [Fact]
    public void A_token_says_what_was_signed() =>
        Claims.Sample(claims =>
        {
            string token = QuoteToken.Create(claims, Key);
            Assert.True(QuoteToken.TryRead(token, Keys, out QuoteClaims read, out QuoteTokenFault fault), fault.ToString());
            Assert.Equal(claims, read);
            Assert.InRange(token.Length, 1, QuoteToken.LongestLength);
        });

    [Fact]
    public void A_typical_token_is_short()
    {
        string token = QuoteToken.Create(Typical, Key);
        Assert.InRange(token.Length, 100, 220);
        Assert.Equal("q-55555555555555555555555555555555", Typical.QuoteText);
    }

    [Fact]
    public void Every_changed_character_is_refused()
    {
        const string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_= .\0é";
        string token = QuoteToken.Create(Typical, Key);
        for (int at = 0; at < token.Length; at++)
        {
            foreach (char c in alphabet.Where(c => c != token[at]))
            {
                char[] changed = token.ToCharArray();
                changed[at] = c;
                Assert.False(QuoteToken.TryRead(changed, Keys, out _, out QuoteTokenFault fault));
                Assert.NotEqual(QuoteTokenFault.None, fault);
            }
        }
    }

    [Fact]
    public void Every_cut_and_every_addition_is_refused()
    {
        string token = QuoteToken.Create(Typical, Key);
        for (int length = 0; length < token.Length; length++)
        {
            Assert.False(QuoteToken.TryRead(token.AsSpan(0, length), Keys, out _, out _));
            Assert.False(QuoteToken.TryRead(token.AsSpan(token.Length - length), Keys, out _, out _));
        }

        foreach (string added in (string[])["A", "AAAA", "=", "==", " ", "\n"])
        {
            Assert.False(QuoteToken.TryRead(token + added, Keys, out _, out _));
            Assert.False(QuoteToken.TryRead(added + token, Keys, out _, out _));
        }
    }

    [Fact]
    public void Junk_is_refused_without_an_exception()
    {
        Gen.OneOf(Gen.String, Gen.Char["ABCDEFGH_-09"].Array[0, 800].Select(c => new string(c)), Gen.Byte.Array[0, 600].Select(Convert.ToBase64String))
            .Sample(junk => Assert.False(QuoteToken.TryRead(junk, Keys, out _, out _)), iter: 20_000);
        Assert.False(QuoteToken.TryRead(new string('A', 1_000_000), Keys, out _, out QuoteTokenFault fault));
        Assert.Equal(QuoteTokenFault.Malformed, fault);
    }

    [Fact]
    public void Keys_rotate_and_a_dropped_key_is_refused()
    {
        string old = QuoteToken.Create(Typical, Other);
        Assert.True(QuoteToken.TryRead(old, Keys, out _, out _));
        Assert.False(QuoteToken.TryRead(old, new QuoteKeys(Key), out _, out QuoteTokenFault fault));
        Assert.Equal(QuoteTokenFault.UnknownKey, fault);

        var forged = new QuoteKey(Key.Id, new byte[32]);
        Assert.False(QuoteToken.TryRead(QuoteToken.Create(Typical, forged), Keys, out _, out fault));
        Assert.Equal(QuoteTokenFault.BadSignature, fault);
    }

    [Fact]
    public void What_cannot_be_carried_is_not_signed()
    {
        Assert.Throws<ArgumentException>(() => QuoteToken.Create(Typical with { UserId = "李" }, Key));
        Assert.Throws<ArgumentException>(() => QuoteToken.Create(Typical with { Price = PricingWorld.Cny(20_000) }, Key));
        Assert.Throws<ArgumentException>(() => QuoteToken.Create(Typical with { Price = new Money("USD", 1) }, Key));
        Assert.Throws<ArgumentException>(() => QuoteToken.Create(Typical with { ExpiresAt = Typical.IssuedAt.AddSeconds(-1) }, Key));
        Assert.Throws<ArgumentException>(() => new QuoteKey(1, new byte[31]));
        Assert.Throws<ArgumentException>(() => new QuoteKeys(Key, Key));
    }
}
