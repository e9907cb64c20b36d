using KnowledgePay.Contracts.Catalogue;
using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Contracts.Events;
using KnowledgePay.Contracts.People;
using KnowledgePay.Decisions.Reasons;
using KnowledgePay.Decisions.Recommending;
using KnowledgePay.Decisions.Tests.Profiles;

namespace KnowledgePay.Decisions.Tests.Recommending;

/// <summary>Concepts and prerequisites in a list: what comes next is there and says why, and what somebody is not ready for is not.</summary>
public sealed class LearningOrderTests
{
    [Fact]
    public void What_follows_the_last_course_moves_up_and_says_so()
    {
        Marketplace world = World((c, i) => i == 100 ? c with { Prerequisites = ["c40"] } : c);
        Assert.DoesNotContain("c100", Ids(world.Recommend(world.Person(0, 6).Profile, 50)));
        RecommendationDecision after = world.Recommend(world.Person(0, 6, 40).Profile, 50, settings: Marketplace.Certain with { LeadsWeight = 1 });
        Assert.Contains("c100", Ids(after).Take(3));
        Contracts.Reason reason = after.Items.Single(item => item.CourseId == "c100").Reasons[0];
        Assert.Equal((ReasonCodes.FollowsOn, Marketplace.CourseOf(40).Title), (reason.Code, reason.Args[0]));
        Assert.True(Part(after, "c100", "leads") > 0.9);

        // The longer ago the less, and nothing beyond the newest courses.
        Assert.Equal(0.5, Part(world.Recommend(world.Person(40, 0, 6, 12, 18).Profile, 50, settings: Marketplace.Certain with { LeadsWeight = 1 }), "c100", "leads"), 3);
        Assert.Equal(0, Part(world.Recommend(world.Person(40, 0, 6, 12, 18, 24, 30, 36, 42).Profile, 100, settings: Marketplace.Certain with { LeadsWeight = 1 }), "c100", "leads"));
    }

    [Fact]
    public void Where_the_course_before_is_also_what_it_is_like_the_reason_is_that_it_comes_next()
    {
        // Nobody has course 118, so that the text brings it; course 116 is the nearest to it that the person has.
        Marketplace world = World((c, i) => i switch
        {
            116 => c with { Title = "Sailing for beginners", Description = "knots and sails" },
            118 => c with { Title = "Sailing for the advanced", Description = "knots and sails", Prerequisites = ["c116"] },
            119 => c with { Title = "Sailing stories", Description = "knots and sails" },
            _ => c,
        });
        RecommendedItem[] items = [.. world.Recommend(world.Person(116).Profile, 100).Items];
        Assert.Equal(ReasonCodes.FollowsOn, items.Single(item => item.CourseId == "c118").Reasons[0].Code);
        Assert.Equal(ReasonCodes.SimilarTo, items.Single(item => item.CourseId == "c119").Reasons[0].Code);
    }

    [Fact]
    public void On_the_page_of_a_course_that_somebody_is_not_ready_for_the_way_to_it_comes_up()
    {
        Marketplace world = World((c, i) => i switch
        {
            100 => c with { Prerequisites = ["c94"] },
            94 => c with { Prerequisites = ["c63", "c61"] },
            _ => c,
        });
        RecommendationDecision far = world.Recommend(world.Person(0, 6).Profile, 10, page: "c100");
        RecommendedItem[] ways = [.. far.Items.Take(4).Where(item => item.CourseId is "c61" or "c63")];
        Assert.Equal(2, ways.Length);
        Assert.All(ways, item => Assert.Equal((ReasonCodes.LeadsTo, Marketplace.CourseOf(100).Title), (item.Reasons[0].Code, item.Reasons[0].Args[0])));
        Assert.DoesNotContain("c94", Ids(far));
        RecommendationDecision near = world.Recommend(world.Person(61, 63).Profile, 10, page: "c100");
        Assert.Contains("c94", Ids(near).Take(3));

        // Nothing leads to what one can take, or has.
        Assert.All(world.Recommend(world.Person(61, 63, 94).Profile, 20, page: "c100").Items, item => Assert.NotEqual(ReasonCodes.LeadsTo, item.Reasons[0].Code));
    }

    [Fact]
    public void What_somebody_would_want_or_looked_at_brings_up_what_they_have_to_take_before()
    {
        // Course 6 is what most people who have course 0 took; here it asks for course 110, which hardly anybody has.
        Marketplace world = World((c, i) => i == 6 ? c with { Prerequisites = ["c110"] } : c);
        RecommendationDecision wanted = world.Recommend(world.Person(0, 12).Profile, 50);
        Assert.True(Part(wanted, "c110", "leads") > 0);
        Assert.Equal(0, Part(world.Recommend(world.Person(1, 7).Profile, 50, settings: Marketplace.Certain with { LeadsWeight = 0 }), "c110", "leads"));
        FoldedPerson looking = world.Person(4, 10);
        Assert.True(Part(world.Recommend(looking.Profile, 50), "c110", "leads") < 0.01);
        world.Do(looking, new CourseViewed { CourseId = "c6" });
        Assert.Equal(0.08, Part(world.Recommend(looking.Profile, 50), "c110", "leads"), 3);
    }

