using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Decisions;

namespace KnowledgePay.Client.Wire;

/// <summary>The body of a checkout.</summary>
internal sealed record CheckoutBody(
    string QuoteToken,
    string PaymentId,
    string Method,
    string? CreditDecisionId,
    IReadOnlyList<AcceptedOffer> AcceptedOffers,
    string? UserId);

internal sealed record ReviewAnswerBody(CreditOutcome Outcome, string Note, Money? Limit, decimal? Apr);

internal sealed record ReviewRequestBody(string DecisionId, string? Statement);

internal sealed record OffersBody(string UserId, string Surface, string? CourseId, int? Count);

internal sealed record CreditBody(string UserId, Money Amount, int TermMonths, string? ProductId, string? CourseId, string? PartnerId);
