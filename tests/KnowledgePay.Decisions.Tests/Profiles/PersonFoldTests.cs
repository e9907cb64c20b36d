using KnowledgePay.Contracts.Catalogue;
using KnowledgePay.Contracts.Events;
using KnowledgePay.Contracts.People;
using KnowledgePay.Decisions.Catalogue;
using KnowledgePay.Decisions.Profiles;

namespace KnowledgePay.Decisions.Tests.Profiles;

public sealed class PersonFoldTests
{
    private readonly FoldedPerson _person = new();

    private UserProfile Profile => _person.Profile;

    [Fact]
    public void What_a_person_says_is_kept_and_what_they_leave_out_stays_as_it_was()
    {
        _person.Does(new UserProfiled { BirthYear = 1990, Gender = "f", Occupation = "nurse", Region = "Hunan", Education = "college", IncomeBand = "middle", Interests = ["chess"] });
        Assert.Equal(0, Profile.MissingValues);
        _person.Does(new UserProfiled { Occupation = "doctor" });
        Assert.Equal((1990, "f", "doctor", "Hunan", "college", "middle"), (Profile.BirthYear, Profile.Gender, Profile.Occupation, Profile.Region, Profile.Education, Profile.IncomeBand));
        Assert.Equal(6, Profile.MissingValues);
        Assert.Equal(["chess"], Profile.Interests!);
    }

    [Theory]
    [InlineData(1899)]
    [InlineData(2101)]
    [InlineData(int.MaxValue)]
    public void A_birth_year_that_cannot_be_is_left_out(int year)
    {
        _person.Does(new UserProfiled { BirthYear = year });
        Assert.Null(Profile.Age(FoldedPerson.Start));
        Assert.Equal(1, Profile.OutlierValues);
    }

    [Fact]
    public void Interests_are_kept_once_and_the_newest_sixteen()
    {
        _person.Does(new UserProfiled { Interests = ["a", "a", " ", "b"] });
        for (int i = 0; i < 20; i++)
        {
            _person.Does(new UserSocialLinked { Network = "weibo", Interests = [$"i{i}"], Followers = i });
        }

        Assert.Equal(Enumerable.Range(4, 16).Select(i => $"i{i}"), Profile.Interests!);
        Assert.Equal((20, 19L), (Profile.SocialNetworks, Profile.Followers));
    }

    [Fact]
    public void A_long_text_is_cut_but_not_through_a_character()
    {
        string text = new string('x', 63) + "😀" + new string('y', 100);
        _person.Does(new UserProfiled { Occupation = text, Region = new string('z', 500) });
        Assert.Equal(new string('x', 63), Profile.Occupation);
        Assert.Equal(64, Profile.Region!.Length);
    }

    [Fact]
    public void Negative_followers_are_an_outlier_and_none_said_is_missing()
    {
        _person.Does(new UserSocialLinked { Network = "a", Followers = -1, Interests = ["x"] });
        Assert.Equal((1, 0), (Profile.OutlierValues, Profile.MissingValues));
        _person.Does(new UserSocialLinked { Network = "a", Interests = ["x"] });
        Assert.Equal((1, 1), (Profile.OutlierValues, Profile.MissingValues));
    }

    [Fact]
    public void Consent_is_as_it_was_last_said()
    {
        Assert.Equal(Consent.Default, Profile.Consent);
        _person.Does(Happening.Consents(personalPricing: true, creditChecks: true)).Does(Happening.Consents(partnerSharing: true));
        Assert.Equal(new Consent { PartnerSharing = true }, Profile.Consent);
    }

