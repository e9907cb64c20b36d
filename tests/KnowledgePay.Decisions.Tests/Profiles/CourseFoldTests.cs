using CsCheck;
using KnowledgePay.Contracts.Events;
using KnowledgePay.Decisions.Profiles;
using KnowledgePay.Decisions.Projections;

namespace KnowledgePay.Decisions.Tests.Profiles;

public sealed class CourseFoldTests
{
    private readonly FoldedPerson _person = new();

    private UserProfile Profile => _person.Profile;

    [Fact]
    public void A_view_is_counted_remembered_and_told()
    {
        _person.Does(Happening.Viewed(3, 45)).Does(Happening.Viewed(4, 90)).Does(Happening.Viewed(3, 90));
        Assert.Equal(3, Profile.Views);
        Assert.Equal([3, 4], Profile.RecentViews!);
        Assert.Equal(75, Profile.ViewSeconds.Mean);
        ProjectionEffect effect = Assert.Single(_person.Effects);
        Assert.Equal((EffectKind.CourseViewed, 3, 1L), (effect.Kind, effect.Course, effect.Person));
    }

    [Fact]
    public void Recent_views_are_the_newest_sixteen_each_once()
    {
        for (int i = 0; i < 40; i++)
        {
            _person.Does(Happening.Viewed(i % 20));
        }

        Assert.Equal(Enumerable.Range(4, 16).Reverse(), Profile.RecentViews!);
    }

    [Fact]
    public void A_view_of_an_owned_course_is_no_wish_for_it()
    {
        _person.Does(Happening.Viewed(3)).Does(Happening.Enrolled(3)).Does(Happening.Viewed(3));
        Assert.Null(Profile.RecentViews);
        Assert.Equal(2, Profile.Views);
    }

    [Fact]
    public void An_enrolment_puts_the_course_on_the_shelf_once()
    {
        _person.Does(Happening.Enrolled(3)).Does(Happening.Enrolled(5)).Does(Happening.Enrolled(3));
        Assert.Equal([3, 5], Profile.Shelf.Taken.ToArray());
        Assert.Equal(3, Profile.Enrolments);
        Assert.Equal([EffectKind.CourseTaken, EffectKind.CourseEnrolled, EffectKind.CourseTaken, EffectKind.CourseEnrolled, EffectKind.CourseEnrolled],
            _person.AllEffects.Select(e => e.Kind));
        Assert.Equal([3], _person.AllEffects[2].ShelfBefore.ToArray());
    }

    [Theory]
    [InlineData("progressed")]
    [InlineData("completed")]
    [InlineData("rated")]
    [InlineData("ordered")]
    public void A_course_is_taken_by_whatever_one_can_do_only_with_it(string how)
    {
        _person.Does(how switch
        {
            "progressed" => Happening.Progressed(3, 0.1),
            "completed" => Happening.Completed(3),
            "rated" => Happening.Rated(3, 4),
            _ => Happening.Ordered(3, 9_000),
        });
        Assert.True(Profile.Shelf.Contains(3));
        Assert.Contains(_person.Effects, e => e.Kind == EffectKind.CourseTaken && e.Course == 3);
    }

    [Fact]
    public void Progress_moves_forward_and_never_back() => Gen.Double[0, 1].Array[1, 20].Sample(fractions =>
    {
        var person = new FoldedPerson();
        float before = 0;
        foreach (double fraction in fractions)
        {
            person.Does(Happening.Progressed(2, fraction));
            float after = person.Profile.Shelf.ProgressOf(2);
            Assert.True(after >= before);
            before = after;
        }

        Assert.InRange(before, fractions.Max() - 0.0026, fractions.Max() + 0.0026);
    }, iter: 100);

    [Fact]
    public void A_course_completes_once_by_its_event_or_by_its_last_step()
    {
        _person.Does(Happening.Progressed(2, 1)).Does(Happening.Completed(2)).Does(Happening.Completed(3, 0.4)).Does(Happening.Completed(3)).Does(Happening.Progressed(3, 1));
        Assert.Equal(2, Profile.Completions);
        Assert.Equal(2, _person.AllEffects.Count(e => e.Kind == EffectKind.CourseCompleted));
        Assert.Equal(1f, Profile.Shelf.ProgressOf(3));
        Assert.Equal(1, Profile.CompletionRate());
    }

    [Fact]
    public void Completion_and_progress_are_over_all_courses_taken()
    {
        _person.Does(Happening.Completed(1)).Does(Happening.Progressed(2, 0.5)).Does(Happening.Enrolled(3)).Does(Happening.Enrolled(4));
        Assert.Equal(0.25, Profile.CompletionRate());
        Assert.Equal(0.375, Profile.MeanProgress());
    }

