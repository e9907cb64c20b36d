using CsCheck;
using KnowledgePay.Contracts.Catalogue;
using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Contracts.People;
using KnowledgePay.Decisions.Catalogue;
using KnowledgePay.Decisions.Profiles;
using KnowledgePay.Decisions.Reasons;
using KnowledgePay.Decisions.Recommending;
using KnowledgePay.Decisions.Tests.Profiles;

namespace KnowledgePay.Decisions.Tests.Recommending;

public sealed class RankingRulesTests
{
    private static readonly Marketplace Plain = new Marketplace(240).WithCrowd(400);

    [Fact]
    public void A_course_that_a_rule_hides_is_in_no_list()
    {
        Marketplace world = World().WithRules(Hide("""{"courseCategories":["chess"]}"""));
        FoldedPerson chess = world.Person(0, 6);
        RecommendationDecision own = world.Recommend(chess.Profile, 20);
        Assert.Equal(20, own.Items.Length);
        Assert.DoesNotContain(world.Ordinals(own), c => Marketplace.SubjectOf(c) == 0);
        DecisionContext nobody = world.Context(new UserProfile());
        Assert.DoesNotContain(world.Ordinals(Recommender.Related(nobody, "c12", 20, Marketplace.Certain)!), c => Marketplace.SubjectOf(c) == 0);
        Assert.DoesNotContain(world.Ordinals(Recommender.Trending(nobody, 20, Marketplace.Certain)), c => Marketplace.SubjectOf(c) == 0);
        Assert.Contains(world.Ordinals(Plain.Recommend(Plain.Person(0, 6).Profile, 20)), c => Marketplace.SubjectOf(c) == 0);
    }

    [Fact]
    public void A_boost_lifts_a_weight_below_zero_sinks_and_the_record_says_by_how_much()
    {
        string tag = Plain.Catalogue.FindCourse("c12")!.Course.Tags[0];
        Marketplace world = World().WithRules(
            Boost("up", """{"courseCategories":["piano"]}""", 2), Boost("down", $$"""{"courseTags":["{{tag.ToUpperInvariant()}}"]}""", -3));
        FoldedPerson chess = world.Person(0, 6);
        RecommendationDecision decision = world.Recommend(chess.Profile, 5);
        Assert.All(world.Catalogue.Rules.Entries, rule => Assert.InRange(rule.Courses.Count, 2, 40));
        Assert.All(world.Ordinals(decision), c => Assert.Equal(5, Marketplace.SubjectOf(c)));
        Assert.All(decision.Items, item => Assert.Equal([ReasonCodes.EditorsChoice], item.Reasons.Select(r => r.Code)));
        DecisionRecord record = decision.ToRecord();
        Assert.All(record.Candidates.Take(5), one =>
        {
            Assert.Equal(2, one.Contributions.Single(c => c.Name == "rule:up").Value);
            Assert.Equal(one.Score, one.Contributions.Sum(c => c.Value), 1e-4);
        });
        Assert.Equal(["ranking/down", "ranking/up"], record.Rules.Select(r => r.Rule).Order());

        RecommendationDecision many = world.Recommend(chess.Profile, 60);
        Assert.Equal(60, many.Items.Length);
        int[] places = [.. many.Items.Index().Where(i => world.Catalogue.FindCourse(i.Item.CourseId)!.Course.Tags.Contains(tag)).Select(i => i.Index)];
        Assert.All(places, place => Assert.True(place > 20, $"a course with a weight of -3 stands at {place + 1}"));
    }

    [Fact]
    public void A_pin_puts_the_best_of_its_courses_for_the_person_in_its_place()
    {
        Marketplace world = World().WithRules(Pin("cook", """{"courseCategories":["cooking"]}""", 3));
        FoldedPerson cook = world.Person(2, 8);
        int[] list = world.Ordinals(world.Recommend(cook.Profile, 10));
        int[] plain = Plain.Ordinals(Plain.Recommend(Plain.Person(2, 8).Profile, 10));
        Assert.Equal(2, Marketplace.SubjectOf(list[2]));
        // The best of them would be the first by itself.
        Assert.Equal(plain[0], list[2]);
        DecisionRecord record = world.Recommend(cook.Profile, 10).ToRecord();
        Assert.Equal(3, record.Candidates[2].Contributions.Single(c => c.Name == "pinned").Input);
        Assert.Equal(1, record.Candidates[2].Propensity);
        // A list that ends before the place is as if there were no rule.
        Assert.Equal(plain[..2], world.Ordinals(world.Recommend(cook.Profile, 2)));
    }

