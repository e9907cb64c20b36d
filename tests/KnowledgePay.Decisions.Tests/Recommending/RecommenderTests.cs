using CsCheck;
using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Catalogue;
using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Contracts.Events;
using KnowledgePay.Decisions.Catalogue;
using KnowledgePay.Decisions.Profiles;
using KnowledgePay.Decisions.Reasons;
using KnowledgePay.Decisions.Recommending;
using KnowledgePay.Decisions.Tests.Profiles;

namespace KnowledgePay.Decisions.Tests.Recommending;

public sealed class RecommenderTests
{
    private const int Courses = 240;

    /// <summary>Every tenth course is not published yet; of the others every seventh wants the course before it.</summary>
    private static readonly Marketplace World = new Marketplace(Courses, static (c, i) =>
        i % 10 == 9 ? c with { PublishedAt = Marketplace.Now.AddDays(1) } : i % 7 == 6 ? c with { Prerequisites = [$"c{i - 1}"] } : c).WithCrowd(400);

    private static readonly Gen<int[]> Shelves = Gen.Int[0, Courses - 1].Array[0, 12];

    [Fact]
    public void Only_admissible_courses_are_recommended_each_once_and_as_many_as_asked() =>
        Gen.Select(Shelves, Gen.Int[1, 100], Gen.Int[-1, Courses - 1], Gen.ULong, Gen.Bool).Sample((shelf, count, page, seed, personal) =>
        {
            UserProfile profile = Fold(shelf, personal);
            RecommendationDecision decision = World.Recommend(profile, count, page < 0 ? null : $"c{page}", seed, RecommendationSettings.Default with { ExplorationRate = 0.5f });
            int[] items = World.Ordinals(decision);
            int[] admissible = [.. Enumerable.Range(0, Courses).Where(i => IsAdmissible(i))];
            Assert.Equal(items.Length, items.Distinct().Count());
            Assert.Empty(items.Except(admissible));
            Assert.Equal(Math.Min(count, admissible.Length), items.Length);

            bool IsAdmissible(int i) => !shelf.Contains(i) && i != page && i % 10 != 9 && (i % 7 != 6 || shelf.Contains(i - 1));
        }, iter: 150);

    [Fact]
    public void The_same_question_has_the_same_answer_whatever_was_asked_in_between() =>
        Gen.Select(Shelves, Shelves, Gen.Int[1, 60], Gen.ULong).Sample((shelf, other, count, seed) =>
        {
            UserProfile profile = Fold(shelf);
            RecommendationSettings explores = RecommendationSettings.Default with { ExplorationRate = 0.5f };
            RecommendationDecision first = World.Recommend(profile, count, seed: seed, settings: explores);
            World.Recommend(Fold(other), 100, "c3", seed + 1, explores);
            RecommendationDecision second = World.Recommend(profile, count, seed: seed, settings: explores);
            Assert.Equal(first.Items.Select(i => (i.CourseId, i.Score)), second.Items.Select(i => (i.CourseId, i.Score)));
            Assert.Equal(Describe(first.ToRecord()), Describe(second.ToRecord()));
        }, iter: 60);

    [Fact]
    public void Contributions_add_up_to_the_score_of_every_candidate() =>
        Gen.Select(Shelves, Gen.Int[-1, Courses - 1], Gen.ULong, Gen.Bool).Sample((shelf, page, seed, personal) =>
        {
            RecommendationDecision decision = World.Recommend(Fold(shelf, personal), 20, page < 0 ? null : $"c{page}", seed, RecommendationSettings.Default with { ExplorationRate = 0.5f });
            DecisionRecord record = decision.ToRecord();
            Assert.True(record.Candidates.Length >= decision.Items.Length);
            for (int i = 0; i < record.Candidates.Length; i++)
            {
                CandidateRecord candidate = record.Candidates[i];
                Assert.InRange(candidate.Contributions.Sum(c => c.Value) - candidate.Score, -1e-5, 1e-5);
                Assert.Equal(i < decision.Items.Length, candidate.Propensity is > 0 and <= 1);
                if (i < decision.Items.Length)
                {
                    Assert.Equal(decision.Items[i].CourseId, candidate.Candidate);
                    Assert.InRange(decision.Items[i].Score - candidate.Score, -1e-6, 1e-6);
                }
            }
        }, iter: 100);

