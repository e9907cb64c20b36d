using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Contracts.Partners;
using KnowledgePay.Decisions.Pricing;
using KnowledgePay.Decisions.Profiles;

namespace KnowledgePay.Decisions.Tests.Pricing;

public sealed class CheckoutRulesTests
{
    private static readonly QuoteClaims Claims = QuoteTokenTests.Typical with { CourseId = "chess", UserId = "ann" };

    private static readonly CreditStanding Approved = new()
    {
        DecisionId = "c-1",
        Outcome = CreditOutcome.Approved,
        Amount = PricingWorld.Cny(20_000),
        TermMonths = 6,
        AprBasisPoints = 1_200,
        ExpiresTicks = PricingWorld.Noon.AddDays(1).UtcTicks,
        PartnerId = "bank",
        ProductId = "loan",
    };

    private readonly PricingWorld _world = new();

    [Fact]
    public void A_good_quote_becomes_an_order_at_its_price()
    {
        CheckoutVerdict verdict = Verify(Request());
        Assert.Null(verdict.Problem);
        Assert.Null(verdict.Earlier);
        Assert.Equal(Claims.Price, verdict.Order!.Charged);
        Assert.Equal((Claims.QuoteText, "pay-1", 3, true), (verdict.Order.QuoteId, verdict.Order.PaymentId, verdict.Order.Rung, verdict.Order.Personal));
        Assert.Null(verdict.Order.Loan);
    }

    [Fact]
    public void A_quote_of_another_person_is_refused() =>
        Refused("quote-not-yours", 403, Request() with { UserId = "bob" }, "/quoteToken");

    [Fact]
    public void A_quote_is_good_until_it_expires()
    {
        _world.Now = Claims.ExpiresAt.AddTicks(-1);
        Assert.Null(Verify(Request()).Problem);
        _world.Now = Claims.ExpiresAt;
        Refused("quote-expired", 409, Request(), "/quoteToken");
    }

    [Fact]
    public void A_quote_is_used_once_and_the_same_payment_finds_its_order()
    {
        var order = new OrderMemory { OrderId = "o-1", QuoteId = Claims.QuoteText, PaymentId = "pay-1", CourseId = "chess", Charged = Claims.Price, PlacedTicks = 1 };
        _world.Profile.Orders = [order];
        _world.Profile.Shelf = new CourseShelf { Ordinals = [PricingWorld.CourseOrdinal], Count = 1 };
        _world.Now = Claims.ExpiresAt.AddDays(1);
        Assert.Same(order, Verify(Request()).Earlier);
        Refused("quote-used", 409, Request() with { PaymentId = "pay-2" }, "/quoteToken");
    }

    [Fact]
    public void A_payment_pays_for_one_order()
    {
        _world.Profile.Orders = [new OrderMemory { OrderId = "o-1", QuoteId = "q-1", PaymentId = "pay-1", CourseId = "go", Charged = Claims.Price, PlacedTicks = 1 }];
        Refused("payment-used", 409, Request(), "/paymentId");
    }

    [Fact]
    public void An_owned_a_withdrawn_and_an_unpublished_course_are_refused()
    {
        _world.Profile.Shelf = new CourseShelf { Ordinals = [PricingWorld.CourseOrdinal], Count = 1 };
        Refused("already-owned", 409, Request());
        _world.Course = _world.Course with { PublishedAt = _world.Now.AddDays(1) };
        Refused("not-published", 409, Request());
        _world.Course = _world.Course with { Id = "go" };
        Refused("course-withdrawn", 409, Request());
    }

    [Theory]
    [InlineData(10_000, 10_000)]
    [InlineData(16_910, 16_910)]
    [InlineData(30_000, 16_910)]
    [InlineData(0, 0)]
    public void The_buyer_pays_the_quote_or_the_list_price_where_that_is_lower(long list, long charged)
    {
        _world.Course = _world.Course with { ListPrice = PricingWorld.Cny(list) };
        Assert.Equal(PricingWorld.Cny(charged), Verify(Request()).Order!.Charged);
    }

    [Fact]
    public void A_change_of_currency_outdates_the_quote()
    {
        _world.Course = _world.Course with { ListPrice = new Money("USD", 3_000) };
        Refused("quote-outdated", 409, Request(), "/quoteToken");
    }

