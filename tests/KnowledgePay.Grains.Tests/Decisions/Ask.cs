using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Contracts.Events;
using KnowledgePay.Contracts.Grains;
using KnowledgePay.Contracts.People;

namespace KnowledgePay.Grains.Tests.Decisions;

/// <summary>What several tests ask of a person's grain, in the words of the field.</summary>
internal static class Ask
{
    public static async Task<PriceAnswer> Quote(this IUserGrain user, string userId, string course)
    {
        Answer<PriceAnswer> answer = await user.Price(new PriceRequest { UserId = userId, CourseId = course });
        Assert.Null(answer.Problem);
        return answer.Value!;
    }

    public static CheckoutRequest Checkout(this PriceAnswer quote, string payment, string? credit = null) =>
        new() { QuoteToken = quote.QuoteToken, PaymentId = payment, Method = "card", CreditDecisionId = credit };

    public static ValueTask<Answer<CreditAnswer>> Credit(this IUserGrain user, string userId, long minorUnits) =>
        user.Credit(new CreditRequest { UserId = userId, Amount = new Money("CNY", minorUnits), TermMonths = 6 });

    /// <summary>An adult of middle income with two years of paid courses, who lets credit be checked.</summary>
    public static async Task BecomeCreditworthy(this IUserGrain user, string userId)
    {
        DateTimeOffset since = DateTimeOffset.UtcNow.AddYears(-2);
        var events = new List<IncomingEvent>
        {
            TestEngine.Event(userId + "-profile", new UserProfiled { BirthYear = 1990, IncomeBand = "middle", Education = "bachelor", Occupation = "engineer" }, since),
        };
        for (int i = 0; i < 10; i++)
        {
            DateTimeOffset at = since.AddDays(70 * i);
            events.Add(TestEngine.Event($"{userId}-enrol-{i}", new CourseEnrolled { CourseId = $"c{i}", Price = new Money("CNY", 10_000) }, at));
            events.Add(TestEngine.Event(
                $"{userId}-paid-{i}",
                new PaymentAttempted { PaymentId = $"{userId}-p{i}", Amount = new Money("CNY", 10_000), Method = "card", DeviceId = "phone", Outcome = PaymentOutcome.Succeeded },
                at));
            events.Add(TestEngine.Event($"{userId}-done-{i}", new CourseCompleted { CourseId = $"c{i}" }, at.AddDays(20)));
        }

        await user.Append([.. events]);
        await user.PutConsent(new Consent { CreditChecks = true });
    }
}
