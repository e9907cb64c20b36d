using System.Text.Json;
using KnowledgePay.Decisions.Credit;
using KnowledgePay.Learning.Files;

namespace KnowledgePay.Server.Models;

/// <summary>A credit scorecard as bytes: JSON with a version, attributes by name, a bound of null for none.</summary>
public static class CreditScorecardFormat
{
    private const int Version = 1;

    public static byte[] Write(CreditScorecard card) => JsonSerializer.SerializeToUtf8Bytes(
        new Stored(Version, card.BasePoints, [.. card.Attributes.Select(attribute => new StoredAttribute(
            attribute.Name,
            attribute.MissingPoints,
            [.. attribute.Bins.Select(bin => new StoredBin(double.IsPositiveInfinity(bin.Below) ? null : bin.Below, bin.Points))]))]),
        JsonSerializerOptions.Web);

    /// <param name="name">What decisions call the card.</param>
    /// <exception cref="InputException">The bytes are no card that this program reads.</exception>
    public static CreditScorecard Read(byte[] bytes, string name)
    {
        try
        {
            Stored stored = JsonSerializer.Deserialize<Stored>(bytes, JsonSerializerOptions.Web)!;
            if (stored.Version != Version)
            {
                throw new InputException($"The stored scorecard has format {stored.Version}; this program reads format {Version}.");
            }

            Dictionary<string, StoredAttribute> byName = stored.Attributes.ToDictionary(attribute => attribute.Name, StringComparer.Ordinal);
            return new CreditScorecard(name, stored.BasePoints,
            [
                .. CreditScorecard.V1.Attributes.Select(model => new ScoreAttribute
                {
                    Attribute = model.Attribute,
                    Name = model.Name,
                    ReasonCode = model.ReasonCode,
                    // An attribute that came after the card was learned tells it nothing.
                    Bins = byName.TryGetValue(model.Name, out StoredAttribute? own) ? [.. own.Bins.Select(bin => new ScoreBin(bin.Below ?? double.PositiveInfinity, bin.Points))] : [new ScoreBin(double.PositiveInfinity, 0)],
                    MissingPoints = own?.MissingPoints ?? 0,
                }),
            ]);
        }
        catch (Exception wrong) when (wrong is JsonException or ArgumentException or NullReferenceException)
        {
            throw new InputException("The stored bytes are no scorecard that this program reads.");
        }
    }

    private sealed record Stored(int Version, int BasePoints, StoredAttribute[] Attributes);

    private sealed record StoredAttribute(string Name, int MissingPoints, StoredBin[] Bins);

    private sealed record StoredBin(double? Below, int Points);
}