    [Fact]
    public void An_approved_credit_opens_the_loan()
    {
        _world.Profile.Credit = [Approved];
        CheckoutVerdict verdict = Verify(WithCredit());
        Assert.Same(Approved, verdict.Credit);
        Assert.Equal(
            ("loan-1", "c-1", Claims.Price, 6, 1_200, "bank", "loan"),
            (verdict.Order!.Loan!.LoanId, verdict.Order.Loan.DecisionId, verdict.Order.Loan.Principal, verdict.Order.Loan.TermMonths,
                verdict.Order.Loan.AprBasisPoints, verdict.Order.Loan.PartnerId, verdict.Order.Loan.ProductId));
    }

    [Fact]
    public void A_credit_that_does_not_fit_is_refused_for_its_own_reason()
    {
        (CreditStanding Standing, string Type)[] cases =
        [
            (Approved with { DecisionId = "c-2" }, "credit-unknown"),
            (Approved with { Outcome = CreditOutcome.Review }, "credit-not-approved"),
            (Approved with { Outcome = CreditOutcome.Declined }, "credit-not-approved"),
            (Approved with { Used = true }, "credit-used"),
            (Approved with { ExpiresTicks = PricingWorld.Noon.UtcTicks }, "credit-expired"),
            (Approved with { CourseId = "go" }, "credit-other-course"),
            (Approved with { Amount = new Money("USD", 90_000) }, "credit-currency"),
            (Approved with { Amount = PricingWorld.Cny(16_909) }, "credit-too-small"),
        ];
        foreach ((CreditStanding standing, string type) in cases)
        {
            _world.Profile.Credit = [standing];
            Problem problem = Verify(WithCredit()).Problem!;
            Assert.Equal(type, problem.Type);
            Assert.Equal("/creditDecisionId", Assert.Single(problem.Errors.Keys));
        }

        _world.Profile.Credit = [Approved];
        _world.Course = _world.Course with { ListPrice = PricingWorld.Cny(0) };
        Refused("credit-not-needed", 422, WithCredit(), "/creditDecisionId");
    }

    [Fact]
    public void Accepted_offers_must_be_on_offer_and_each_fault_has_its_place()
    {
        _world.Products =
        [
            new PartnerProduct { Id = "plus", PartnerId = "club", Kind = ProductKind.Membership, Name = "Plus" },
            new PartnerProduct { Id = "old", PartnerId = "club", Kind = ProductKind.Membership, Name = "Old", ValidTo = PricingWorld.Noon },
        ];
        AcceptedOffer plus = new() { PartnerId = "club", ProductId = "plus", DecisionId = "d-9" };
        Assert.Equal("d-9", Assert.Single(Verify(Request() with { AcceptedOffers = [plus] }).Order!.AcceptedOffers).DecisionId);

        Problem problem = Refused("offer-not-available", 422, Request() with
        {
            AcceptedOffers = [plus, plus, plus with { PartnerId = "bank" }, plus with { ProductId = "old" }],
        });
        Assert.Equal(["/acceptedOffers/1", "/acceptedOffers/2", "/acceptedOffers/3"], problem.Errors.Keys);
        Refused("invalid-request", 422, Request() with { AcceptedOffers = [.. Enumerable.Repeat(plus, 17)] }, "/acceptedOffers");
    }

    [Fact]
    public void A_token_that_cannot_be_read_has_its_problem() =>
        Assert.Equal(("quote-invalid", 422, "/quoteToken"), (CheckoutRules.Unreadable.Type, CheckoutRules.Unreadable.Status, CheckoutRules.Unreadable.Errors.Keys.Single()));

    private static CheckoutRequest Request() => new() { QuoteToken = "t", PaymentId = "pay-1", Method = "card" };

    private static CheckoutRequest WithCredit() => Request() with { CreditDecisionId = "c-1" };

    private CheckoutVerdict Verify(CheckoutRequest request) =>
        CheckoutRules.Verify(Claims, request, _world.Profile, _world.Catalogue(), _world.Now, "order-1", "loan-1");

    private Problem Refused(string type, int status, CheckoutRequest request, string? pointer = null)
    {
        CheckoutVerdict verdict = Verify(request);
        Assert.Null(verdict.Order);
        Assert.Equal((type, status), (verdict.Problem!.Type, verdict.Problem.Status));
        if (pointer is not null)
        {
            Assert.Contains(pointer, verdict.Problem.Errors.Keys);
        }

        return verdict.Problem;
    }
}