    [Fact]
    public void Segments_follow_their_rules_in_order()
    {
        Assert.Equal(Segments.Newcomer, Of(p => p));
        Assert.Equal(Segments.Unprofiled, Of(p => p.Does(Happening.Consents(personalisation: false))));
        Assert.Equal(Segments.Casual, Of(p => p.Does(Happening.Enrolled(1))));
        Assert.Equal(Segments.Lapsing, Of(p => p.Does(Happening.Enrolled(1), -61)));
        Assert.Equal(Segments.Senior, Of(p => p.Does(new UserProfiled { BirthYear = 1960 }).Does(Happening.Enrolled(1))));
        Assert.Equal(Segments.Senior, Of(p => p.Does(new UserProfiled { Occupation = "已退休" }).Does(Happening.Enrolled(1))));
        Assert.Equal(Segments.Homemaker, Of(p => p.Does(new UserProfiled { Occupation = "Homemaker", BirthYear = 1990 }).Does(Happening.Enrolled(1))));
        Assert.Equal(Segments.YoungLearner, Of(p => p.Does(new UserProfiled { Occupation = "大学生" }).Does(Happening.Enrolled(1))));
        Assert.Equal(Segments.YoungLearner, Of(p => p.Does(new UserProfiled { BirthYear = 2005 }).Does(Happening.Enrolled(1))));
        Assert.Equal(Segments.Professional, Of(p => p.Does(new UserProfiled { Occupation = "engineer" }).Does(Happening.Enrolled(1))));
        Assert.Equal(Segments.BargainHunter, Of(p => Enumerable.Range(0, 3).Aggregate(p, (q, i) => q.Does(Happening.Enrolled(i, Happening.Cny(5_000))))));
        Assert.Equal(Segments.Enthusiast, Of(p => Enumerable.Range(0, 21).Aggregate(p, (q, i) => q.Does(Happening.Enrolled(i)))));
        Assert.Equal(Segments.Enthusiast, Of(p => Enumerable.Range(0, 5).Aggregate(p, (q, i) => q.Does(Happening.Completed(i)))));

        static byte Of(Func<FoldedPerson, FoldedPerson> life) => SegmentRule.Of(life(new FoldedPerson()).Profile, FoldedPerson.Start);
    }

    [Fact]
    public void Browsing_alone_makes_a_newcomer_until_the_fifth_view()
    {
        var person = new FoldedPerson();
        for (int i = 0; i < 4; i++)
        {
            person.Does(Happening.Viewed(i));
        }

        Assert.Equal(Segments.Newcomer, SegmentRule.Of(person.Profile, FoldedPerson.Start));
        Assert.NotEqual(Segments.Newcomer, SegmentRule.Of(person.Does(Happening.Viewed(5)).Profile, FoldedPerson.Start));
    }

    [Fact]
    public void Risk_bands_begin_at_a_fifth_and_at_a_half()
    {
        Assert.Equal("low", RiskBands.NameOf(RiskBands.Of(0.1999f)));
        Assert.Equal("medium", RiskBands.NameOf(RiskBands.Of(0.2f)));
        Assert.Equal("medium", RiskBands.NameOf(RiskBands.Of(0.4999f)));
        Assert.Equal("high", RiskBands.NameOf(RiskBands.Of(0.5f)));
    }

    [Fact]
    public void A_person_is_shown_what_is_held_about_them()
    {
        _person.Does(new UserProfiled { BirthYear = 1990, Occupation = "nurse", Interests = ["chess", "go"] });
        _person.Does(Happening.Enrolled(0), 1).Does(Happening.Progressed(0, 0.5), 2).Does(Happening.Enrolled(1), 3).Does(Happening.Enrolled(9), 3);
        CatalogueSnapshot catalogue = CatalogueOf(2);
        UserView view = UserViewBuilder.Build("ann", Profile, catalogue, FoldedPerson.At(4));
        Assert.Equal(("ann", 5L, "professional", "low"), (view.UserId, view.Sequence, view.Segment, view.RiskBand));
        Assert.Equal((FoldedPerson.At(0), FoldedPerson.At(3)), (view.FirstSeen, view.LastSeen));
        // Course 9 and category 2 are not in the catalogue (any more).
        Assert.Equal([new OwnedCourse("c0", 0.5), new OwnedCourse("c1", 0)], view.Courses);
        Assert.Equal(["zero", "one"], view.Affinities.Select(a => a.Category));
        Assert.Equal(("1990", "nurse", "chess, go"), (view.Declared["birthYear"], view.Declared["occupation"], view.Declared["interests"]));
        Assert.False(view.Declared.ContainsKey("gender"));
        Assert.Equal(36, view.Features["ageYears"]);
        Assert.False(view.Features.ContainsKey("daysSincePurchase"));
        Assert.All(view.Features.Values, v => Assert.True(double.IsFinite(v)));
        Assert.Equal(64, view.TasteVector!.Value.Length);
    }

    private static CatalogueSnapshot CatalogueOf(int courses) => new(
        1,
        [.. Enumerable.Range(0, courses).Select(i => new CourseEntry
        {
            Ordinal = i, Course = new Course { Id = $"c{i}", Title = $"Course {i}", ListPrice = Happening.Cny(10_000) }, Category = i, Concepts = [],
        })],
        new CourseVectors(new sbyte[courses * 64], new float[courses]),
        ["zero", "one"],
        [],
        []);
}
