using System.Text.Json;
using KnowledgePay.Client;
using KnowledgePay.Client.Wire;
using KnowledgePay.Contracts.Catalogue;

namespace KnowledgePay.Server.Tests;

public sealed class ClientTests(RunningServer server)
{
    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_quote_that_the_client_gets_is_checked_out_once()
    {
        KnowledgePayClient client = Client("platform");
        var quote = await client.Price("client-buyer", "c3", Ending);
        Assert.Equal(19900, quote.Price.MinorUnits);
        var receipt = await client.Checkout(new() { QuoteToken = quote.QuoteToken, PaymentId = "cp1", Method = "card" }, cancellation: Ending);
        Assert.Equal(quote.Price, receipt.Charged);
        KnowledgePayProblemException again = await Assert.ThrowsAsync<KnowledgePayProblemException>(() =>
            client.Checkout(new() { QuoteToken = quote.QuoteToken, PaymentId = "cp2", Method = "card" }, cancellation: Ending));
        Assert.InRange(again.Status, 409, 410);
        JsonElement export = await client.ExportUser("client-buyer", Ending);
        Assert.Contains(export.GetProperty("events").EnumerateArray(), e => e.GetProperty("type").GetString() == "knowledgepay.order.placed");
        Assert.Contains(
            export.GetProperty("decisions").EnumerateArray(),
            d => d.GetProperty("decisionId").GetString() == quote.DecisionId);
    }

    [Fact]
    public async Task Problems_arrive_as_exceptions_and_what_is_missing_as_null()
    {
        KnowledgePayClient client = Client("platform");
        Assert.Null(await client.GetCourse("nowhere", Ending));
        KnowledgePayProblemException problem = await Assert.ThrowsAsync<KnowledgePayProblemException>(() => client.GetTrending(0, Ending));
        Assert.Equal((422, "invalid-request"), (problem.Status, problem.Slug));
        Assert.True(problem.Errors.ContainsKey("?count"));
        problem = await Assert.ThrowsAsync<KnowledgePayProblemException>(() => Client("other-partner").GetDashboard("p-a", cancellation: Ending));
        Assert.Equal(403, problem.Status);
    }

    [Fact]
    public async Task A_ranking_rule_that_the_client_puts_comes_back_as_it_was_and_goes()
    {
        var client = new KnowledgePayClient(server.Operator, new KnowledgePayClientOptions());
        var rule = new RankingRule
        {
            Id = "of-the-client",
            Name = "Of the client",
            Effect = RankingEffect.Boost,
            Courses = """{"courses":["c3"]}""",
            When = """{"surfaces":["nowhere"]}""",
            Weight = 0.5,
            Label = RankingLabel.Sponsored,
        };
        await client.PutRankingRule(rule, Ending);
        Assert.Equal(new RankingRuleState(rule, 1), await client.GetRankingRule(rule.Id, Ending));
        Assert.Contains(await client.GetRankingRules(Ending), state => state.Rule == rule);
        await client.DeleteRankingRule(rule.Id, Ending);
        Assert.Null(await client.GetRankingRule(rule.Id, Ending));
        await client.DeleteRankingRule(rule.Id, Ending);
    }

    private KnowledgePayClient Client(string role) => new(server.As(role), new KnowledgePayClientOptions { Key = server.Secrets[role] });
}
