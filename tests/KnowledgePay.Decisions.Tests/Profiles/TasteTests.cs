using CsCheck;
using KnowledgePay.Contracts.Events;
using KnowledgePay.Decisions.Catalogue;
using KnowledgePay.Decisions.Profiles;

namespace KnowledgePay.Decisions.Tests.Profiles;

public sealed class TasteTests
{
    [Fact]
    public void Taste_is_the_decayed_sum_of_unit_vectors_whatever_the_order() =>
        Gen.Select(Gen.Int[0, 50], Gen.Int[0, 200]).Array[1, 30].Sample(enrolments =>
        {
            var person = new FoldedPerson();
            double last = enrolments.Max(e => e.Item2);
            double[] expected = new double[CourseVectors.Dimensions];
            foreach ((int course, int day) in enrolments)
            {
                person.Does(Happening.Enrolled(course), day);
                sbyte[] codes = FoldedPerson.VectorOf(course);
                double length = Math.Sqrt(codes.Sum(c => (double)c * c));
                for (int d = 0; d < codes.Length; d++)
                {
                    expected[d] += Math.Pow(2, -(last - day) / 45) * codes[d] / length;
                }
            }

            for (int d = 0; d < expected.Length; d++)
            {
                Assert.Equal(expected[d], person.Profile.Taste![d], 1e-3);
            }
        }, iter: 100);

    [Fact]
    public void Each_signal_moves_taste_by_its_weight()
    {
        (EventData Data, float Weight)[] signals =
        [
            (Happening.Viewed(3), 0.1f), (Happening.Viewed(3, 60), 0.25f), (Happening.Viewed(3, 120), 0.4f), (Happening.Viewed(3, 5_000), 0.4f),
            (Happening.Quoted(3, 9_000), 0.3f), (Happening.Enrolled(3), 1f), (Happening.Ordered(3, 9_000), 1.2f), (Happening.Progressed(3, 0.4), 0.2f),
            (Happening.Completed(3), 0.6f), (Happening.Rated(3, 5), 1f), (Happening.Rated(3, 0.5), -1.25f), (Happening.Commented(3), 0.25f),
        ];
        sbyte[] codes = FoldedPerson.VectorOf(3);
        double length = Math.Sqrt(codes.Sum(c => (double)c * c));
        Assert.All(signals, signal =>
        {
            float[] taste = new FoldedPerson().Does(signal.Data).Profile.Taste!;
            Assert.Equal(signal.Weight * codes[0] / length, taste[0], 1e-5);
            Assert.Equal(signal.Weight * codes[63] / length, taste[63], 1e-5);
        });
    }

    [Fact]
    public void Three_stars_say_nothing_of_taste() => Assert.Null(new FoldedPerson().Does(Happening.Rated(3, 3)).Profile.Taste);

    [Fact]
    public void A_refund_takes_the_taste_for_its_course_back()
    {
        var person = new FoldedPerson().Does(Happening.Enrolled(3));
        person.Does(Happening.Refunded(100), facts: FoldedPerson.FactsOfCourse(3));
        Assert.All(person.Profile.Taste!, v => Assert.Equal(0f, v, 1e-5));
        Assert.Equal(0, person.Profile.Categories.WeightOf(3, FoldedPerson.Start.UtcTicks));
    }

    [Fact]
    public void Taste_grows_with_repeats_but_every_step_is_bounded() => EventGen.Life.Sample(life =>
    {
        var person = new FoldedPerson();
        float[] before = new float[CourseVectors.Dimensions];
        foreach (StoredEvent e in life)
        {
            person.Apply(person.Profile.Sequence + 1, e);
            float[] after = person.Profile.Taste ?? new float[CourseVectors.Dimensions];
            double grown = Norm(after) - Norm(before);
            Assert.True(grown <= 2.001, $"{e.Data.GetType().Name} moved taste by {grown}");
            before = [.. after];
        }

        static double Norm(float[] v) => Math.Sqrt(v.Sum(x => (double)x * x));
    }, iter: 100);

    [Fact]
    public void A_course_without_a_vector_leaves_taste_alone()
    {
        var person = new FoldedPerson().Does(Happening.Enrolled(3), facts: FoldedPerson.FactsOfCourse(3) with { Vector = new sbyte[64] });
        person.Does(Happening.Enrolled(4), facts: FoldedPerson.FactsOfCourse(4) with { Vector = [] });
        Assert.Null(person.Profile.Taste);
        Assert.Equal(2, person.Profile.Categories.Terms.Length);
    }