    [Fact]
    public void A_pin_never_brings_what_may_not_be_shown()
    {
        Marketplace world = World().WithRules(Pin("one", """{"courses":["c0"]}""", 1), Pin("two", """{"courses":["c1"]}""", 1), Hide("""{"courses":["c1"]}"""));
        Assert.DoesNotContain(0, world.Ordinals(world.Recommend(world.Person(0).Profile, 10)));
        int[] others = world.Ordinals(world.Recommend(world.Person(5).Profile, 10));
        Assert.Equal(0, others[0]);
        Assert.DoesNotContain(1, others);
        Assert.Equal(10, others.Distinct().Count());
    }

    [Fact]
    public void Two_pins_of_one_place_stand_below_each_other_by_id()
    {
        Marketplace world = World().WithRules(Pin("b", """{"courses":["c7"]}""", 2), Pin("a", """{"courses":["c11"]}""", 2));
        Assert.Equal([11, 7], world.Ordinals(world.Recommend(world.Person(0).Profile, 10))[1..3]);
    }

    [Theory]
    [InlineData("""{"surfaces":["home"]}""", "home", null, true)]
    [InlineData("""{"surfaces":["home"]}""", "course-page", null, false)]
    [InlineData("""{"courseCategories":["python"]}""", null, "c1", true)]
    [InlineData("""{"courseCategories":["python"]}""", null, "c2", false)]
    [InlineData("""{"ownedCourses":["c6"]}""", null, null, true)]
    [InlineData("""{"ownedCourses":["c12"]}""", null, null, false)]
    [InlineData("""{"segments":["new"]}""", null, null, null)]
    public void A_rule_holds_where_when_says_so(string when, string? surface, string? page, bool? holds)
    {
        Marketplace world = World().WithRules(Pin("p", """{"courses":["c23"]}""", 1) with { When = when });
        FoldedPerson person = world.Person(0, 6);
        RecommendationDecision decision = Recommender.Decide(
            world.Context(person.Profile), new RecommendationRequest { Count = 10, CourseId = page, Surface = surface }, Marketplace.Certain);
        bool held = decision.Items[0].CourseId == "c23";
        Assert.Equal(held, !decision.ToRecord().Rules.IsEmpty);
        if (holds is { } expected)
        {
            Assert.Equal(expected, held);
        }
    }

    [Fact]
    public void A_rule_holds_from_its_first_moment_to_before_its_last()
    {
        Assert.True(Held(Marketplace.Now, Marketplace.Now.AddTicks(1)));
        Assert.False(Held(Marketplace.Now.AddTicks(1), null));
        Assert.False(Held(null, Marketplace.Now));
        Assert.True(Held(null, null));

        static bool Held(DateTimeOffset? from, DateTimeOffset? to) =>
            World().WithRules(Pin("p", """{"courses":["c23"]}""", 1) with { ValidFrom = from, ValidTo = to }) is var world
            && world.Recommend(world.Person(0).Profile).Items[0].CourseId == "c23";
    }

    [Fact]
    public void Of_somebody_who_refused_personalisation_a_rule_sees_nobody()
    {
        Marketplace world = World().WithRules(
            Pin("owner", """{"courses":["c23"]}""", 1) with { When = """{"ownedCourses":["c0"]}""" },
            Pin("newcomer", """{"courses":["c22"]}""", 2) with { When = """{"not":{"feature":"ownsCourse","op":"==","value":"c0"}}""" });
        FoldedPerson person = world.Person(0, 6);
        Assert.Equal("c23", world.Recommend(person.Profile).Items[0].CourseId);
        person.Profile.Consent = new Consent { Personalisation = false };
        RecommendationDecision refused = world.Recommend(person.Profile);
        Assert.NotEqual("c23", refused.Items[0].CourseId);
        Assert.Equal("c22", refused.Items[1].CourseId);
    }

