using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Contracts.Events;
using KnowledgePay.Contracts.Grains;
using KnowledgePay.Contracts.People;
using KnowledgePay.Grains.Records;
using KnowledgePay.Storage;

namespace KnowledgePay.Grains.Tests.Decisions;

public sealed class CreditTests(SharedEngine shared)
{
    private readonly TestEngine _engine = shared.Engine;

    [Fact]
    public async Task Credit_needs_consent_and_a_refusal_leaves_no_standing()
    {
        IUserGrain user = _engine.User("credit-1");
        await user.Append(TestEngine.Enrolled("c30"));

        Assert.Equal("consent-required", (await user.Credit("credit-1", 10_000)).Problem!.Type);
        Assert.Equal(1, (await user.View()).Value!.Sequence);
    }

    [Fact]
    public async Task The_record_of_a_credit_decision_is_read_by_its_id()
    {
        IUserGrain user = _engine.User("credit-2");
        await user.BecomeCreditworthy("credit-2");
        CreditAnswer answer = (await user.Credit("credit-2", 10_000)).Value!;
        DecisionRecord record = await Record(answer.DecisionId);

        Assert.Equal(CreditOutcome.Approved, answer.Outcome);
        Assert.Equal("approved", record.Outcome);
        Assert.Equal("credit-2", record.UserId);
        Assert.Equal(DecisionKind.Credit, record.Kind);
        Assert.Contains(record.Inputs, i => i.Name == "termMonths" && i.Number == 6);
        Assert.NotEmpty(record.Rules);
        CandidateRecord candidate = Assert.Single(record.Candidates);
        Assert.Equal(answer.Score, candidate.Score);
        Assert.Equal(candidate.Score, candidate.Contributions.Sum(c => c.Value), 6);
    }

    [Fact]
    public async Task An_approved_credit_pays_for_one_order()
    {
        IUserGrain user = _engine.User("credit-3");
        await user.BecomeCreditworthy("credit-3");
        string credit = (await user.Credit("credit-3", 10_000)).Value!.DecisionId;
        CheckoutAnswer order = (await user.Checkout((await user.Quote("credit-3", "c31")).Checkout("credit-3-a", credit))).Value!;

        Assert.NotNull(order.LoanId);
        Assert.Equal(6, order.Installments.Length);
        Assert.Equal(order.Charged.MinorUnits, order.Installments.Sum(i => i.Principal.MinorUnits));
        Assert.Equal("credit-used", (await user.Checkout((await user.Quote("credit-3", "c32")).Checkout("credit-3-b", credit))).Problem!.Type);
    }

    [Fact]
    public async Task An_approval_without_a_record_is_drawn_by_no_checkout()
    {
        // An engine of its own: its records are deleted, which leaves what a crash between the event's commit and the record's would.
        await using TestEngine engine = await TestEngine.Start();
        await engine.PutCourses(40);
        IUserGrain user = engine.User("credit-9");
        await user.BecomeCreditworthy("credit-9");
        string credit = (await user.Credit("credit-9", 10_000)).Value!.DecisionId;
        PriceAnswer quote = await user.Quote("credit-9", "c31");
        Assert.NotEqual(0, await engine.Get<IEngineStore>().Decisions.DeleteBefore(DateTimeOffset.MaxValue, TestContext.Current.CancellationToken));

        Problem refused = (await user.Checkout(quote.Checkout("credit-9-a", credit))).Problem!;

        Assert.Equal("credit-unknown", refused.Type);
        Assert.Contains("/creditDecisionId", refused.Errors.Keys);
        // Not paid by credit, the order is placed.
        Assert.NotNull((await user.Checkout(quote.Checkout("credit-9-b"))).Value);
    }

    [Fact]
    public async Task Two_credits_asked_for_at_once_do_not_both_use_the_same_limit()
    {
        IUserGrain first = _engine.User("credit-10"), second = _engine.User("credit-11");
        await first.BecomeCreditworthy("credit-10");
        await second.BecomeCreditworthy("credit-11");
        long limit = (await first.Credit(For("credit-10", 10_000, "c36"))).Value!.Limit!.Value.MinorUnits;

        CreditAnswer[] answers = [.. (await Task.WhenAll(
            second.Credit(For("credit-11", limit * 3 / 5, "c36")).AsTask(),
            second.Credit(For("credit-11", limit * 3 / 5, "c37")).AsTask())).Select(answer => answer.Value!)];

        Assert.Single(answers, answer => answer.Outcome == CreditOutcome.Approved);

        static CreditRequest For(string user, long minorUnits, string course) =>
            new() { UserId = user, Amount = new Money("CNY", minorUnits), TermMonths = 6, CourseId = course };
    }