    [Fact]
    public void Every_item_and_the_list_have_reasons_that_can_be_said_in_both_languages() =>
        Gen.Select(Shelves, Gen.Int[-1, Courses - 1], Gen.ULong, Gen.Bool).Sample((shelf, page, seed, personal) =>
        {
            RecommendationDecision decision = World.Recommend(Fold(shelf, personal), 20, page < 0 ? null : $"c{page}", seed, RecommendationSettings.Default with { ExplorationRate = 0.5f });
            Assert.NotEmpty(decision.Reasons);
            Assert.All(decision.Items, item => Assert.NotEmpty(item.Reasons));
            Assert.All(decision.Items.SelectMany(i => i.Reasons).Concat(decision.Reasons), AssertSaid);
        }, iter: 60);

    [Fact]
    public void Stages_count_down_to_the_answer()
    {
        RecommendationDecision decision = World.Recommend(Fold([0, 6, 12]), 15);
        StageCount[] stages = [.. decision.ToRecord().Stages];
        Assert.Equal(["gathered", "admissible", "ranked", "answered"], stages.Select(s => s.Stage));
        Assert.True(stages[0].Left >= stages[1].Left && stages[1].Left >= stages[2].Left && stages[2].Left >= stages[3].Left);
        Assert.Equal(15, stages[3].Left);
    }

    [Fact]
    public void People_get_more_of_what_people_like_them_took()
    {
        for (int subject = 0; subject < 6; subject++)
        {
            int[] items = World.Ordinals(World.Recommend(Fold([subject, subject + 6, subject + 12]), 10));
            Assert.True(items.Count(i => Marketplace.SubjectOf(i) == subject) >= 6, $"subject {subject}: {string.Join(' ', items)}");
        }
    }

    [Fact]
    public void One_enrolment_moves_the_very_next_list()
    {
        var world = new Marketplace(Courses).WithCrowd(300);
        FoldedPerson person = world.Person(0, 6);
        int[] before = world.Ordinals(world.Recommend(person.Profile, 20));
        world.Take(person, before[0], 61, person: 1_000_000);
        int[] after = world.Ordinals(world.Recommend(person.Profile, 20));
        Assert.DoesNotContain(before[0], after);
        Assert.NotEqual(before.Skip(1), after.Take(19));
    }

    [Fact]
    public void A_course_that_nobody_took_is_found_by_its_text()
    {
        // Long published, so that being new does not help it.
        var world = new Marketplace(Courses).WithCrowd(300);
        world.Put(Marketplace.CourseOf(0) with
        {
            Id = $"c{Courses}",
            Title = "chess gambit tactics for the endgame",
            Description = "chess opening endgame tactics pawn bishop checkmate gambit",
            PublishedAt = Marketplace.Now.AddYears(-5),
        });
        FoldedPerson person = world.Person(0, 6, 12);
        RecommendationDecision decision = world.Recommend(person.Profile, 40);
        RecommendedItem found = Assert.Single(decision.Items, i => i.CourseId == $"c{Courses}");
        Assert.Equal(ReasonCodes.SimilarTo, found.Reasons[0].Code);
        Assert.Equal(0, world.Signals.Similarity.Degree(Courses));
    }

    [Fact]
    public void A_newcomer_s_interests_lead_their_list()
    {
        var person = new FoldedPerson().Does(new UserProfiled { Interests = ["cooking"] });
        RecommendationDecision decision = World.Recommend(person.Profile, 8);
        Assert.All(World.Ordinals(decision).Take(4), i => Assert.Equal(2, Marketplace.SubjectOf(i)));
        Assert.Contains(decision.Items, i => i.Reasons[0].Code == ReasonCodes.Interest);
    }

