using System.Collections.Immutable;
using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Contracts.Events;
using KnowledgePay.Decisions.Catalogue;
using KnowledgePay.Decisions.Profiles;

namespace KnowledgePay.Decisions.Pricing;

/// <summary>What a checkout comes to: exactly one of a problem, an order that was placed earlier, or a new order.</summary>
/// <param name="Problem">Why it is refused.</param>
/// <param name="Earlier">The order of this quote and payment, when the checkout was sent again.</param>
/// <param name="Order">The event to make durable before the answer leaves.</param>
/// <param name="Credit">The credit decision that the order draws on; its plan's instalments are for the caller to make.</param>
public readonly record struct CheckoutVerdict(Problem? Problem, OrderMemory? Earlier, OrderPlaced? Order, CreditStanding? Credit);

/// <summary>Whether a quote can be redeemed, by whom, and for how much.</summary>
public static class CheckoutRules
{
    /// <summary>Offers that one checkout may accept.</summary>
    public const int OffersMax = 16;

    private const string CreditPointer = "/creditDecisionId";

    /// <summary>The problem of a token that cannot be read: 422 at <c>/quoteToken</c>. It does not say how the token was altered.</summary>
    public static Problem Unreadable { get; } = At("quote-invalid", 422, "The quote is not valid.", "/quoteToken", "is not a quote of this engine, or was altered");

    /// <summary>The problem of a credit that this person does not have: 422 at <c>/creditDecisionId</c>.</summary>
    public static Problem UnknownCredit { get; } = At("credit-unknown", 422, "There is no such credit decision.", CreditPointer, "is not a credit decision of this person");

    /// <summary>Judges a checkout of a quote whose token was read. Time is the engine's; a quote is good until, not at, its expiry.</summary>
    /// <param name="claims">From <see cref="QuoteToken.TryRead"/>.</param>
    /// <param name="profile">The profile of the person that the quote names.</param>
    /// <param name="orderId">Id for the order, if one is placed.</param>
    /// <param name="loanId">Id for the loan, if one is opened.</param>
    /// <remarks>
    /// The person is charged the quoted price, or the list price where that has fallen below it since.
    /// A repeated (quote, payment) is answered with its earlier order whatever has happened since.
    /// </remarks>
    public static CheckoutVerdict Verify(
        in QuoteClaims claims, CheckoutRequest request, UserProfile profile, CatalogueSnapshot catalogue, DateTimeOffset now, string orderId, string loanId)
    {
        if (request.UserId is { } asker && asker != claims.UserId)
        {
            return Refused(At("quote-not-yours", 403, "The quote is another person's.", "/quoteToken", "was made for another person"));
        }

        string quoteId = claims.QuoteText;
        foreach (OrderMemory order in profile.Orders ?? [])
        {
            if (order.QuoteId == quoteId)
            {
                return order.PaymentId == request.PaymentId
                    ? new CheckoutVerdict(null, order, null, null)
                    : Refused(At("quote-used", 409, "The quote was used already.", "/quoteToken", "was redeemed by another payment"));
            }

            if (order.PaymentId == request.PaymentId)
            {
                return Refused(At("payment-used", 409, "The payment paid for another order.", "/paymentId", "belongs to an earlier order"));
            }
        }

        if (now >= claims.ExpiresAt)
        {
            return Refused(At("quote-expired", 409, "The quote has expired.", "/quoteToken", $"expired at {claims.ExpiresAt.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}"));
        }

        if (catalogue.FindCourse(claims.CourseId) is not { } entry)
        {
            return Refused(Problem.Conflict("course-withdrawn", "The course is not on sale any more.", $"Course '{claims.CourseId}' is not in the catalogue."));
        }

        if (!entry.IsPublished(now))
        {
            return Refused(PriceProblems.NotPublished(claims.CourseId));
        }

        if (profile.Shelf.Contains(entry.Ordinal))
        {
            return Refused(PriceProblems.AlreadyOwned(claims.CourseId));
        }

        Money list = entry.Course.ListPrice;
        if (list.Currency != claims.Price.Currency)
        {
            return Refused(At("quote-outdated", 409, "The course is sold in another currency now.", "/quoteToken", $"is in {claims.Price.Currency}; the course is sold in {list.Currency}"));
        }

        Money charged = list < claims.Price ? list : claims.Price;
        CreditStanding? credit = null;
        if (request.CreditDecisionId is { } creditId)
        {
            if (CheckCredit(profile.Credit, creditId, charged, claims.CourseId, now, out credit) is { } refusal)
            {
                return Refused(refusal);
            }
        }

        if (CheckOffers(request.AcceptedOffers, catalogue, now) is { } offersProblem)
        {
            return Refused(offersProblem);
        }

        return new CheckoutVerdict(null, null, OrderOf(claims, request, quoteId, orderId, loanId, charged, credit), credit);
    }

