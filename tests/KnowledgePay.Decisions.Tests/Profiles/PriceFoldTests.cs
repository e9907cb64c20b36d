using CsCheck;
using KnowledgePay.Decisions.Profiles;
using KnowledgePay.Decisions.Projections;

namespace KnowledgePay.Decisions.Tests.Profiles;

public sealed class PriceFoldTests
{
    private readonly FoldedPerson _person = new();

    private UserProfile Profile => _person.Profile;

    [Fact]
    public void The_first_quote_of_a_day_binds_and_a_second_is_not_another_one()
    {
        _person.Does(Happening.Quoted(1, 9_000, rung: 2)).Does(Happening.Quoted(1, 8_000, rung: 4));
        QuoteMemory quote = Assert.Single(Profile.Quotes!);
        Assert.Equal((1, (short)2, Happening.Cny(9_000)), (quote.Course, quote.Rung, quote.Price));
        Assert.Single(_person.AllEffects);
    }

    [Fact]
    public void A_quote_counts_as_let_go_on_the_first_activity_of_a_later_day()
    {
        _person.Does(Happening.Quoted(1, 9_000)).Does(Happening.Viewed(2), 0.2);
        Assert.Equal(0f, Profile.PriceResponse.Seen);
        _person.Does(Happening.Shown(4), 1);
        Assert.Equal(0f, Profile.PriceResponse.Seen);
        _person.Does(Happening.Viewed(2), 1);
        Assert.Equal((1f, 0f, 0.1f), (Profile.PriceResponse.Seen, Profile.PriceResponse.Bought, Profile.PriceResponse.DiscountSeenSum));
        _person.Does(Happening.Viewed(2), 2);
        Assert.InRange(Profile.PriceResponse.Seen, 0.98f, 1f);
    }

    [Fact]
    public void A_quote_that_is_bought_is_seen_and_bought_once()
    {
        _person.Does(Happening.Quoted(1, 8_000)).Does(Happening.Ordered(1, 8_000), 0.1).Does(Happening.Viewed(2), 1);
        PriceResponse p = Profile.PriceResponse;
        Assert.InRange(p.Seen, 0.99f, 1f);
        Assert.InRange(p.Bought, 0.99f, 1f);
        Assert.Equal(0.2, Profile.MeanDiscountBought()!.Value, 1e-4);
        Assert.Equal(0, Profile.FullPriceShare());
        Assert.True(Profile.Quotes![0].Bought);
    }

    [Fact]
    public void A_quote_bought_days_later_is_no_longer_one_let_go()
    {
        _person.Does(Happening.Quoted(1, 8_000)).Does(Happening.Viewed(2), 1).Does(Happening.Ordered(1, 8_000), 1.1);
        PriceResponse p = Profile.PriceResponse;
        Assert.Equal(p.Seen, p.Bought);
        Assert.Equal(p.DiscountSeenSum, p.DiscountBoughtSum);
    }

    [Fact]
    public void An_enrolment_with_a_price_answers_it_against_the_list_price()
    {
        _person.Does(Happening.Enrolled(1, Happening.Cny(7_500)));
        Assert.Equal(0.25, Profile.MeanDiscountBought()!.Value, 1e-5);
        _person.Does(Happening.Enrolled(1, Happening.Cny(7_500)));
        Assert.Equal(1f, Profile.PriceResponse.Bought);
    }

    [Fact]
    public void A_price_in_another_currency_says_nothing_of_a_discount()
    {
        _person.Does(Happening.Enrolled(1, new Contracts.Money("USD", 1)));
        Assert.Equal(default, Profile.PriceResponse);
    }

    [Fact]
    public void Sensitivity_is_even_for_a_stranger_rises_with_bargains_and_falls_with_full_prices()
    {
        Assert.Equal(0.5, new UserProfile().PriceSensitivity(FoldedPerson.Start));
        var bargains = new FoldedPerson();
        var full = new FoldedPerson();
        double low = 0.5, high = 0.5;
        for (int i = 0; i < 6; i++)
        {
            bargains.Does(Happening.Enrolled(i, Happening.Cny(5_000)));
            full.Does(Happening.Enrolled(i, Happening.Cny(10_000)));
            Assert.True(bargains.Profile.PriceSensitivity(FoldedPerson.Start) > high);
            Assert.True(full.Profile.PriceSensitivity(FoldedPerson.Start) < low);
            high = bargains.Profile.PriceSensitivity(FoldedPerson.Start);
            low = full.Profile.PriceSensitivity(FoldedPerson.Start);
        }
    }

