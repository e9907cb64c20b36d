using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Contracts.Grains;
using KnowledgePay.Contracts.People;
using KnowledgePay.Grains.Records;
using KnowledgePay.Storage;

namespace KnowledgePay.Grains.Tests.Decisions;

public sealed class PriceTests(SharedEngine shared)
{
    private readonly TestEngine _engine = shared.Engine;

    [Fact]
    public async Task A_person_gets_one_price_a_course_and_day_also_when_asking_at_once()
    {
        IUserGrain user = _engine.User("price-1");
        await user.PutConsent(new Consent { PersonalPricing = true });
        PriceAnswer[] quotes = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => user.Quote("price-1", "c20")));

        Assert.Single(quotes.Select(q => q.Price).Distinct());
        Assert.Equal(20, quotes.Select(q => q.QuoteId).Distinct().Count());
        Assert.Equal(quotes[0].Price, (await user.Quote("price-1", "c20")).Price);
        Assert.All(quotes, q => Assert.True(q.Price <= q.ListPrice));
    }

    [Fact]
    public async Task Without_consent_the_price_is_the_standard_one_that_everybody_gets()
    {
        PriceAnswer one = await _engine.User("price-2").Quote("price-2", "c21");
        PriceAnswer other = await _engine.User("price-3").Quote("price-3", "c21");

        Assert.False(one.Personalised);
        Assert.Equal(one.Price, other.Price);
        Assert.Equal(new Money("CNY", 10_000), one.ListPrice);
    }

    [Fact]
    public async Task A_quote_is_redeemed_once_and_the_course_is_then_owned()
    {
        IUserGrain user = _engine.User("price-4");
        PriceAnswer quote = await user.Quote("price-4", "c22");
        CheckoutAnswer order = (await user.Checkout(quote.Checkout("price-4-pay"))).Value!;

        Assert.Equal(quote.Price, order.Charged);
        Assert.Equal(quote.QuoteId, order.QuoteId);
        Assert.Contains((await user.View()).Value!.Courses, c => c.CourseId == "c22");
        Assert.Equal("quote-used", (await user.Checkout(quote.Checkout("price-4-other"))).Problem!.Type);
        Assert.Equal("payment-used", (await user.Checkout((await user.Quote("price-4", "c23")).Checkout("price-4-pay"))).Problem!.Type);
    }

    [Fact]
    public async Task A_checkout_that_is_sent_again_gets_the_order_that_it_placed()
    {
        IUserGrain user = _engine.User("price-5");
        CheckoutRequest request = (await user.Quote("price-5", "c24")).Checkout("price-5-pay");
        CheckoutAnswer[] answers = [.. (await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ => await user.Checkout(request)))).Select(a => a.Value!)];

        Assert.Single(answers.Select(a => a.OrderId).Distinct());
        Assert.Single(answers.Select(a => a.DecisionId).Distinct());
        Assert.Equal(answers[0].OrderId, (await user.Checkout(request)).Value!.OrderId);
        Assert.NotNull(await _engine.Get<IDecisionRecords>().Find(answers[0].DecisionId, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_repeated_checkout_puts_an_order_that_is_missing_into_the_ledger()
    {
        IUserGrain user = _engine.User("price-6");
        CheckoutRequest request = (await user.Quote("price-6", "c25")).Checkout("price-6-pay");
        CheckoutAnswer order = (await user.Checkout(request)).Value!;
        IDocumentStore documents = _engine.Get<IEngineStore>().Documents;
        string row = await _engine.Get<Ledger>().KeyOf(order.OrderId, TestContext.Current.CancellationToken);
        byte[] kept = (await documents.Find(Ledger.Kind, row, TestContext.Current.CancellationToken))!.Body;
        // As if the process had died between the order and the ledger.
        await documents.Put(Ledger.Kind, [new DocumentWrite(row, [])], TestContext.Current.CancellationToken);

        await user.Checkout(request);
        Assert.Equal(kept, (await documents.Find(Ledger.Kind, row, TestContext.Current.CancellationToken))!.Body);
    }

    [Fact]
    public async Task An_altered_quote_is_refused()
    {
        IUserGrain user = _engine.User("price-7");
        PriceAnswer quote = await user.Quote("price-7", "c26");
        char[] token = quote.QuoteToken.ToCharArray();
        for (int i = 0; i < token.Length; i += 7)
        {
            char was = token[i];
            token[i] = was == 'A' ? 'B' : 'A';
            Assert.Equal("quote-invalid", (await user.Checkout(quote.Checkout("price-7-pay") with { QuoteToken = new string(token) })).Problem!.Type);
            token[i] = was;
        }

        Assert.NotNull((await user.Checkout(quote.Checkout("price-7-pay"))).Value);
    }

    [Fact]
    public async Task Another_persons_quote_is_refused()
    {
        PriceAnswer quote = await _engine.User("price-8").Quote("price-8", "c27");

        Assert.Equal("quote-not-yours", (await _engine.User("price-9").Checkout(quote.Checkout("price-9-pay"))).Problem!.Type);
    }

    [Fact]
    public async Task An_expired_quote_is_refused()
    {
        var time = new ShiftedTime();
        await using TestEngine engine = await TestEngine.Start(null, time);
        await engine.PutCourses(3);
        IUserGrain user = engine.User("price-10");
        PriceAnswer quote = await user.Quote("price-10", "c1");
        PriceAnswer second = await user.Quote("price-10", "c2");
        CheckoutRequest redeemed = second.Checkout("price-10-second");
        string orderId = (await user.Checkout(redeemed)).Value!.OrderId;
        time.Advance(quote.ExpiresAt - time.GetUtcNow() + TimeSpan.FromSeconds(1));

        Assert.Equal("quote-expired", (await user.Checkout(quote.Checkout("price-10-pay"))).Problem!.Type);
        Assert.Equal(orderId, (await user.Checkout(redeemed)).Value!.OrderId);
        time.Advance(TimeSpan.FromDays(1));
        Assert.NotNull((await user.Checkout((await user.Quote("price-10", "c1")).Checkout("price-10-pay"))).Value);
    }
}
