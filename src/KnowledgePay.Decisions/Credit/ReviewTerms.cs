using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Decisions.Catalogue;

namespace KnowledgePay.Decisions.Credit;

/// <summary>What a person's approval of a reviewed credit lets a checkout draw on.</summary>
/// <param name="AprBasisPoints">Annual percentage rate in basis points, never above the policy's legal rate.</param>
public sealed record ReviewTerms(Money Limit, int AprBasisPoints)
{
    /// <summary>
    /// The terms that an operator named; for what was not named the amount that was asked for, and the rate that the decision had worked out. A decline worked
    /// out none: then it is the loan product's, else that of the band that the score fell into, else that of the riskiest band.
    /// </summary>
    public static Answer<ReviewTerms> Of(ReviewCase review, ReviewAnswer answer, DecisionRecord original, CatalogueSnapshot catalogue, CreditPolicy policy)
    {
        if (answer.Limit is { } limit)
        {
            if (limit.Currency != review.Amount.Currency)
            {
                return Problem.Invalid("/limit/currency", $"must be {review.Amount.Currency}, as in the request.");
            }

            if (limit.MinorUnits <= 0 || limit > review.Amount)
            {
                return Problem.Invalid("/limit/minorUnits", $"must be more than 0 and at most {review.Amount.MinorUnits}, the amount that was asked for.");
            }
        }

        decimal legal = policy.LegalAprBasisPoints / 10_000m;
        if (answer.Apr is { } apr && (apr < 0 || apr > legal))
        {
            return Problem.Invalid("/apr", string.Create(System.Globalization.CultureInfo.InvariantCulture, $"must be 0 to {legal}."));
        }

        return new ReviewTerms(
            answer.Limit ?? review.Amount,
            answer.Apr is { } named ? (int)decimal.Round(named * 10_000m) : Math.Min(policy.LegalAprBasisPoints, RateOf(original, catalogue, policy)));
    }

    private static int RateOf(DecisionRecord original, CatalogueSnapshot catalogue, CreditPolicy policy)
    {
        if (original.Inputs.FirstOrDefault(i => i.Name == "aprBasisPoints").Number is { } decided)
        {
            return (int)decided;
        }

        string? band = Text(original, "band");
        return (Text(original, "productId") is { } product ? catalogue.FindProduct(Text(original, "partnerId"), product)?.Terms.AprBasisPoints : null)
            ?? policy.Bands.FirstOrDefault(b => b.Name == band)?.AprBasisPoints
            ?? policy.Bands.Max(b => b.AprBasisPoints);
    }

    private static string? Text(DecisionRecord record, string name) => record.Inputs.FirstOrDefault(i => i.Name == name).Text;
}
