namespace KnowledgePay.Server.Tests;

/// <summary>Quotes that are late, changed, used or another's, on a clock that the test moves.</summary>
public sealed class QuotesTests
{
    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_quote_is_good_until_it_expires_and_its_order_after_that()
    {
        var clock = new MovedClock();
        await using var server = new RunningServer { Clock = clock };
        await server.InitializeAsync();
        Reply first = await Quote(server, "quoted-1", "c1"), second = await Quote(server, "quoted-1", "c2");
        DateTimeOffset expires = first["expiresAt"].GetDateTimeOffset();
        Assert.True(expires > clock.GetUtcNow());

        clock.Moved = expires - TimeProvider.System.GetUtcNow() - TimeSpan.FromSeconds(30);
        Reply order = await CheckOut(server, first, "in-time");
        Assert.True(order.Status == 200, order.Body.ToString());
        clock.Moved += TimeSpan.FromSeconds(60);
        (await CheckOut(server, second, "too-late")).IsProblem(409, "quote-expired", "/quoteToken");

        // The payment that placed the order gets it again; another payment does not.
        Reply again = await CheckOut(server, first, "in-time");
        Assert.Equal((200, order["orderId"].GetString()), (again.Status, again["orderId"].GetString()));
        (await CheckOut(server, first, "another")).IsProblem(409, "quote-used", "/quoteToken");

        // A new quote can be asked for, and nothing was charged for the late one.
        Reply fresh = await Quote(server, "quoted-1", "c2");
        Assert.Equal(200, (await CheckOut(server, fresh, "fresh")).Status);
        (await CheckOut(server, await Quote(server, "quoted-1", "c3"), "fresh")).IsProblem(409, "payment-used", "/paymentId");
    }

    [Fact]
    public async Task Every_changed_character_of_a_token_is_noticed_and_another_person_s_is_refused()
    {
        var clock = new MovedClock();
        await using var server = new RunningServer { Clock = clock };
        await server.InitializeAsync();
        Reply quote = await Quote(server, "quoted-2", "c1");
        string token = quote["quoteToken"].GetString()!;
        for (int at = 0; at < token.Length; at++)
        {
            // The last character of base64url may hold bits that are not read; a change in those must be refused as well.
            char other = token[at] == 'A' ? 'B' : 'A';
            Reply refused = await Send(server, token[..at] + other + token[(at + 1)..], "changed-" + at, null);
            Assert.True(refused.Status == 422, $"{at}: {refused.Status} {refused.Body}");
        }

        foreach (string broken in (string[])[token[..^1], token + "A", token + token, ".", new string('A', token.Length)])
        {
            Assert.Equal(422, (await Send(server, broken, "broken", null)).Status);
        }

        (await Send(server, token, "theirs", "quoted-3")).IsProblem(403, "quote-of-another-user");
        Assert.Equal(200, (await Send(server, token, "mine", "quoted-2")).Status);
    }

    private static async Task<Reply> Quote(RunningServer server, string user, string course)
    {
        Reply quote = await Reply.Of(server.As("platform").PostAsync("/v1/decisions/price", RunningServer.Json($$"""{"userId":"{{user}}","courseId":"{{course}}"}"""), Ending));
        Assert.True(quote.Status == 200, quote.Body.ToString());
        return quote;
    }

    private static Task<Reply> CheckOut(RunningServer server, Reply quote, string payment) => Send(server, quote["quoteToken"].GetString()!, payment, null);

    private static Task<Reply> Send(RunningServer server, string token, string payment, string? user) => Reply.Of(server.As("platform").PostAsync(
        "/v1/checkout",
        RunningServer.Json($$"""{"quoteToken":"{{token}}","paymentId":"{{payment}}","method":"card"{{(user is null ? "" : $",\"userId\":\"{user}\"")}}}"""),
        Ending));
}
