using System.Diagnostics;
using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Decisions.Catalogue;
using KnowledgePay.Decisions.Pricing;
using KnowledgePay.Decisions.Profiles;
using KnowledgePay.Decisions.Projections;

namespace KnowledgePay.Decisions.Tests.Pricing;

public sealed class PriceBudgetTests(ITestOutputHelper output)
{
    private const int Rounds = 20_000;
    private static readonly PriceRequest Request = new() { UserId = "ann", CourseId = "chess" };

    [Fact]
    public void A_price_decision_allocates_at_most_two_kilobytes()
    {
        var world = new PricingWorld();
        for (int rung = 0; rung <= 8; rung++)
        {
            world.Count(rung, 500, 30 + (rung * 5));
        }

        world.Crowd.Market = [.. Enumerable.Range(0, 8).Select(i => new MarketPrice($"c{i}", PricingWorld.Cny(15_000 + (i * 100)), world.Now.UtcTicks))];
        world.Profile.PriceResponse = new PriceResponse(9, 3, 2, 1, 0, 0);
        world.Profile.Interests = ["cooking", "chess"];
        CatalogueSnapshot catalogue = world.Catalogue();
        DecisionContext context = world.Context(catalogue);
        (double bytes, double micros) decide = Measure(() => Pricer.Decide(context, Request, world.Settings));
        var key = new QuoteKey(1, new byte[32]);
        QuoteClaims claims = QuoteTokenTests.Typical;
        (double bytes, double micros) token = Measure(() => QuoteToken.Create(claims, key));
        output.WriteLine($"decide: {decide.bytes:F0} B, {decide.micros:F2} µs; token: {token.bytes:F0} B, {token.micros:F2} µs");
        Assert.InRange(decide.bytes, 1, 2_048);
        Assert.InRange(token.bytes, 1, 600);
    }

    private static (double Bytes, double Micros) Measure<T>(Func<T> work)
    {
        for (int i = 0; i < Rounds; i++)
        {
            _ = work();
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        long started = Stopwatch.GetTimestamp();
        for (int i = 0; i < Rounds; i++)
        {
            _ = work();
        }

        TimeSpan taken = Stopwatch.GetElapsedTime(started);
        return ((double)(GC.GetAllocatedBytesForCurrentThread() - before) / Rounds, taken.TotalMicroseconds / Rounds);
    }
}
