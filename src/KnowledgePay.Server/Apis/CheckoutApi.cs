using System.Diagnostics;
using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Grains.Hosting;
using KnowledgePay.Server.Access;
using KnowledgePay.Server.Answers;
using KnowledgePay.Server.Documentation;
using KnowledgePay.Server.Hosting;
using KnowledgePay.Server.Idempotency;
using KnowledgePay.Server.Problems;
using KnowledgePay.Server.Requests;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace KnowledgePay.Server.Apis;

/// <summary>Redeems quotes.</summary>
public static class CheckoutApi
{
    public static void MapCheckout(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/v1/checkout", Checkout)
            .RequireAuthorization(Roles.Platform)
            .WithTags("Checkout")
            .Describe(
                "checkOut",
                "Redeem a quote",
                "Places the order that a quote promised, opens the loan of a credit decision and accepts the offers that come with it. "
                + "A quote that is expired, altered, another person's or already used is refused, and nothing is done.")
            .Accepts<CheckoutRequest>("application/json")
            .Idempotent()
            .InLanguages()
            .Produces<CheckoutAnswer>()
            .Refuses(400, 404, 409, 410, 413, 415, 422);

    private static async Task Checkout(
        HttpContext context,
        [FromServices] UserCalls users,
        [FromServices] IQuoteTokens tokens,
        [FromServices] IdempotentRequests idempotent,
        [FromServices] IOptions<HttpLimits> limits)
    {
        using RequestBody body = await RequestBody.ReadJson(context, limits.Value.BodyBytes);
        CheckoutRequest request = body.Object<CheckoutRequest>(DecisionDocuments.Checkout);
        string userId = tokens.UserOf(request.QuoteToken) ?? throw new RequestRefusedException(
            Problem.Invalid("/quoteToken", "is not a quote of this engine, or was altered.") with
            {
                Type = "quote-not-valid",
                Title = "The quote is not valid.",
            });
        if (request.UserId is not null && request.UserId != userId)
        {
            throw new RequestRefusedException(new Problem
            {
                Type = "quote-of-another-user",
                Status = StatusCodes.Status403Forbidden,
                Title = "The quote was made for another person.",
            });
        }

        await idempotent.Run(context, userId, body.Memory, async _ =>
        {
            long started = Stopwatch.GetTimestamp();
            Answer<CheckoutAnswer> answer = await users.Checkout(userId, request);
            AnswerWriter.AddTiming(context, started);
            return PreparedAnswer.Of(context, answer);
        });
    }
}
