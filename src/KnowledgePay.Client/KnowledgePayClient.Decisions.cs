using System.Globalization;
using System.Text.Json;
using KnowledgePay.Client.Retrying;
using KnowledgePay.Client.Wire;
using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Decisions;

namespace KnowledgePay.Client;

public sealed partial class KnowledgePayClient
{
    /// <summary><c>GET /v1/users/{id}/recommendations</c>.</summary>
    /// <param name="count">1–100.</param>
    /// <param name="courseId">The course whose page asks.</param>
    /// <param name="surface">Where the list is shown.</param>
    public Task<RecommendationList> Recommend(string userId, int count = 10, string? courseId = null, string? surface = null, CancellationToken cancellation = default) =>
        Get(
            $"v1/users/{Escape(userId)}/recommendations{Query(("count", count.ToString(CultureInfo.InvariantCulture)), ("courseId", courseId), ("surface", surface))}",
            WireJson.Default.RecommendationList,
            cancellation);

    /// <summary><c>POST /v1/decisions/price</c>. Repeating is harmless: a person sees one price for a course on a day.</summary>
    public Task<PriceQuote> Price(string userId, string courseId, CancellationToken cancellation = default) =>
        Post("v1/decisions/price", new PriceRequest { UserId = userId, CourseId = courseId }, WireJson.Default.PriceRequest, WireJson.Default.PriceQuote, RepeatSafety.Harmless, null, cancellation);

    /// <summary><c>POST /v1/decisions/credit</c>.</summary>
    /// <param name="idempotencyKey">Names this application for good; made by the client for the retries of this call when absent.</param>
    public Task<CreditDecision> Credit(CreditRequest request, string? idempotencyKey = null, CancellationToken cancellation = default) =>
        Post(
            "v1/decisions/credit",
            new CreditBody(request.UserId, request.Amount, request.TermMonths, request.ProductId, request.CourseId, request.PartnerId),
            WireJson.Default.CreditBody,
            WireJson.Default.CreditDecision,
            RepeatSafety.Harmless,
            idempotencyKey ?? NewIdempotencyKey(),
            cancellation);

    /// <summary><c>POST /v1/decisions/offers</c>. Repeating is harmless: an offer counts when <c>offer.shown</c> says so.</summary>
    /// <param name="count">1–10; null leaves the server's choice.</param>
    public Task<OfferList> Offers(string userId, string surface, string? courseId = null, int? count = null, CancellationToken cancellation = default) =>
        Post("v1/decisions/offers", new OffersBody(userId, surface, courseId, count), WireJson.Default.OffersBody, WireJson.Default.OfferList, RepeatSafety.Harmless, null, cancellation);

    /// <summary><c>POST /v1/checkout</c>: redeems a quote.</summary>
    /// <param name="idempotencyKey">Names this checkout for good; made by the client for the retries of this call when absent.</param>
    public Task<CheckoutReceipt> Checkout(CheckoutRequest request, string? idempotencyKey = null, CancellationToken cancellation = default) =>
        Post(
            "v1/checkout",
            new CheckoutBody(request.QuoteToken, request.PaymentId, request.Method, request.CreditDecisionId, request.AcceptedOffers.IsDefault ? [] : request.AcceptedOffers, request.UserId),
            WireJson.Default.CheckoutBody,
            WireJson.Default.CheckoutReceipt,
            RepeatSafety.Harmless,
            idempotencyKey ?? NewIdempotencyKey(),
            cancellation);

    /// <summary><c>GET /v1/decisions/{id}</c>: the record as the server keeps it.</summary>
    public Task<JsonElement> GetDecision(string decisionId, CancellationToken cancellation = default) =>
        Get($"v1/decisions/{Escape(decisionId)}", WireJson.Default.JsonElement, cancellation);

    /// <summary><c>GET /v1/reviews</c>: credit cases that wait for a person.</summary>
    public Task<IReadOnlyList<CreditReview>> GetReviews(CancellationToken cancellation = default) =>
        GetList("v1/reviews", WireJson.Default.CreditReview, cancellation);

    /// <summary><c>POST /v1/reviews</c>: puts a declined credit before a person; asked again it is the same case.</summary>
    /// <param name="statement">What the person has to say, up to 2,000 characters.</param>
    public Task<CreditReview> AskReview(string decisionId, string? statement = null, string? idempotencyKey = null, CancellationToken cancellation = default) =>
        Post(
            "v1/reviews",
            new ReviewRequestBody(decisionId, statement),
            WireJson.Default.ReviewRequestBody,
            WireJson.Default.CreditReview,
            RepeatSafety.Harmless,
            idempotencyKey ?? NewIdempotencyKey(),
            cancellation);

    /// <summary><c>GET /v1/reviews?decisionId=</c>: the case of a credit decision, or null when it has none.</summary>
    public async Task<CreditReview?> GetReview(string decisionId, CancellationToken cancellation = default) =>
        (await GetList($"v1/reviews?decisionId={Escape(decisionId)}", WireJson.Default.CreditReview, cancellation).ConfigureAwait(false)).FirstOrDefault();

    /// <summary><c>POST /v1/reviews/{id}/answer</c>.</summary>
    /// <param name="note">Why, 1–2,000 characters.</param>
    /// <param name="limit">For an approval: how much of the amount; all of it when left out.</param>
    /// <param name="apr">For an approval: annual percentage rate as a fraction; what the engine would have asked when left out.</param>
    public Task<CreditReview> AnswerReview(
        string reviewId, CreditOutcome outcome, string note, string? idempotencyKey = null, Money? limit = null, decimal? apr = null, CancellationToken cancellation = default) =>
        Post(
            $"v1/reviews/{Escape(reviewId)}/answer",
            new ReviewAnswerBody(outcome, note, limit, apr),
            WireJson.Default.ReviewAnswerBody,
            WireJson.Default.CreditReview,
            RepeatSafety.Harmless,
            idempotencyKey ?? NewIdempotencyKey(),
            cancellation);
}
