using System.Collections.Immutable;
using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Contracts.Events;
using KnowledgePay.Decisions.Credit;
using KnowledgePay.Decisions.Pricing;
using KnowledgePay.Decisions.Profiles;

namespace KnowledgePay.Grains.Users;

/// <summary>The record and the answer of a checkout.</summary>
internal static class CheckoutRecord
{
    private const string OrderPrefix = "ord_";

    private static readonly ModelVersions Versions = new(ImmutableSortedDictionary<string, string>.Empty.Add("price", Pricer.Version));

    public static DecisionRecord Of(
        string decisionId, string userId, long sequence, DateTimeOffset now, in QuoteClaims claims, CheckoutRequest request, OrderPlaced order) => new()
        {
            DecisionId = decisionId,
            Kind = DecisionKind.Checkout,
            UserId = userId,
            At = now,
            UserSequence = sequence,
            ModelVersions = Versions,
            Inputs =
            [
                new("quoteId", claims.QuoteText),
                new("quoteDecisionId", claims.DecisionId),
                new("courseId", claims.CourseId),
                new("quotedMinorUnits", claims.Price.MinorUnits),
                new("listMinorUnits", claims.ListPrice.MinorUnits),
                new("chargedMinorUnits", order.Charged.MinorUnits),
                new("currency", order.Charged.Currency),
                new("quoteIssuedAt", claims.IssuedAt.ToString("O")),
                new("quoteExpiresAt", claims.ExpiresAt.ToString("O")),
                new("personalPrice", claims.Personal ? "true" : "false"),
                new("method", request.Method),
                new("creditDecisionId", request.CreditDecisionId),
                new("loanId", order.Loan?.LoanId),
                new("acceptedOffers", string.Join(',', order.AcceptedOffers.Select(o => o.PartnerId + "/" + o.ProductId))),
            ],
            Candidates = [],
            Reasons = [ReasonOf(order.Loan is not null)],
            Outcome = order.Loan is null ? "paid" : "financed",
        };

    public static CheckoutAnswer Answer(string userId, OrderPlaced order, DecisionRecord record, DateTimeOffset now) => new()
    {
        OrderId = order.OrderId,
        DecisionId = record.DecisionId,
        QuoteId = order.QuoteId,
        UserId = userId,
        CourseId = order.CourseId,
        Charged = order.Charged,
        LoanId = order.Loan?.LoanId,
        Installments = order.Loan is { } loan ? Plan(loan.Principal, loan.AprBasisPoints, loan.TermMonths, now) : [],
        AcceptedOffers = [.. order.AcceptedOffers.Select(o => new AcceptedOffer { PartnerId = o.PartnerId, ProductId = o.ProductId, DecisionId = o.DecisionId })],
        PlacedAt = now,
        Reasons = record.Reasons,
        ModelVersions = Versions,
    };

    /// <summary>The answer to a checkout that was sent again: the order that it placed the first time.</summary>
    public static CheckoutAnswer Answer(string userId, OrderMemory order, UserProfile profile)
    {
        var placed = new DateTimeOffset(order.PlacedTicks, TimeSpan.Zero);
        LoanState? loan = order.LoanId is { } loanId ? profile.Loans?.FirstOrDefault(l => l.LoanId == loanId) : null;
        return new CheckoutAnswer
        {
            OrderId = order.OrderId,
            // An order and the decision that placed it share their address.
            DecisionId = "dec_" + order.OrderId[OrderPrefix.Length..],
            QuoteId = order.QuoteId,
            UserId = userId,
            CourseId = order.CourseId,
            Charged = order.Charged,
            LoanId = order.LoanId,
            Installments = loan is null ? [] : Plan(loan.Principal, loan.AprBasisPoints, loan.TermMonths, placed),
            PlacedAt = placed,
            Reasons = [ReasonOf(order.LoanId is not null)],
            ModelVersions = Versions,
        };
    }

    private static Reason ReasonOf(bool financed) => new(financed ? "checkout-financed" : "checkout-paid");

    private static ImmutableArray<Installment> Plan(Money principal, int aprBasisPoints, int months, DateTimeOffset from) =>
        AmortisationSchedule.Equal(principal, aprBasisPoints, months, DateOnly.FromDateTime(from.UtcDateTime).AddMonths(1));
}