    [Fact]
    public void A_concept_that_is_asked_for_blocks_until_one_course_that_teaches_it_is_on_the_shelf()
    {
        Marketplace world = World((c, i) => i switch
        {
            30 or 35 => c with { Concepts = ["Recursion"] },
            6 => c with { Prerequisites = ["recursion"] },
            _ => c,
        });
        Assert.DoesNotContain("c6", Ids(world.Recommend(world.Person(0, 12).Profile, 100)));
        Assert.Contains("c6", Ids(world.Recommend(world.Person(0, 12, 35).Profile, 100)));
        Assert.Equal(ReasonCodes.LeadsTo, world.Recommend(world.Person(0, 12).Profile, 3, page: "c6").Items[0].Reasons[0].Code);

        // Without the consent to personalisation the shelf still says what can be taken, and nothing else.
        FoldedPerson refusing = world.Person(0, 12);
        refusing.Profile.Consent = new Consent { Personalisation = false };
        RecommendationDecision plain = world.Recommend(refusing.Profile, 100, page: "c6");
        Assert.DoesNotContain("c6", Ids(plain));
        Assert.DoesNotContain(plain.ToRecord().Candidates.SelectMany(one => one.Contributions), part => part.Name is "leads" or "concept");
    }

    [Fact]
    public void Taste_reaches_new_courses_by_concepts_and_by_those_next_to_them()
    {
        // Nobody has any of 114 to 119: one teaches what the person follows, one what is taught together with it, one what is taught where it leads, the others something else.
        Marketplace world = World((c, i) => i switch
        {
            50 => c with { Concepts = ["fork"] },
            56 => c with { Concepts = ["fork", "pin"] },
            62 => c with { Concepts = ["skewer"], Prerequisites = ["c50"] },
            114 => c with { Concepts = ["fork"] },
            115 => c with { Concepts = ["pin"] },
            116 => c with { Concepts = ["skewer"] },
            117 => c with { Concepts = ["glaze"] },
            _ => c,
        });
        RecommendationDecision list = world.Recommend(world.Person(50).Profile, 100);
        double[] parts = [.. Enumerable.Range(114, 4).Select(i => Part(list, $"c{i}", "concept"))];
        Assert.True(parts[0] > parts[1] && parts[1] > 0 && parts[2] > 0 && parts[3] == 0, string.Join(' ', parts));
        RecommendationDecision led = world.Recommend(world.Person(50).Profile, 100, settings: Marketplace.Certain with { ColdConceptWeight = 5 });
        Assert.Equal("c114", led.Items[0].CourseId);
        Assert.All(led.Items.Where(item => item.CourseId is "c114" or "c115" or "c116"), item => Assert.Equal((ReasonCodes.RelatedConcept, "fork"), (item.Reasons[0].Code, item.Reasons[0].Args[0])));
    }

    [Fact]
    public void Circles_and_unknown_prerequisites_end()
    {
        Marketplace world = World((c, i) => i switch
        {
            6 => c with { Prerequisites = ["c12"] },
            12 => c with { Prerequisites = ["c6", "nobody teaches this"] },
            18 => c with { Prerequisites = ["nobody teaches this"] },
            _ => c,
        });
        RecommendationDecision list = world.Recommend(world.Person(0).Profile, 100, page: "c6");
        Assert.DoesNotContain("c12", Ids(list));
        Assert.Contains("c18", Ids(list));
    }

    [Fact]
    public void Where_everything_asks_for_everything_of_the_next_layer_a_list_is_still_made()
    {
        // Eight layers of fifteen: 15⁷ ways from the top to the bottom, and nothing at the bottom can be taken.
        var world = new Marketplace(120, (c, i) => i < 105 ? c with { Prerequisites = [.. Enumerable.Range(15 * ((i / 15) + 1), 15).Select(n => $"c{n}")] } : c with { PublishedAt = Marketplace.Now.AddDays(1) });
        FoldedPerson looking = world.Person();
        for (int viewed = 0; viewed < 15; viewed++)
        {
            world.Do(looking, new CourseViewed { CourseId = $"c{viewed}" });
        }

        Assert.Empty(world.Recommend(looking.Profile, 100, page: "c0").Items);
    }

    private static double Part(RecommendationDecision decision, string course, string part) => decision.ToRecord().Candidates
        .Where(one => one.Candidate == course).SelectMany(one => one.Contributions).Where(own => own.Name == part).Select(own => own.Value).SingleOrDefault();

    private static string[] Ids(RecommendationDecision decision) => [.. decision.Items.Select(item => item.CourseId)];

    private static Marketplace World(Func<Course, int, Course> change) => new Marketplace(120, (c, i) => change(c, i)).WithCrowd(300);
}
