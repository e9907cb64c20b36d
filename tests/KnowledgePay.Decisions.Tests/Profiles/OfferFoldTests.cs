using KnowledgePay.Contracts.Events;
using KnowledgePay.Decisions.Profiles;
using KnowledgePay.Decisions.Projections;

namespace KnowledgePay.Decisions.Tests.Profiles;

public sealed class OfferFoldTests
{
    private readonly FoldedPerson _person = new();

    private OfferMemory Memory => Assert.Single(_person.Profile.Offers!);

    [Fact]
    public void Shown_accepted_and_declined_are_counted_by_product_with_their_times()
    {
        _person.Does(Happening.Shown(4), 1).Does(Happening.Shown(4), 0.5).Does(Happening.Declined(4), 2).Does(Happening.Accepted(4, "d-2"), 3);
        Assert.Equal((4, (short)2, (short)1, (short)1), (Memory.Product, Memory.Shown, Memory.Accepted, Memory.Declined));
        Assert.Equal(FoldedPerson.At(1).UtcTicks, Memory.LastShownTicks);
        Assert.Equal(FoldedPerson.At(3).UtcTicks, Memory.LastAnswerTicks);
        Assert.Equal([EffectKind.OfferShown, EffectKind.OfferShown, EffectKind.OfferDeclined, EffectKind.OfferAccepted], _person.AllEffects.Select(e => e.Kind));
    }

    [Fact]
    public void An_order_and_an_event_of_the_same_acceptance_count_once()
    {
        var reference = new ProductReference { PartnerId = "x", ProductId = "p4", DecisionId = "d-1", Revenue = Happening.Cny(300) };
        _person.Does(Happening.Ordered(1, 9_000, "pay-1", null, reference)).Does(Happening.Accepted(4, "d-1"));
        Assert.Equal(1, Memory.Accepted);
        ProjectionEffect effect = Assert.Single(_person.AllEffects, e => e.Kind == EffectKind.OfferAccepted);
        Assert.Equal((4, Happening.Cny(300)), (effect.Product, effect.Amount));
    }

    [Fact]
    public void Acceptances_of_different_decisions_are_two()
    {
        _person.Does(Happening.Accepted(4, "d-1")).Does(Happening.Accepted(4, "d-2"));
        Assert.Equal(2, Memory.Accepted);
    }

    [Fact]
    public void An_offer_of_a_product_that_nobody_knows_is_passed_over()
    {
        _person.Does(Happening.Shown(4), facts: EventFacts.None);
        Assert.Null(_person.Profile.Offers);
        Assert.Empty(_person.AllEffects);
    }

    [Fact]
    public void The_product_touched_longest_ago_gives_way()
    {
        for (int i = 0; i < ProfileFold.OffersKept; i++)
        {
            _person.Does(Happening.Shown(i), i);
        }

        _person.Does(Happening.Declined(0), 100).Does(Happening.Shown(500), 101);
        Assert.Equal(ProfileFold.OffersKept, _person.Profile.Offers!.Length);
        Assert.Contains(_person.Profile.Offers, o => o.Product == 0);
        Assert.DoesNotContain(_person.Profile.Offers, o => o.Product == 1);
    }

    [Fact]
    public void Counters_stop_at_their_end()
    {
        _person.Profile.Offers = [new OfferMemory(4, short.MaxValue, short.MaxValue, short.MaxValue, 1, 1)];
        _person.Profile.Views = int.MaxValue;
        _person.Does(Happening.Shown(4)).Does(Happening.Accepted(4)).Does(Happening.Declined(4)).Does(Happening.Viewed(1));
        Assert.Equal((short.MaxValue, short.MaxValue, short.MaxValue), (Memory.Shown, Memory.Accepted, Memory.Declined));
        Assert.Equal(int.MaxValue, _person.Profile.Views);
    }

    [Fact]
    public void Effects_carry_where_the_person_stood_before_the_event()
    {
        _person.Does(Happening.Consents(personalisation: false)).Does(Happening.ChargedBack(5)).Does(Happening.Shown(4));
        ProjectionEffect effect = Assert.Single(_person.Effects);
        Assert.Equal((Segments.Unprofiled, RiskBands.High), (effect.Segment, effect.RiskBand));
        _person.Does(Happening.Consents()).Does(Happening.Shown(4), 60);
        Assert.Equal((Segments.Newcomer, RiskBands.Low), (_person.Effects[0].Segment, _person.Effects[0].RiskBand));
    }
}
