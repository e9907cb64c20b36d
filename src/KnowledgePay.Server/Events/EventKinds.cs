using KnowledgePay.Contracts.Events;

namespace KnowledgePay.Server.Events;

/// <summary>The event types that come in from outside, as a number to switch on.</summary>
public enum EventKind : byte
{
    Unknown = 0,
    UserProfiled,
    UserSocialLinked,
    CourseViewed,
    CourseEnrolled,
    CourseProgressed,
    CourseCompleted,
    CourseRated,
    CourseCommented,
    PaymentAttempted,
    PaymentRefunded,
    PaymentChargedBack,
    LoanInstallmentPaid,
    LoanInstallmentMissed,
    LoanDefaulted,
    PolicyClaimed,
    OfferShown,
    OfferAccepted,
    OfferDeclined,
    MarketPriceObserved,
}

/// <summary>Which type a text names.</summary>
public static class EventKinds
{
    /// <summary>All types, in the order of <see cref="EventKind"/> from 1.</summary>
    public static readonly string[] Types =
    [
        EventTypes.UserProfiled, EventTypes.UserSocialLinked, EventTypes.CourseViewed, EventTypes.CourseEnrolled, EventTypes.CourseProgressed,
        EventTypes.CourseCompleted, EventTypes.CourseRated, EventTypes.CourseCommented, EventTypes.PaymentAttempted, EventTypes.PaymentRefunded,
        EventTypes.PaymentChargedBack, EventTypes.LoanInstallmentPaid, EventTypes.LoanInstallmentMissed, EventTypes.LoanDefaulted,
        EventTypes.PolicyClaimed, EventTypes.OfferShown, EventTypes.OfferAccepted, EventTypes.OfferDeclined, EventTypes.MarketPriceObserved,
    ];

    private static readonly byte[][] Utf8Types = Array.ConvertAll(Types, System.Text.Encoding.ASCII.GetBytes);

    public static EventKind Of(ReadOnlySpan<byte> type)
    {
        for (int i = 0; i < Utf8Types.Length; i++)
        {
            if (type.SequenceEqual(Utf8Types[i]))
            {
                return (EventKind)(i + 1);
            }
        }

        return EventKind.Unknown;
    }

    /// <summary>True for the types whose subject is a course rather than a person.</summary>
    public static bool IsAboutCourse(EventKind kind) => kind == EventKind.MarketPriceObserved;
}