    [Fact]
    public void A_place_that_is_paid_for_is_always_called_so()
    {
        Marketplace world = World().WithRules(
            Boost("paid", """{"courses":["c12"]}""", 0.001) with { Label = RankingLabel.Sponsored },
            Pin("place", """{"courses":["c23"]}""", 2) with { Label = RankingLabel.Sponsored });
        RecommendationDecision decision = world.Recommend(world.Person(0, 6).Profile, 30);
        Assert.Equal([ReasonCodes.Sponsored], decision.Items[1].Reasons.Select(r => r.Code));
        RecommendedItem lifted = decision.Items.Single(i => i.CourseId == "c12");
        Assert.Equal(ReasonCodes.Sponsored, lifted.Reasons[0].Code);
        Assert.True(lifted.Reasons.Length == 2, "what else speaks for it is said too");
        Assert.DoesNotContain(decision.Items.Where(i => i.CourseId is not ("c12" or "c23")), i => i.Reasons.Any(r => r.Code == ReasonCodes.Sponsored));
    }

    [Fact]
    public void Exploration_leaves_pinned_places_alone_and_its_propensities_are_the_shares_that_one_sees()
    {
        Marketplace world = World().WithRules(Pin("p", """{"courses":["c23"]}""", 4), Pin("q", """{"courses":["c22"]}""", 6));
        FoldedPerson person = world.Person(0, 6);
        RecommendationSettings explores = RecommendationSettings.Default with { ExplorationRate = 0.5f };
        var shown = new Dictionary<string, int>();
        var said = new Dictionary<string, double>();
        const int Lists = 4_000;
        for (ulong seed = 1; seed <= Lists; seed++)
        {
            RecommendationDecision decision = world.Recommend(person.Profile, 6, seed: seed, settings: explores);
            Assert.Equal("c23", decision.Items[3].CourseId);
            Assert.Equal("c22", decision.Items[5].CourseId);
            foreach ((CandidateRecord one, RecommendedItem item) in decision.ToRecord().Candidates.Zip(decision.Items))
            {
                shown[item.CourseId] = shown.GetValueOrDefault(item.CourseId) + 1;
                said[item.CourseId] = one.Propensity!.Value;
            }
        }

        // Only the fifth of six slots is up for it.
        Assert.Equal(1, said["c23"]);
        Assert.All(said, pair => Assert.InRange((shown[pair.Key] / (double)Lists) - pair.Value, -0.04, 0.04));
        Assert.Contains(said.Values, p => Math.Abs(p - 0.5) < 1e-6);
    }

    [Fact]
    public void Courses_that_come_or_change_later_are_under_the_rules_and_a_rule_that_is_taken_away_is_not()
    {
        var world = new Marketplace(60);
        world.WithRules(Hide("""{"courseTags":["withdrawn"]}"""));
        world.Put(Marketplace.CourseOf(60) with { Tags = ["Withdrawn"] }, Marketplace.CourseOf(3) with { Tags = ["withdrawn"] });
        CourseSet hidden = world.Catalogue.Rules.Entries[0].Courses;
        Assert.Equal([3, 60], Enumerable.Range(0, 61).Where(hidden.Contains));
        Assert.Equal((3, 60, -1), (hidden.Next(0), hidden.Next(4), hidden.Next(61)));
        world.Put(Marketplace.CourseOf(3));
        Assert.Equal(1, world.Catalogue.Rules.Entries[0].Courses.Count);
        CatalogueSnapshot without = CatalogueBuilder.Apply(world.Catalogue, new CatalogueChanges { Rules = [new("hide", null)] }, 99, _ => -1);
        Assert.Empty(without.Rules.Entries);
    }

    [Fact]
    public void Many_courses_that_nobody_has_taken_yet_are_found_by_the_rule_that_pins_them()
    {
        var world = new Marketplace(400, (course, i) => i >= 250 ? course with { Tags = ["fresh"] } : course);
        FoldedPerson person = world.Person(0, 6);
        for (int i = 0; i < 200; i++)
        {
            world.Person(i);
        }

        world.WithRules(Pin("fresh", """{"courseTags":["fresh"]}""", 1));
        Assert.InRange(world.Ordinals(world.Recommend(person.Profile, 5))[0], 250, 399);
    }