    [Fact]
    public async Task One_credit_pays_for_one_order_also_when_two_checkouts_race()
    {
        IUserGrain user = _engine.User("credit-4");
        await user.BecomeCreditworthy("credit-4");
        string credit = (await user.Credit("credit-4", 10_000)).Value!.DecisionId;
        PriceAnswer[] quotes = [await user.Quote("credit-4", "c33"), await user.Quote("credit-4", "c34")];
        Answer<CheckoutAnswer>[] answers = await Task.WhenAll(quotes.Select(async (q, i) => await user.Checkout(q.Checkout($"credit-4-{i}", credit))));

        Assert.Single(answers, a => a.Value?.LoanId is not null);
        Assert.Single(answers, a => a.Problem?.Type == "credit-used");
    }

    [Fact]
    public async Task A_review_is_answered_by_an_operator_and_changes_what_can_be_drawn()
    {
        (IUserGrain user, CreditAnswer asked) = await Reviewed("credit-5");
        PriceAnswer quote = await user.Quote("credit-5", "c35");
        Assert.Equal("credit-not-approved", (await user.Checkout(quote.Checkout("credit-5-a", asked.DecisionId))).Problem!.Type);
        Assert.Contains(await _engine.Get<IReviewQueue>().List("open", 10_000, TestContext.Current.CancellationToken), c => c.ReviewId == asked.ReviewId);

        ReviewCase answered = (await user.AnswerReview(asked.ReviewId!, Approve, "operator-7")).Value!;

        Assert.Equal(("approved", "operator-7"), (answered.Status, answered.AnsweredBy));
        Assert.NotNull((await user.Checkout(quote.Checkout("credit-5-a", asked.DecisionId))).Value!.LoanId);
        Override by = Assert.Single((await Record(asked.DecisionId)).Overrides);
        Assert.Equal(("operator-7", "approved", "known customer"), (by.By, by.Outcome, by.Note));
    }

    [Fact]
    public async Task The_same_review_answer_again_leaves_one_record_and_another_answer_is_refused()
    {
        (IUserGrain user, CreditAnswer asked) = await Reviewed("credit-6");
        await Task.WhenAll(Enumerable.Range(0, 4).Select(async _ => Assert.NotNull((await user.AnswerReview(asked.ReviewId!, Approve, "operator-1")).Value)));
        await user.AnswerReview(asked.ReviewId!, Approve, "operator-2");

        Answer<ReviewCase> other = await user.AnswerReview(asked.ReviewId!, new ReviewAnswer { Outcome = CreditOutcome.Declined, Note = "no" }, "operator-3");
        Assert.Equal("review-answered", other.Problem!.Type);
        var reviews = new List<DecisionRecord>();
        await foreach (DecisionRecord record in _engine.Get<IDecisionRecords>().OfUser("credit-6", TestContext.Current.CancellationToken))
        {
            if (record.Kind == DecisionKind.Review)
            {
                reviews.Add(record);
            }
        }

        Assert.Equal("operator-1", Assert.Single(Assert.Single(reviews).Overrides).By);
    }

    [Fact]
    public async Task Another_persons_review_cannot_be_answered()
    {
        (_, CreditAnswer asked) = await Reviewed("credit-7");

        Assert.Equal("not-found", (await _engine.User("credit-8").AnswerReview(asked.ReviewId!, Approve, "operator-1")).Problem!.Type);
    }

    private static ReviewAnswer Approve => new() { Outcome = CreditOutcome.Approved, Note = "known customer" };

    /// <summary>A person whose file is too thin for a machine to approve CNY 500 alone.</summary>
    private async Task<(IUserGrain User, CreditAnswer Answer)> Reviewed(string userId)
    {
        IUserGrain user = _engine.User(userId);
        await user.Append([TestEngine.Event(userId + "-profile", new UserProfiled { BirthYear = 1990, IncomeBand = "high", Education = "bachelor", Occupation = "engineer" })]);
        await user.PutConsent(new Consent { CreditChecks = true });
        CreditAnswer answer = (await user.Credit(userId, 50_000)).Value!;
        Assert.Equal(CreditOutcome.Review, answer.Outcome);
        return (user, answer);
    }

    private async Task<DecisionRecord> Record(string decisionId)
    {
        DecisionRecord? record = await _engine.Get<IDecisionRecords>().Find(decisionId, TestContext.Current.CancellationToken);
        Assert.NotNull(record);
        return record;
    }
}