    [Fact]
    public void The_page_s_course_pulls_its_neighbours_up()
    {
        int[] items = World.Ordinals(World.Recommend(new UserProfile(), 10, "c3"));
        Assert.True(items.Count(i => Marketplace.SubjectOf(i) == 3) >= 7, string.Join(' ', items));
    }

    [Fact]
    public void A_course_page_that_the_catalogue_does_not_know_is_ignored()
    {
        RecommendationDecision without = World.Recommend(Fold([0, 6]), 10);
        RecommendationDecision unknown = World.Recommend(Fold([0, 6]), 10, "nowhere");
        Assert.Equal(without.Items.Select(i => i.CourseId), unknown.Items.Select(i => i.CourseId));
    }

    [Fact]
    public void Who_refuses_personalisation_gets_the_list_of_everybody() => Gen.Select(Shelves, Gen.ULong, Gen.ULong).Sample((viewed, seed, otherSeed) =>
    {
        // Different lives with the same (empty) shelf.
        var looker = new FoldedPerson();
        foreach (int course in viewed)
        {
            looker.Does(Happening.Viewed(course, 100), facts: FoldedPerson.FactsOfCourse(course));
        }

        looker.Does(new UserProfiled { Interests = ["chess"], BirthYear = 1980, Occupation = "cook" }).Does(Happening.Consents(personalisation: false));
        var stranger = new FoldedPerson().Does(Happening.Consents(personalisation: false));
        RecommendationSettings explores = RecommendationSettings.Default with { ExplorationRate = 1 };
        RecommendationDecision one = World.Recommend(looker.Profile, 20, seed: seed, settings: explores);
        RecommendationDecision other = World.Recommend(stranger.Profile, 20, seed: otherSeed, settings: explores);
        Assert.Equal(one.Items.Select(i => (i.CourseId, i.Score)), other.Items.Select(i => (i.CourseId, i.Score)));
        Assert.Equal(ReasonCodes.NotPersonalised, one.Reasons[0].Code);
    }, iter: 40);

    [Fact]
    public void Without_personalisation_a_score_is_made_of_trend_popularity_and_the_page_s_category_alone()
    {
        UserProfile profile = Fold([0, 6, 12], personal: false);
        RecommendationDecision decision = World.Recommend(profile, 30, "c1");
        string[] parts = [.. decision.ToRecord().Candidates.SelectMany(c => c.Contributions).Select(c => c.Name).Distinct()];
        Assert.Empty(parts.Except(["trend", "popularity", "category"]));
        Assert.All(World.Ordinals(decision).Take(10), i => Assert.Equal(1, Marketplace.SubjectOf(i)));
        Assert.DoesNotContain(decision.ToRecord().Inputs, i => i.Name is "newestCourses" or "taste");
    }

    [Fact]
    public void A_course_without_a_page_or_person_is_related_to_its_neighbours()
    {
        RecommendationDecision related = Recommender.Related(World.Context(new UserProfile()), "c4", 10, Marketplace.Certain)!;
        int[] items = World.Ordinals(related);
        Assert.DoesNotContain(4, items);
        Assert.True(items.Count(i => Marketplace.SubjectOf(i) == 4) >= 7, string.Join(' ', items));
        Assert.Null(Recommender.Related(World.Context(new UserProfile()), "nowhere", 10, Marketplace.Certain));
    }

