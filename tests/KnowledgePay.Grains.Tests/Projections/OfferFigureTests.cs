using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Contracts.Events;
using KnowledgePay.Contracts.Grains;
using KnowledgePay.Contracts.Partners;
using KnowledgePay.Contracts.People;
using KnowledgePay.Grains.Catalogue;
using KnowledgePay.Grains.Tests.Decisions;

namespace KnowledgePay.Grains.Tests.Projections;

public sealed class OfferFigureTests(SharedEngine shared)
{
    [Fact]
    public async Task Offers_and_their_answers_move_the_products_figures_each_once()
    {
        await Product("member-1");
        ProductFigures none = await Figures.OfProduct(shared.Engine, "house", "member-1", _ => true);
        Assert.Equal((0L, 0L, 0L, 0L), (none.Eligible, none.Shown, none.Accepted, none.Declined));
        for (int person = 0; person < 6; person++)
        {
            (IUserGrain user, string decision) = await Offered($"offers-1-{person}", "member-1");
            IncomingEvent shown = TestEngine.Event($"offers-1-shown-{person}", new OfferShown { DecisionId = decision, PartnerId = "house", ProductId = "member-1" });
            IncomingEvent answer = TestEngine.Event($"offers-1-answer-{person}", person < 4
                ? new OfferAccepted { DecisionId = decision, PartnerId = "house", ProductId = "member-1" }
                : new OfferDeclined { DecisionId = decision, PartnerId = "house", ProductId = "member-1" });
            await user.Append([shown, answer]);
            await user.Append([answer, shown]);
        }

        ProductFigures figures = await Figures.OfProduct(shared.Engine, "house", "member-1", f => f is { Eligible: 6, Declined: 2 });
        Assert.Equal((6L, 6L, 4L, 2L), (figures.Eligible, figures.Shown, figures.Accepted, figures.Declined));
        Assert.Equal(4.0 / 6, figures.Conversion!.Value, 9);
    }

    [Fact]
    public async Task An_offer_that_comes_with_a_checkout_is_an_acceptance_and_telling_of_it_again_is_none()
    {
        await Product("member-2");
        for (int person = 0; person < 3; person++)
        {
            string id = $"offers-2-{person}";
            (IUserGrain user, string decision) = await Offered(id, "member-2");
            CheckoutRequest request = (await user.Quote(id, "c80")).Checkout(id + "-pay");
            CheckoutAnswer order = (await user.Checkout(request with
            {
                AcceptedOffers = [new AcceptedOffer { PartnerId = "house", ProductId = "member-2", DecisionId = decision }],
            })).Value!;
            Assert.Single(order.AcceptedOffers);
            await user.Append([TestEngine.Event(id + "-accepted", new OfferAccepted { DecisionId = decision, PartnerId = "house", ProductId = "member-2" })]);
        }

        await shared.Engine.CatchUp();
        Assert.Equal(3, (await Figures.OfProduct(shared.Engine, "house", "member-2", f => f.Accepted == 3)).Accepted);
    }

    [Fact]
    public async Task A_bad_request_for_offers_is_refused()
    {
        Answer<OffersAnswer> answer = await shared.Engine.User("offers-3").Offers(new OffersRequest { UserId = "offers-3", Surface = "home", Count = 11 });

        Assert.Equal("invalid-request", answer.Problem!.Type);
    }

    private async Task<(IUserGrain User, string DecisionId)> Offered(string userId, string product)
    {
        IUserGrain user = shared.Engine.User(userId);
        await user.PutConsent(new Consent { PartnerSharing = true });
        OffersAnswer answer = (await user.Offers(new OffersRequest { UserId = userId, Surface = product })).Value!;
        Assert.Equal(product, Assert.Single(answer.Offers).ProductId);
        return (user, answer.DecisionId);
    }

    /// <summary>A membership for everybody, on a surface of its own.</summary>
    private async Task Product(string id)
    {
        ICatalogue catalogue = shared.Engine.Get<ICatalogue>();
        await catalogue.PutPartner(new Partner { Id = "house", Name = "House" }, TestContext.Current.CancellationToken);
        await catalogue.PutProduct(
            new PartnerProduct { Id = id, PartnerId = "house", Kind = ProductKind.Membership, Name = "Membership", Channels = [id] },
            TestContext.Current.CancellationToken);
    }
}
