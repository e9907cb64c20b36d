using KnowledgePay.Contracts.Catalogue;

namespace KnowledgePay.Decisions.Pricing;

/// <summary>What is believed of a course's demand before its own quotes speak: independent normal distributions of intercept and slope.</summary>
/// <param name="Intercept">Mean log-odds of a purchase at the reference price.</param>
/// <param name="Slope">Mean fall of the log-odds for a price e times as high.</param>
/// <param name="InterceptPrecision">1 / variance, above 0.</param>
/// <param name="SlopePrecision">1 / variance, above 0.</param>
public readonly record struct DemandPrior(double Intercept, double Slope, double InterceptPrecision, double SlopePrecision)
{
    /// <summary>Standard deviations 1 and 0.5: some fifty quotes outweigh the prior intercept, a few hundred at two prices the slope.</summary>
    private const double DefaultInterceptPrecision = 1;
    private const double DefaultSlopePrecision = 4;

    /// <summary>
    /// The prior of a course's level. The seller's own price is the best first guess of the best price, so the mean slope is the one at which
    /// the reference price maximises the margin: for a logit, slope·(1 − P)·(price − cost)/price = 1 (the Lerner condition). Introductory
    /// courses are taken to be bought more readily and 3 % more elastically, advanced ones less readily and 3 % less.
    /// </summary>
    /// <param name="level">As the catalogue says; unknown levels count as intermediate.</param>
    /// <param name="marginShare">(list − marginal cost)/list; limited to 0.1 to 1.</param>
    public static DemandPrior OfLevel(string? level, double marginShare)
    {
        (double intercept, double elasticity) = level switch
        {
            not null when Is(level, "beginner", "introductory", "elementary", "入门", "初级") => (-2.0, 1.03),
            not null when Is(level, "advanced", "expert", "高级", "专家") => (-2.4, 0.97),
            _ => (-2.2, 1.0),
        };
        return new DemandPrior(intercept, SlopeFor(intercept, elasticity, marginShare), DefaultInterceptPrecision, DefaultSlopePrecision);
    }

    /// <summary>The prior of a course: what was learned for its category where a learned model serves, else its level's.</summary>
    public static DemandPrior OfCourse(Course course, LearnedDemand? learned)
    {
        if (learned is not null)
        {
            return learned.Of(course.Category);
        }

        double list = course.ListPrice.MinorUnits;
        double cost = course.MarginalCost is { } c && c.Currency == course.ListPrice.Currency ? c.MinorUnits : 0;
        return OfLevel(course.Level, list > 0 ? (list - cost) / list : 1);
    }

    private static double SlopeFor(double intercept, double elasticity, double marginShare) =>
        elasticity / ((1 - DemandModel.Probability(intercept)) * Math.Clamp(double.IsFinite(marginShare) ? marginShare : 1, 0.1, 1));

    private static bool Is(string level, params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            if (level.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}
