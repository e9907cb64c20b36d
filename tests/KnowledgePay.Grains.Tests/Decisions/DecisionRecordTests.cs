using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Contracts.Grains;
using KnowledgePay.Contracts.People;
using KnowledgePay.Grains.Hosting;
using KnowledgePay.Grains.Records;
using KnowledgePay.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace KnowledgePay.Grains.Tests.Decisions;

public sealed class DecisionRecordTests(SharedEngine shared)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_kind_of_decision_has_a_record_with_inputs_versions_and_reasons_that_survives_a_restart()
    {
        string data = Directory.CreateTempSubdirectory("kpay-records-").FullName;
        try
        {
            var before = new List<DecisionRecord>();
            await using (TestEngine engine = await TestEngine.Start(data))
            {
                await engine.PutCourses(60);
                foreach (string id in await DecideAll(engine, "record-1"))
                {
                    DecisionRecord? record = await engine.Get<IDecisionRecords>().Find(id, Cancellation);
                    Assert.NotNull(record);
                    Assert.Equal((id, "record-1"), (record.DecisionId, record.UserId));
                    Assert.NotEmpty(record.Inputs);
                    Assert.NotEmpty(record.ModelVersions.ByKind);
                    before.Add(record);
                }
            }

            Assert.Equal(
                [DecisionKind.Recommendation, DecisionKind.Price, DecisionKind.Credit, DecisionKind.Offers, DecisionKind.Checkout],
                before.Select(r => r.Kind).Order());
            await using TestEngine again = await TestEngine.Start(data);
            foreach (DecisionRecord record in before)
            {
                DecisionRecord? kept = await again.Get<IDecisionRecords>().Find(record.DecisionId, Cancellation);
                Assert.Equal(record.Inputs, kept!.Inputs);
                Assert.Equal(record.Rules, kept.Rules);
                Assert.Equal((record.At, record.Outcome, record.UserSequence), (kept.At, kept.Outcome, kept.UserSequence));
                Assert.Equal(record.Candidates.Select(c => (c.Candidate, c.Score)), kept.Candidates.Select(c => (c.Candidate, c.Score)));
            }
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    [Fact]
    public async Task Contributions_of_a_recommendation_add_up_to_its_scores()
    {
        IUserGrain user = shared.Engine.User("record-2");
        await user.Append(TestEngine.Enrolled("c1", "c6"));
        RecommendationAnswer answer = (await user.Recommend(new RecommendationRequest { Count = 5 })).Value!;
        DecisionRecord record = (await shared.Engine.Get<IDecisionRecords>().Find(answer.DecisionId, Cancellation))!;

        foreach (RecommendedItem item in answer.Items)
        {
            CandidateRecord candidate = Assert.Single(record.Candidates, c => c.Candidate == item.CourseId);
            Assert.NotEmpty(candidate.Contributions);
            // "explore" marks a place that was given to be learned from; it adds nothing.
            Assert.Equal(candidate.Score, candidate.Contributions.Where(c => c.Name != "explore").Sum(c => c.Value), 4);
        }
    }

    [Fact]
    public async Task A_decision_that_throws_gives_its_address_up_and_holds_up_no_record()
    {
        await using TestEngine engine = await TestEngine.Start();
        await engine.PutCourses(12);
        IUserGrain user = engine.User("record-3");
        await user.BecomeCreditworthy("record-3");
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await user.Price(new PriceRequest { UserId = "record-3", CourseId = null! }));

        // A record behind an address that nobody fills would not become durable in the time that a call may take.
        Assert.NotNull((await user.Credit("record-3", 10_000)).Value);
    }

    [Fact]
    public async Task What_is_past_its_retention_is_deleted()
    {
        await using TestEngine engine = await TestEngine.Start();
        await engine.PutCourses(12);
        IEngineStore store = engine.Get<IEngineStore>();
        string decision = (await engine.User("record-4").Quote("record-4", "c1")).DecisionId;
        Assert.NotNull(await engine.Get<IDecisionRecords>().Find(decision, Cancellation));
        Assert.True((await store.Idempotency.Begin(1, 2, Cancellation)).Started);
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow.AddDays(8));
        using var housekeeping = new Housekeeping(store, Options.Create(new EngineOptions()), time, NullLogger<Housekeeping>.Instance);
        await housekeeping.StartAsync(Cancellation);

        // An idempotent answer is kept for a week, a decision for two years.
        await UntilTrue(time, async () => (await store.Idempotency.Begin(1, 2, Cancellation)).Started);
        Assert.NotNull(await engine.Get<IDecisionRecords>().Find(decision, Cancellation));
        time.Advance(TimeSpan.FromDays(730));
        await UntilTrue(time, async () => await engine.Get<IDecisionRecords>().Find(decision, Cancellation) is null);
        await housekeeping.StopAsync(Cancellation);
    }

    private static async Task UntilTrue(FakeTimeProvider time, Func<Task<bool>> condition)
    {
        for (int hour = 0; hour < 100; hour++)
        {
            if (await condition())
            {
                return;
            }

            time.Advance(TimeSpan.FromHours(1));
            await Task.Delay(50, Cancellation);
        }

        Assert.Fail("It was not deleted.");
    }

    private static async Task<string[]> DecideAll(TestEngine engine, string id)
    {
        IUserGrain user = engine.User(id);
        await user.BecomeCreditworthy(id);
        await user.PutConsent(new Consent { CreditChecks = true, PersonalPricing = true, PartnerSharing = true });
        RecommendationAnswer list = (await user.Recommend(new RecommendationRequest { Count = 5 })).Value!;
        OffersAnswer offers = (await user.Offers(new OffersRequest { UserId = id, Surface = "home" })).Value!;
        CreditAnswer credit = (await user.Credit(id, 10_000)).Value!;
        PriceAnswer price = await user.Quote(id, "c40");
        CheckoutAnswer order = (await user.Checkout(price.Checkout(id + "-pay", credit.DecisionId))).Value!;
        return [list.DecisionId, offers.DecisionId, credit.DecisionId, price.DecisionId, order.DecisionId];
    }
}