    [Fact]
    public void A_set_gives_its_members_in_both_directions() =>
        Gen.Int[0, 199].Array[0, 40].Sample(members =>
        {
            CourseSet set = CourseSet.Empty.With(200, members, _ => true);
            int[] expected = [.. members.Distinct().Order()];
            Assert.Equal(expected.Length, set.Count);
            var up = new List<int>();
            for (int at = set.Next(0); at >= 0; at = set.Next(at + 1))
            {
                up.Add(at);
            }

            var down = new List<int>();
            for (int at = set.Before(1_000); at >= 0; at = set.Before(at))
            {
                down.Add(at);
            }

            Assert.Equal(expected, up);
            Assert.Equal(expected.Reverse(), down);
        });

    [Fact]
    public void Whatever_the_rules_no_list_has_a_hidden_course_or_a_course_twice_or_is_shorter_than_need_be() =>
        (from rules in Gen.Select(Gen.Int[0, 2], Gen.Int[0, 5], Gen.Int[1, 100], Gen.Double[-3, 3]).Array[0, 12]
         from count in Gen.Int[1, 60]
         from seed in Gen.ULong
         from page in Gen.Int[-1, 59]
         select (rules, count, seed, page)).Sample(
            drawn =>
            {
                var world = new Marketplace(60);
                world.WithRules([.. drawn.rules.Select((r, i) => (r.Item1, About: $$"""{"any":[{"feature":"courseCategory","op":"==","value":"{{Subjects[r.Item2]}}"},{"feature":"courseId","op":"==","value":"c{{r.Item3 % 60}}"}]}""") switch
                {
                    // A whole subject, one course, or both would hide too much to see anything: hiding takes one course.
                    (0, _) => Hide($$"""{"courses":["c{{r.Item3 % 60}}"]}""") with { Id = $"r{i:00}" },
                    (1, { } about) => Boost($"r{i:00}", about, r.Item4),
                    (_, { } about) => Pin($"r{i:00}", about, r.Item3),
                })]);
                FoldedPerson person = world.Person(0, 13);
                RecommendationSettings explores = RecommendationSettings.Default with { ExplorationRate = 0.5f };
                string? page = drawn.page < 0 ? null : $"c{drawn.page}";
                int[] list = world.Ordinals(world.Recommend(person.Profile, drawn.count, page, drawn.seed, explores));
                int[] hidden = [.. drawn.rules.Where(r => r.Item1 == 0).Select(r => r.Item3 % 60).Distinct()];
                int admissible = Enumerable.Range(0, 60).Count(c => c is not (0 or 13) && c != drawn.page && !hidden.Contains(c));
                Assert.Empty(list.Intersect(hidden));
                Assert.Equal(list.Length, list.Distinct().Count());
                Assert.Equal(Math.Min(drawn.count, admissible), list.Length);
                if (drawn.rules is [{ Item1: 2 } only] && only.Item3 <= list.Length)
                {
                    int at = list[only.Item3 - 1];
                    Assert.True(Marketplace.SubjectOf(at) == only.Item2 || at == only.Item3 % 60);
                }
            },
            iter: 300);

    private static readonly string[] Subjects = ["chess", "python", "cooking", "finance", "历史", "piano"];

    private static Marketplace World() => new Marketplace(240).WithCrowd(400);

    private static RankingRule Hide(string courses) => new() { Id = "hide", Name = "hide", Effect = RankingEffect.Hide, Courses = courses };

    private static RankingRule Boost(string id, string courses, double weight) =>
        new() { Id = id, Name = id, Effect = RankingEffect.Boost, Courses = courses, Weight = weight, Label = RankingLabel.EditorsChoice };

    private static RankingRule Pin(string id, string courses, int position) =>
        new() { Id = id, Name = id, Effect = RankingEffect.Pin, Courses = courses, Position = position, Label = RankingLabel.EditorsChoice };
}