    [Fact]
    public void Stars_given_again_replace_the_earlier_ones()
    {
        _person.Does(Happening.Rated(2, 2)).Does(Happening.Rated(2, 4.5));
        ProjectionEffect second = _person.Effects.Single(e => e.Kind == EffectKind.CourseRated);
        Assert.Equal((4.5f, 2f), (second.Value, second.Previous));
        Assert.Equal(9, Profile.Shelf.HalfStars[0]);
    }

    [Theory]
    [InlineData(0.4)]
    [InlineData(5.1)]
    [InlineData(double.NaN)]
    public void Stars_that_cannot_be_are_left_out_and_counted(double stars)
    {
        _person.Does(Happening.Rated(2, stars));
        Assert.Equal(0, Profile.Stars.Count);
        Assert.Equal(1, Profile.OutlierValues);
        Assert.Null(Profile.Taste);
    }

    [Fact]
    public void A_comment_moves_the_sentiment_and_the_course_is_told()
    {
        _person.Does(Happening.Commented(2), facts: FoldedPerson.FactsOfCourse(2) with { Sentiment = -0.8f });
        Assert.Equal(-0.8, Profile.Sentiment.Mean, 1e-6);
        Assert.Equal(-0.8f, _person.Effects.Single(e => e.Kind == EffectKind.CourseCommented).Value);
    }

    [Fact]
    public void A_comment_without_a_sentiment_is_missing_and_not_neutral()
    {
        _person.Does(Happening.Commented(2), facts: FoldedPerson.FactsOfCourse(2));
        Assert.Equal(0, Profile.Sentiment.Count);
        Assert.Equal(1, Profile.MissingValues);
    }

    [Fact]
    public void Missing_values_are_counted_and_not_guessed() => Gen.Bool.Array[0, 40].Sample(present =>
    {
        var person = new FoldedPerson();
        foreach (bool there in present)
        {
            person.Does(Happening.Viewed(1, there ? 60 : null));
        }

        Assert.Equal(present.Count(p => !p), person.Profile.MissingValues);
        Assert.Equal(present.Count(p => p), person.Profile.ViewSeconds.Count);
        Assert.Equal(0, person.Profile.OutlierValues);
    }, iter: 50);

    [Fact]
    public void An_event_about_a_course_that_nobody_knows_changes_no_shelf_and_no_aggregate()
    {
        foreach (EventData data in (EventData[])[Happening.Viewed(1, 10), Happening.Enrolled(1), Happening.Progressed(1, 0.5), Happening.Completed(1), Happening.Rated(1, 4)])
        {
            _person.Does(data, facts: EventFacts.None);
        }

        Assert.Equal(0, Profile.Shelf.Count);
        Assert.Empty(_person.AllEffects);
        Assert.Null(Profile.RecentViews);
    }

    [Fact]
    public void A_market_price_is_told_and_says_nothing_of_a_person()
    {
        string empty = FoldedPerson.Text(new UserProfile { Sequence = 1 });
        _person.Does(new MarketPriceObserved { CourseId = "c4", Competitor = "other", Price = Happening.Cny(8_000) });
        Assert.Equal(empty, FoldedPerson.Text(Profile));
        ProjectionEffect effect = Assert.Single(_person.Effects);
        Assert.Equal((EffectKind.MarketPriceObserved, 4, "other", Happening.Cny(8_000)), (effect.Kind, effect.Course, effect.Competitor, effect.Amount));
    }

    [Fact]
    public void A_reader_that_keeps_array_and_count_sees_the_shelf_as_it_was() => Gen.Int[0, 300].Array[1, 120].Sample(courses =>
    {
        var person = new FoldedPerson();
        var views = new List<(int[] Array, int Count, int[] Then)>();
        foreach (int course in courses)
        {
            person.Does(Happening.Enrolled(course));
            CourseShelf shelf = person.Profile.Shelf;
            views.Add((shelf.Ordinals, shelf.Count, shelf.Taken.ToArray()));
        }

        Assert.All(views, v => Assert.Equal(v.Then, v.Array.AsSpan(0, v.Count).ToArray()));
        Assert.Equal(courses.Distinct(), person.Profile.Shelf.Taken.ToArray());
    }, iter: 50);

    [Fact]
    public void A_full_shelf_takes_no_more_and_counts_what_did_not_fit()
    {
        for (int i = 0; i < CourseShelf.Capacity; i++)
        {
            Profile.Shelf.Take(i, out _);
        }

        _person.Does(Happening.Enrolled(9_999)).Does(Happening.Completed(9_999));
        Assert.Equal(CourseShelf.Capacity, Profile.Shelf.Count);
        Assert.Equal(2, Profile.OutlierValues);
        Assert.Equal(0, Profile.Completions);
    }
}