    [Fact]
    public void Lists_that_are_for_nobody_read_nothing_of_a_profile()
    {
        UserProfile rich = Fold([0, 6, 12, 18]);
        RecommendationDecision related = Recommender.Related(World.Context(rich), "c4", 10, Marketplace.Certain)!;
        RecommendationDecision trending = Recommender.Trending(World.Context(rich), 10, Marketplace.Certain);
        Assert.Equal(Recommender.Related(World.Context(new UserProfile()), "c4", 10, Marketplace.Certain)!.Items.Select(i => i.CourseId), related.Items.Select(i => i.CourseId));
        Assert.Equal(Recommender.Trending(World.Context(new UserProfile()), 10, Marketplace.Certain).Items.Select(i => i.CourseId), trending.Items.Select(i => i.CourseId));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(101)]
    public void A_count_out_of_range_is_refused(int count) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => World.Recommend(new UserProfile(), count));

    [Fact]
    public void An_empty_catalogue_has_an_empty_list()
    {
        var world = new Marketplace(0);
        Assert.Empty(world.Recommend(new UserProfile()).Items);
        Assert.Empty(Recommender.Trending(world.Context(new UserProfile()), 10, Marketplace.Certain).Items);
    }

    [Fact]
    public void Courses_that_this_catalogue_does_not_have_yet_are_passed_over()
    {
        // Another silo's catalogue was newer: shelf, views and neighbours name ordinals that are not here.
        var world = new Marketplace(40).WithCrowd(50);
        world.Signals.Similarity.Add(5_000, [0, 6, 12]);
        world.Signals.Similarity.Add(5_000, [0, 6, 12]);
        world.Signals.Similarity.RefreshDirty(int.MaxValue);
        UserProfile profile = Fold([0, 6, 5_000, 7_000]);
        profile.RecentViews = [9_000, 6_001];
        RecommendationDecision decision = world.Recommend(profile, 30);
        Assert.Equal(30, decision.Items.Length);
        Assert.NotNull(decision.ToRecord());
    }

    [Fact]
    public void A_deleted_course_is_recommended_to_nobody()
    {
        var world = new Marketplace(60).WithCrowd(100);
        CatalogueSnapshot without = CatalogueBuilder.Apply(world.Catalogue, new CatalogueChanges { Courses = [new(0, null)] }, 9, _ => -1);
        DecisionContext context = new()
        {
            DecisionId = "d",
            UserId = "ann",
            Profile = Fold([6, 12]),
            Catalogue = without,
            Signals = world.Signals,
            Now = Marketplace.Now,
            Seed = 1,
        };
        RecommendationDecision decision = Recommender.Decide(context, new RecommendationRequest { Count = 59 }, Marketplace.Certain);
        Assert.Equal(57, decision.Items.Length);
        Assert.DoesNotContain(decision.Items, i => i.CourseId == "c0");
    }

    [Fact]
    public void The_record_tells_what_was_asked_and_what_was_known()
    {
        DecisionRecord record = World.Recommend(Fold([0, 6]), 7, "c1", seed: 42).ToRecord();
        Assert.Equal((DecisionKind.Recommendation, "ann", "recommended", 2L), (record.Kind, record.UserId, record.Outcome, record.UserSequence));
        Dictionary<string, NamedValue> inputs = record.Inputs.ToDictionary(i => i.Name);
        Assert.Equal((7, "c1", "42", "c6 c0"), (inputs["count"].Number, inputs["courseId"].Text, inputs["seed"].Text, inputs["newestCourses"].Text));
        Assert.Equal("1", record.ModelVersions.ByKind["catalogue"]);
    }

    private static UserProfile Fold(int[] shelf, bool personal = true)
    {
        var person = new FoldedPerson();
        foreach (int course in shelf)
        {
            EventFacts facts = FoldedPerson.FactsOfCourse(course);
            if (course < Courses)
            {
                facts = facts with { Category = World.Catalogue.Courses[course]!.Category, Vector = World.Catalogue.Vectors.Of(course).ToArray(), Concepts = [] };
            }

            person.Does(Happening.Enrolled(course), 60, facts);
        }

        return personal ? person.Profile : person.Does(Happening.Consents(personalisation: false), 61).Profile;
    }

    private static void AssertSaid(Reason reason)
    {
        string english = ReasonTexts.Render(reason, SpokenLanguage.English);
        string chinese = ReasonTexts.Render(reason, SpokenLanguage.Chinese);
        Assert.NotEqual(reason.Code, english);
        Assert.NotEqual(reason.Code, chinese);
        Assert.NotEqual(english, chinese);
        Assert.DoesNotContain('{', english + chinese);
    }

    private static string Describe(DecisionRecord record) =>
        string.Join('\n', record.Candidates.Select(c => $"{c.Candidate} {c.Score} {c.Propensity} {string.Join(' ', c.Contributions.Select(p => $"{p.Name}={p.Value}"))}"));
}
