namespace KnowledgePay.Contracts.Events;

/// <summary>The CloudEvents <c>type</c> of each event that comes in from outside.</summary>
public static class EventTypes
{
    public const string Prefix = "knowledgepay.";

    public const string UserProfiled = Prefix + "user.profiled";
    public const string UserSocialLinked = Prefix + "user.socialLinked";
    public const string CourseViewed = Prefix + "course.viewed";
    public const string CourseEnrolled = Prefix + "course.enrolled";
    public const string CourseProgressed = Prefix + "course.progressed";
    public const string CourseCompleted = Prefix + "course.completed";
    public const string CourseRated = Prefix + "course.rated";
    public const string CourseCommented = Prefix + "course.commented";
    public const string PaymentAttempted = Prefix + "payment.attempted";
    public const string PaymentRefunded = Prefix + "payment.refunded";
    public const string PaymentChargedBack = Prefix + "payment.chargedBack";
    public const string LoanInstallmentPaid = Prefix + "loan.installmentPaid";
    public const string LoanInstallmentMissed = Prefix + "loan.installmentMissed";
    public const string LoanDefaulted = Prefix + "loan.defaulted";
    public const string PolicyClaimed = Prefix + "policy.claimed";
    public const string OfferShown = Prefix + "offer.shown";
    public const string OfferAccepted = Prefix + "offer.accepted";
    public const string OfferDeclined = Prefix + "offer.declined";
    public const string MarketPriceObserved = Prefix + "market.priceObserved";

    /// <summary>The type of an event; the engine's own events have types of the same form that nobody may send.</summary>
    public static string NameOf(EventData data) => data switch
    {
        Events.UserProfiled => UserProfiled,
        Events.UserSocialLinked => UserSocialLinked,
        Events.CourseViewed => CourseViewed,
        Events.CourseEnrolled => CourseEnrolled,
        Events.CourseProgressed => CourseProgressed,
        Events.CourseCompleted => CourseCompleted,
        Events.CourseRated => CourseRated,
        Events.CourseCommented => CourseCommented,
        Events.PaymentAttempted => PaymentAttempted,
        Events.PaymentRefunded => PaymentRefunded,
        Events.PaymentChargedBack => PaymentChargedBack,
        Events.LoanInstallmentPaid => LoanInstallmentPaid,
        Events.LoanInstallmentMissed => LoanInstallmentMissed,
        Events.LoanDefaulted => LoanDefaulted,
        Events.PolicyClaimed => PolicyClaimed,
        Events.OfferShown => OfferShown,
        Events.OfferAccepted => OfferAccepted,
        Events.OfferDeclined => OfferDeclined,
        Events.MarketPriceObserved => MarketPriceObserved,
        ConsentChanged => Prefix + "consent.changed",
        PriceQuoted => Prefix + "price.quoted",
        CreditDecided => Prefix + "credit.decided",
        OffersDecided => Prefix + "offers.decided",
        OrderPlaced => Prefix + "order.placed",
        _ => throw new ArgumentOutOfRangeException(nameof(data), data.GetType().Name, "An event without a type name."),
    };
}
