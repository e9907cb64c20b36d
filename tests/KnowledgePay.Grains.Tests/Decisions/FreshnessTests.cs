using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Contracts.Grains;

namespace KnowledgePay.Grains.Tests.Decisions;

/// <summary>A decision sees everything that was acknowledged before it was asked.</summary>
public sealed class FreshnessTests(SharedEngine shared)
{
    [Fact]
    public async Task The_very_next_list_after_an_enrolment_has_changed_and_lacks_the_course()
    {
        IUserGrain user = shared.Engine.User("fresh-1");
        var request = new RecommendationRequest { Count = 10 };
        await user.Append(TestEngine.Enrolled("c10"));
        for (int i = 0; i < 10; i++)
        {
            string[] before = await List(user, request);
            await user.Append(TestEngine.Enrolled(before[0]));
            string[] after = await List(user, request);

            Assert.DoesNotContain(before[0], after);
            Assert.NotEqual(before, after);
        }
    }

    [Fact]
    public async Task No_list_ever_holds_a_course_that_is_owned()
    {
        IUserGrain user = shared.Engine.User("fresh-2");
        var owned = new HashSet<string>();
        for (int i = 0; i < 30; i++)
        {
            string course = $"c{i * 3}";
            owned.Add(course);
            // The list is asked for while the next enrolment is being written.
            Task<string[]> during = List(user, new RecommendationRequest { Count = 100 });
            await user.Append(TestEngine.Enrolled(course));
            Assert.Empty((await during).Intersect(owned.Except([course])));
            Assert.Empty((await List(user, new RecommendationRequest { Count = 100 })).Intersect(owned));
        }
    }

    [Fact]
    public async Task A_person_of_whom_nothing_is_known_gets_a_full_list()
    {
        string[] list = await List(shared.Engine.User("fresh-3"), new RecommendationRequest { Count = 10 });

        Assert.Equal(10, list.Distinct().Count());
    }

    [Fact]
    public async Task The_page_of_an_unknown_course_is_not_found()
    {
        var answer = await shared.Engine.User("fresh-4").Recommend(new RecommendationRequest { CourseId = "nowhere" });

        Assert.Equal("not-found", answer.Problem!.Type);
    }

    private static async Task<string[]> List(IUserGrain user, RecommendationRequest request)
    {
        RecommendationAnswer answer = (await user.Recommend(request)).Value!;
        return [.. answer.Items.Select(i => i.CourseId)];
    }
}
