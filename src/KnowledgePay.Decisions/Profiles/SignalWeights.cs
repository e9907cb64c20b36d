namespace KnowledgePay.Decisions.Profiles;

/// <summary>How much each kind of event says about taste: the factor of the course's vector, category and concepts in the person's decayed sums.</summary>
/// <remarks>
/// <list type="table">
/// <item><term>viewed</term><description>0.1, and up to 0.4 with the time on the page (whole at two minutes)</description></item>
/// <item><term>price asked</term><description>0.3</description></item>
/// <item><term>enrolled</term><description>1</description></item>
/// <item><term>ordered</term><description>1.2: paid for</description></item>
/// <item><term>progressed</term><description>0.5 × the part of the course that is new</description></item>
/// <item><term>completed</term><description>0.6</description></item>
/// <item><term>rated</term><description>(stars − 3) ⁄ 2: from −1.25 at half a star over 0 at three to 1 at five</description></item>
/// <item><term>commented</term><description>0.5 × sentiment, −0.5 to 0.5</description></item>
/// <item><term>refunded, charged back</term><description>−1, where the payment's course is known</description></item>
/// </list>
/// The numbers are a prior of ours, ordered by what the act costs the person; an enrolment is the unit.
/// </remarks>
public static class SignalWeights
{
    public const float PriceAsked = 0.3f;
    public const float Enrolled = 1f;
    public const float Ordered = 1.2f;
    public const float Completed = 0.6f;
    public const float Refunded = -1f;

    /// <summary>Seconds on a page from which more time says no more.</summary>
    public const double WholeViewSeconds = 120;

    public static float Viewed(double? seconds) =>
        seconds is > 0 and var s ? 0.1f + (0.3f * (float)(Math.Min(s, WholeViewSeconds) / WholeViewSeconds)) : 0.1f;

    /// <param name="newPart">The part of the course that was studied since what was known before, 0–1.</param>
    public static float Progressed(float newPart) => 0.5f * newPart;

    /// <param name="stars">0.5–5.</param>
    public static float Rated(double stars) => (float)((stars - 3) / 2);

    /// <param name="sentiment">−1 to 1.</param>
    public static float Commented(float sentiment) => 0.5f * sentiment;
}