    [Fact]
    public void Letting_a_full_price_go_speaks_for_sensitivity_and_letting_a_deep_discount_go_against_it()
    {
        double full = LettingGo(10_000);
        double deep = LettingGo(1_000);
        Assert.True(full > 0.5 && deep < 0.5, $"{full} and {deep}");

        static double LettingGo(long price)
        {
            var person = new FoldedPerson();
            for (int day = 0; day < 5; day++)
            {
                person.Does(Happening.Quoted(day, price, day), day);
            }

            return person.Does(Happening.Viewed(9), 6).Profile.PriceSensitivity(FoldedPerson.At(6));
        }
    }

    [Fact]
    public void Sensitivity_fades_to_even_with_the_years()
    {
        _person.Does(Happening.Enrolled(1, Happening.Cny(1_000))).Does(Happening.Enrolled(2, Happening.Cny(1_000)));
        double now = Profile.PriceSensitivity(FoldedPerson.Start);
        double later = Profile.PriceSensitivity(FoldedPerson.At(90));
        Assert.True(now > later && later > 0.5);
        Assert.Equal(0.5, Profile.PriceSensitivity(FoldedPerson.At(4_000)), 1e-4);
    }

    [Fact]
    public void Sensitivity_is_a_share_for_any_life() => EventGen.Life.Sample(life =>
    {
        var person = new FoldedPerson();
        foreach (StoredEvent e in life)
        {
            person.Apply(person.Profile.Sequence + 1, e);
            Assert.InRange(person.Profile.PriceSensitivity(e.Time), 0, 1);
        }
    }, iter: 100);

    [Fact]
    public void A_new_quote_makes_room_by_letting_the_oldest_go()
    {
        for (int i = 0; i < ProfileFold.QuotesKept + 3; i++)
        {
            _person.Does(Happening.Quoted(i, 9_000));
        }

        Assert.Equal(ProfileFold.QuotesKept, Profile.Quotes!.Length);
        Assert.Equal(3, Profile.Quotes[0].Course);
        Assert.Equal(3f, Profile.PriceResponse.Seen);
        _person.Does(Happening.Viewed(100), 1);
        Assert.Equal(3f + ProfileFold.QuotesKept, Profile.PriceResponse.Seen, 0.5f);
    }

    [Fact]
    public void Every_quote_is_answered_exactly_once() => Gen.Select(Gen.Int[0, 40], Gen.Int[0, 90], Gen.Bool).Array[0, 60].Sample(steps =>
    {
        // Quotes and orders as time goes by; in the end everything that was quoted is either bought or let go.
        var person = new FoldedPerson();
        var quoted = new HashSet<(int, int)>();
        int bought = 0;
        foreach ((int course, int day, bool buys) in steps.OrderBy(s => s.Item2))
        {
            person.Does(Happening.Quoted(course, 9_000, day), day);
            quoted.Add((course, day));
            if (buys && !person.Profile.Shelf.Contains(course))
            {
                person.Does(Happening.Ordered(course, 9_000, $"pay-{course}"), day);
                bought++;
            }
        }

        // Undo the decay: with weights of 2^(-age/90) the sums are at most the counts.
        person.Does(Happening.Viewed(99), 91);
        Assert.InRange(person.Profile.PriceResponse.Seen, 0f, quoted.Count + 0.01f);
        Assert.InRange(person.Profile.PriceResponse.Seen, quoted.Count * 0.45f, float.MaxValue);
        Assert.InRange(person.Profile.PriceResponse.Bought, bought * 0.45f, bought + 0.01f);
    }, iter: 100);

    [Fact]
    public void A_price_quoted_is_told_with_its_rung()
    {
        _person.Does(Happening.Quoted(1, 9_000, rung: 2));
        ProjectionEffect effect = Assert.Single(_person.Effects);
        Assert.Equal((EffectKind.PriceQuoted, 2f, Happening.Cny(9_000)), (effect.Kind, effect.Value, effect.Amount));
    }
}
