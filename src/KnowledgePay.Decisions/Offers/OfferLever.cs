using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Partners;
using KnowledgePay.Decisions.Catalogue;
using KnowledgePay.Decisions.Profiles;
using KnowledgePay.Decisions.Reasons;
using KnowledgePay.Decisions.Rules;

namespace KnowledgePay.Decisions.Offers;

/// <summary>How well a product fits the moment, as a factor, and why.</summary>
internal readonly record struct OfferLever(double Factor, Reason? Reason)
{
    /// <param name="personal">False when nothing of the person may be read.</param>
    public static OfferLever Of(in DecisionContext context, OfferSettings settings, ProductKind kind, CourseEntry? course, bool personal) => kind switch
    {
        ProductKind.Loan => Loan(context, settings, course, personal),
        ProductKind.Insurance => Insurance(settings, course),
        _ => Membership(context, settings, personal),
    };

    private static OfferLever Loan(in DecisionContext context, OfferSettings settings, CourseEntry? course, bool personal)
    {
        if (course is null)
        {
            return new(0.5, null);
        }

        Money price = course.Course.ListPrice;
        double high = settings.HighPriceFen;
        RunningMoments payments = context.Profile.LogPaymentAmount;
        if (personal && payments.Count > 1)
        {
            // Against what the person usually pays, within a factor of five of what is high for anybody.
            double typical = (double)settings.Scale.ToFen(price with { MinorUnits = (long)Math.Min(Math.Exp(payments.Mean), Money.LargestMinorUnits) });
            high = Math.Clamp(typical * settings.HighPriceMultiple, high / 5, high * 5);
        }

        return (double)settings.Scale.ToFen(price) >= high
            ? new(1.5, Reason.Of(ReasonCodes.OfferSpreadsPayment, course.Course.Title))
            : new(0.4, null);
    }

    private static OfferLever Insurance(OfferSettings settings, CourseEntry? course)
    {
        if (course is null)
        {
            return new(0.6, null);
        }

        return settings.Scale.ToFen(course.Course.ListPrice) >= settings.ProtectedPriceFen
            ? new(1.3, Reason.Of(ReasonCodes.OfferProtectsPurchase, course.Course.Title))
            : new(0.8, Reason.Of(ReasonCodes.OfferFitsCourse, course.Course.Title));
    }

    private static OfferLever Membership(in DecisionContext context, OfferSettings settings, bool personal)
    {
        if (!personal)
        {
            return new(1, new Reason(ReasonCodes.OfferForMembers));
        }

        bool frequent = context.Profile.Shelf.Count >= settings.FrequentCourses
            || RuleFeatures.ActivityMonthOf(context.Profile, context.Now) >= settings.FrequentActivity;
        return frequent ? new(1.5, new Reason(ReasonCodes.OfferFitsFrequentLearner)) : new(0.8, new Reason(ReasonCodes.OfferForMembers));
    }
}