    [Fact]
    public void Categories_and_concepts_gain_by_each_event_and_fade_with_sixty_days()
    {
        var person = new FoldedPerson().Does(Happening.Enrolled(3)).Does(Happening.Viewed(3, 200));
        long ticks = FoldedPerson.Start.UtcTicks;
        Assert.Equal(1.4, person.Profile.Categories.WeightOf(3, ticks), 1e-5);
        Assert.Equal(1.4, person.Profile.Concepts.WeightOf(103, ticks), 1e-5);
        Assert.Equal(0.7, person.Profile.Categories.WeightOf(3, FoldedPerson.At(60).UtcTicks), 1e-5);
        Assert.Equal(0, person.Profile.Categories.WeightOf(4, ticks));
    }

    [Fact]
    public void Affinities_are_decayed_sums_whatever_the_order() => Gen.Select(Gen.Int[0, 6], Gen.Int[0, 300]).Array[1, 40].Sample(enrolments =>
    {
        var person = new FoldedPerson();
        foreach ((int course, int day) in enrolments)
        {
            person.Does(Happening.Enrolled(course), day);
        }

        for (int category = 0; category < 7; category++)
        {
            double expected = enrolments.Where(e => e.Item1 % 7 == category).Sum(e => Math.Pow(2, -(300.0 - e.Item2) / 60));
            Assert.Equal(expected, person.Profile.Categories.WeightOf(category, FoldedPerson.At(300).UtcTicks), 1e-3);
        }
    }, iter: 100);

    [Fact]
    public void A_full_list_of_terms_keeps_the_strong_and_lets_a_lasting_interest_in()
    {
        var affinities = new TermAffinities();
        affinities.Settle(1);
        for (int term = 0; term < 16; term++)
        {
            affinities.Add(term, 5 + term, 16);
        }

        affinities.Add(99, 1, 16);
        Assert.Equal(-1, Array.IndexOf(affinities.Terms, 99));
        for (int i = 0; i < 8; i++)
        {
            affinities.Add(99, 1, 16);
        }

        Assert.Contains(99, affinities.Terms);
        Assert.Contains(15, affinities.Terms);
        Assert.DoesNotContain(0, affinities.Terms);
    }

    [Fact]
    public void A_dislike_can_only_undo_a_liking()
    {
        var person = new FoldedPerson().Does(Happening.Rated(3, 0.5)).Does(Happening.Rated(4, 5)).Does(Happening.Rated(4, 0.5));
        Assert.Empty(person.Profile.Categories.Terms);
    }

    [Fact]
    public void Without_consent_to_personalisation_nothing_is_learned_of_taste()
    {
        var person = new FoldedPerson().Does(Happening.Enrolled(1)).Does(Happening.Viewed(2, 10)).Does(Happening.Quoted(4, 8_000)).Does(Happening.Ordered(4, 8_000));
        person.Does(Happening.Consents(personalisation: false));
        Assert.Null(person.Profile.Taste);
        person.Does(Happening.Enrolled(3)).Does(Happening.Viewed(5, 60)).Does(Happening.Rated(3, 5)).Does(Happening.Commented(3)).Does(Happening.Ordered(6, 8_000, "pay-6"));
        Assert.Null(person.Profile.Taste);
        Assert.Null(person.Profile.RecentViews);
        Assert.Empty(person.Profile.Categories.Terms);
        Assert.Empty(person.Profile.Concepts.Terms);
        Assert.Equal(default, person.Profile.PriceResponse);
        Assert.Equal(default, person.Profile.Stars);
        Assert.Equal(default, person.Profile.Sentiment);
        Assert.Equal(default, person.Profile.ViewSeconds);
        // Contracts and what is owned stay: they are not profiling.
        Assert.Equal([1, 4, 3, 6], person.Profile.Shelf.Taken.ToArray());
        Assert.Equal(2, person.Profile.Purchases);
        Assert.Null(person.AllEffects.Last(e => e.Kind == Projections.EffectKind.CourseTaken).Shelf);
    }

    [Fact]
    public void Consent_given_again_learns_from_there_on()
    {
        var person = new FoldedPerson().Does(Happening.Consents(personalisation: false)).Does(Happening.Enrolled(1)).Does(Happening.Consents()).Does(Happening.Enrolled(2));
        Assert.Equal([2], person.Profile.Categories.Terms);
        Assert.Equal([1], person.Effects.Single(e => e.Kind == Projections.EffectKind.CourseTaken).ShelfBefore.ToArray());
    }
}
