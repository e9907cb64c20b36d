using System.Collections.Immutable;

namespace KnowledgePay.Decisions.Reasons;

/// <summary>Every reason code that the engine gives. Codes are stable; their sentences are in <see cref="ReasonTexts"/>.</summary>
public static class ReasonCodes
{
    // Recommendation: why a course stands where it does.
    /// <summary>Argument: title of the person's course.</summary>
    public const string BecauseYouTook = "because-you-took";
    /// <summary>People whose courses are like the person's took it.</summary>
    public const string PeopleLikeYou = "people-like-you";
    /// <summary>People who took the course whose page asks took it. Argument: that course's title.</summary>
    public const string PeopleAlsoTook = "people-also-took";
    /// <summary>Argument: title of the course it is like.</summary>
    public const string SimilarTo = "similar-to";
    public const string Trending = "trending";
    public const string Popular = "popular";
    public const string New = "new";
    /// <summary>Argument: the category.</summary>
    public const string InCategory = "in-category";
    public const string Exploration = "exploration";
    /// <summary>Matches declared interests or the person's taste.</summary>
    public const string Interest = "interest";
    /// <summary>Comes after a course that the person took. Argument: that course's title.</summary>
    public const string FollowsOn = "follows-on";
    /// <summary>Must be taken before a course that the person wants. Argument: that course's title.</summary>
    public const string LeadsTo = "leads-to";
    /// <summary>Teaches a concept that the person follows, or one next to it. Argument: the concept.</summary>
    public const string RelatedConcept = "related-concept";
    /// <summary>Many people of the declared region took it. Argument: the region.</summary>
    public const string PopularInRegion = "popular-in-region";
    /// <summary>Chosen by the platform's editors (a ranking rule).</summary>
    public const string EditorsChoice = "editors-choice";
    /// <summary>Somebody pays for the place (a ranking rule).</summary>
    public const string Sponsored = "sponsored";
    /// <summary>Of the whole list: made for this person.</summary>
    public const string Personalised = "personalised";
    /// <summary>Of the whole list: the person has not consented to personalisation.</summary>
    public const string NotPersonalised = "not-personalised";
    /// <summary>Of the whole list: nothing is known of the person yet.</summary>
    public const string Newcomer = "newcomer";

    // Paths.
    public const string PathNeededFor = "path-needed-for";
    public const string PathGoal = "path-goal";

    // Price.
    public const string PriceStandard = "price-standard";
    public const string PriceList = "price-list";
    public const string PricePersonal = "price-personal";
    public const string PriceMarket = "price-market";
    public const string PriceNoConsent = "price-no-consent";
    public const string PriceFloor = "price-floor";
    public const string PriceSameDay = "price-same-day";

    // Credit.
    public const string CreditApproved = "credit-approved";
    public const string CreditUnderAge = "credit-under-age";
    public const string CreditAgeUnconfirmed = "credit-age-unconfirmed";
    public const string CreditLoanDefaulted = "credit-loan-defaulted";
    public const string CreditChargebacks = "credit-chargebacks";
    public const string CreditMissedPayments = "credit-missed-payments";
    public const string CreditProductNotEligible = "credit-product-not-eligible";
    public const string CreditShortHistory = "credit-short-history";
    public const string CreditFewPurchases = "credit-few-purchases";
    public const string CreditLowSpend = "credit-low-spend";
    public const string CreditPaymentFailures = "credit-payment-failures";
    public const string CreditRefunds = "credit-refunds";
    public const string CreditPaymentRisk = "credit-payment-risk";
    public const string CreditNoLoanHistory = "credit-no-loan-history";
    public const string CreditLowCompletion = "credit-low-completion";
    public const string CreditLowActivity = "credit-low-activity";
    public const string CreditOpenExposure = "credit-open-exposure";
    public const string CreditIncome = "credit-income";
    public const string CreditAmountAboveLimit = "credit-amount-above-limit";
    public const string CreditInstallmentUnaffordable = "credit-installment-unaffordable";
    public const string CreditReviewBorderline = "credit-review-borderline";
    public const string CreditReviewThinFile = "credit-review-thin-file";
    public const string CreditReviewed = "credit-reviewed";

    // Offer.
    public const string OfferFitsFrequentLearner = "offer-fits-frequent-learner";
    public const string OfferForMembers = "offer-membership";
    public const string OfferSpreadsPayment = "offer-spreads-payment";
    public const string OfferProtectsPurchase = "offer-protects-purchase";
    public const string OfferPopularWithPeers = "offer-popular-with-peers";
    public const string OfferFitsCourse = "offer-fits-course";
    public const string OfferPersonalPremium = "offer-personal-premium";
    public const string OfferGeneral = "offer-general";
    public const string OfferEligible = "offer-eligible";
    public const string OfferNoConsent = "offer-no-consent";
    public const string OfferNone = "offer-none";

    // Checkout.
    public const string CheckoutPaid = "checkout-paid";
    public const string CheckoutFinanced = "checkout-financed";

    /// <summary>All of them, in ordinal order.</summary>
    public static ImmutableArray<string> All => ReasonTexts.Codes;
}