    private static OrderPlaced OrderOf(
        in QuoteClaims claims, CheckoutRequest request, string quoteId, string orderId, string loanId, Money charged, CreditStanding? credit) => new()
        {
            CourseId = claims.CourseId,
            OrderId = orderId,
            QuoteId = quoteId,
            PaymentId = request.PaymentId,
            Method = request.Method,
            Charged = charged,
            ListPrice = claims.ListPrice,
            Rung = claims.Rung,
            Personal = claims.Personal,
            Loan = credit is null
                ? null
                : new LoanOpened
                {
                    LoanId = loanId,
                    DecisionId = credit.DecisionId,
                    Principal = charged,
                    TermMonths = credit.TermMonths,
                    AprBasisPoints = credit.AprBasisPoints,
                    PartnerId = credit.PartnerId,
                    ProductId = credit.ProductId,
                },
            AcceptedOffers = request.AcceptedOffers.IsDefaultOrEmpty
                ? []
                : [.. request.AcceptedOffers.Select(o => new ProductReference { PartnerId = o.PartnerId, ProductId = o.ProductId, DecisionId = o.DecisionId })],
        };

    private static Problem? CheckCredit(CreditStanding[]? standings, string id, Money charged, string courseId, DateTimeOffset now, out CreditStanding? credit)
    {
        credit = standings is null ? null : Array.Find(standings, s => s.DecisionId == id);
        return credit switch
        {
            null => UnknownCredit,
            { Outcome: not CreditOutcome.Approved } => At("credit-not-approved", 409, "The credit was not approved.", CreditPointer, "was not approved"),
            { Used: true } => At("credit-used", 409, "The credit was used already.", CreditPointer, "already pays for another order"),
            _ when now.UtcTicks >= credit.ExpiresTicks => At("credit-expired", 409, "The credit decision has expired.", CreditPointer, "has expired"),
            _ when credit.CourseId is { } bound && bound != courseId =>
                At("credit-other-course", 422, "The credit was approved for another course.", CreditPointer, $"was approved for course '{bound}'"),
            _ when credit.Amount.Currency != charged.Currency =>
                At("credit-currency", 422, "The credit is in another currency.", CreditPointer, $"is in {credit.Amount.Currency}; the order is in {charged.Currency}"),
            _ when charged.MinorUnits == 0 => At("credit-not-needed", 422, "There is nothing to pay.", CreditPointer, "cannot pay for an order that costs nothing"),
            _ when credit.Amount < charged => At("credit-too-small", 409, "The credit does not cover the order.", CreditPointer, $"covers {credit.Amount}; the order is {charged}"),
            _ => null,
        };
    }

    private static Problem? CheckOffers(ImmutableArray<AcceptedOffer> offers, CatalogueSnapshot catalogue, DateTimeOffset now)
    {
        if (offers.IsDefaultOrEmpty)
        {
            return null;
        }

        if (offers.Length > OffersMax)
        {
            return Problem.Invalid("/acceptedOffers", $"has {offers.Length} entries; at most {OffersMax} were expected");
        }

        var errors = ImmutableSortedDictionary<string, ImmutableArray<string>>.Empty;
        for (int i = 0; i < offers.Length; i++)
        {
            AcceptedOffer offer = offers[i];
            string? fault = catalogue.FindProduct(offer.PartnerId, offer.ProductId) is not { } product
                ? $"names no product: partner '{offer.PartnerId}', product '{offer.ProductId}'"
                : !product.IsValid(now) ? "is not on offer at this time"
                : IsRepeated(offers, i) ? "is there twice"
                : null;
            if (fault is not null)
            {
                errors = errors.Add($"/acceptedOffers/{i}", [fault]);
            }
        }

        return errors.IsEmpty
            ? null
            : new Problem { Type = "offer-not-available", Status = 422, Title = "An accepted offer is not available.", Errors = errors };
    }

    private static bool IsRepeated(ImmutableArray<AcceptedOffer> offers, int index)
    {
        for (int i = 0; i < index; i++)
        {
            if (offers[i].PartnerId == offers[index].PartnerId && offers[i].ProductId == offers[index].ProductId)
            {
                return true;
            }
        }

        return false;
    }

    private static CheckoutVerdict Refused(Problem problem) => new(problem, null, null, null);

    private static Problem At(string type, int status, string title, string pointer, string message) => new()
    {
        Type = type,
        Status = status,
        Title = title,
        Detail = $"{pointer} {message}.",
        Errors = ImmutableSortedDictionary<string, ImmutableArray<string>>.Empty.Add(pointer, [message]),
    };
}
