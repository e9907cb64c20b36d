using System.Globalization;
using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Decisions.Projections;

namespace KnowledgePay.Grains.Projections;

/// <summary>Reads from an offers decision's record for which products its person was eligible.</summary>
public static class OfferEligibility
{
    public const string ProductsInput = "eligibleProducts";
    public const string SegmentInput = "segmentNumber";
    public const string RiskBandInput = "riskBandNumber";

    public static IEnumerable<ProjectionEffect> Effects(DecisionRecord record, long person)
    {
        byte segment = 0;
        byte band = 0;
        string products = "";
        foreach (NamedValue input in record.Inputs)
        {
            switch (input.Name)
            {
                case ProductsInput: products = input.Text ?? ""; break;
                case SegmentInput: segment = (byte)(input.Number ?? 0); break;
                case RiskBandInput: band = (byte)(input.Number ?? 0); break;
            }
        }

        foreach (string ordinal in products.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            yield return new ProjectionEffect
            {
                Kind = EffectKind.OfferEligible,
                Product = int.Parse(ordinal, CultureInfo.InvariantCulture),
                TimeTicks = record.At.UtcTicks,
                Person = person,
                Segment = segment,
                RiskBand = band,
            };
        }
    }
}
