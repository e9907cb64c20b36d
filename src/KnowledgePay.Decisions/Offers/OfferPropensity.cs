using KnowledgePay.Decisions.Projections;

namespace KnowledgePay.Decisions.Offers;

/// <summary>How likely a product is accepted: a Beta distribution from what was shown and answered.</summary>
/// <param name="Alpha">1 + accepted.</param>
/// <param name="Beta">Prior + shown and not accepted.</param>
public readonly record struct OfferPropensity(double Alpha, double Beta, long Shown)
{
    public double Mean => Alpha / (Alpha + Beta);

    /// <param name="segment">The person's segment; null for all segments together, which reads nothing of the person.</param>
    /// <param name="prior">Failures to start with, more than 0.</param>
    public static OfferPropensity Of(ProductAggregate? aggregate, byte? segment, double prior)
    {
        if (aggregate is null)
        {
            return new(1, prior, 0);
        }

        long shown = 0;
        long accepted = 0;
        long declined = 0;
        for (int i = 0; i < aggregate.ShownBySegment.Length; i++)
        {
            if (segment is null || segment == i)
            {
                shown += aggregate.ShownBySegment[i];
                accepted += aggregate.AcceptedBySegment[i];
                declined += aggregate.DeclinedBySegment[i];
            }
        }

        // Counters are read while they are written, and an answer may arrive before its showing.
        long failures = Math.Max(Math.Max(shown - accepted, declined), 0);
        return new(1 + Math.Max(0, accepted), prior + failures, Math.Max(shown, accepted + declined));
    }
}
