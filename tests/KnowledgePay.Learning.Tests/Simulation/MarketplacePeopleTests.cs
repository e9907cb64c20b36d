using KnowledgePay.Contracts.Events;
using KnowledgePay.Learning.Simulation;

namespace KnowledgePay.Learning.Tests.Simulation;

public sealed class MarketplacePeopleTests
{
    private static MarketplaceWorld World => MarketplaceWorld.Large.Value;

    [Fact]
    public void People_take_courses_of_the_subjects_that_they_declare_far_more_often_than_chance_would()
    {
        Dictionary<string, UserProfiled> profiles = World.Of<UserProfiled>().ToDictionary(e => e.User, e => e.Data);
        (int inside, int all, double expected) = (0, 0, 0);
        int subjects = World.Courses.Values.Select(c => c.Category).Distinct().Count();
        foreach ((string user, CourseEnrolled enrolled, _) in World.Of<CourseEnrolled>())
        {
            var interests = profiles[user].Interests;
            all++;
            inside += interests.Contains(World.Courses[enrolled.CourseId].Category!) ? 1 : 0;
            expected += (double)interests.Length / subjects;
        }

        Assert.True(all > 1_000, $"{all} enrolments");
        Assert.True(inside > 2 * expected, $"{inside} of {all} enrolments are in a declared subject; by chance {expected:F0}");
    }

    [Fact]
    public void Tastes_differ_between_people()
    {
        string[] favourites = [.. World.Of<CourseEnrolled>()
            .GroupBy(e => e.User)
            .Where(g => g.Count() >= 3)
            .Select(g => g.GroupBy(e => World.Courses[e.Data.CourseId].Category!).MaxBy(c => c.Count())!.Key)];
        Assert.True(favourites.Distinct().Count() >= 8, string.Join(", ", favourites.Distinct()));
        Assert.True(favourites.GroupBy(f => f).Max(g => g.Count()) < favourites.Length * 0.4);
    }

    [Fact]
    public void Declared_high_incomes_buy_dearer_courses_than_low_ones()
    {
        Dictionary<string, string?> bands = World.Of<UserProfiled>().ToDictionary(e => e.User, e => e.Data.IncomeBand);
        double Mean(string band) => World.Of<CourseEnrolled>().Where(e => bands[e.User] == band).Average(e => (double)e.Data.Price!.Value.MinorUnits);
        Assert.True(Mean("high") > 1.05 * Mean("low"), $"high {Mean("high"):F0}, low {Mean("low"):F0}");
    }

    [Fact]
    public void A_dear_course_is_bought_by_fewer_of_those_who_look_at_it()
    {
        long[] prices = [.. World.Courses.Values.Select(c => c.ListPrice.MinorUnits).Order()];
        long cheap = prices[prices.Length / 3], dear = prices[prices.Length * 2 / 3];
        double Bought(Func<long, bool> among)
        {
            int views = World.Of<CourseViewed>().Count(e => among(World.Courses[e.Data.CourseId].ListPrice.MinorUnits));
            int bought = World.Of<CourseEnrolled>().Count(e => among(World.Courses[e.Data.CourseId].ListPrice.MinorUnits));
            return (double)bought / views;
        }

        double cheapShare = Bought(p => p <= cheap), dearShare = Bought(p => p >= dear);
        Assert.True(cheapShare > 1.3 * dearShare, $"cheap {cheapShare:P1}, dear {dearShare:P1}");
    }

    [Fact]
    public void Discounts_sell_better_than_list_prices_do()
    {
        // 100, 100, 90 and 80 per cent are drawn alike: at equal demand half of all sales would be at the list price.
        (int list, int discounted) = (0, 0);
        foreach ((_, CourseEnrolled enrolled, _) in World.Of<CourseEnrolled>())
        {
            bool full = enrolled.Price!.Value.MinorUnits == World.Courses[enrolled.CourseId].ListPrice.MinorUnits;
            list += full ? 1 : 0;
            discounted += full ? 0 : 1;
        }

        Assert.True(discounted > list, $"{discounted} discounted, {list} at the list price");
    }

    [Fact]
    public void Payment_risk_differs_few_people_make_most_of_the_failures()
    {
        int[] failures = [.. World.Of<PaymentAttempted>()
            .GroupBy(e => e.User)
            .Select(g => g.Count(e => e.Data.Outcome == PaymentOutcome.Failed))
            .OrderDescending()];
        int all = failures.Sum();
        Assert.True(all > 100, $"{all} failures");
        Assert.True(failures.Take(failures.Length / 5).Sum() > all / 2, $"the worst fifth made {failures.Take(failures.Length / 5).Sum()} of {all}");
        Assert.Contains(0, failures);
    }

    [Fact]
    public void Activity_differs_between_people()
    {
        int[] events = [.. World.Events.Where(e => e.Event.Data is not MarketPriceObserved).GroupBy(e => e.Subject).Select(g => g.Count()).Order()];
        Assert.True(events[^(events.Length / 10)] > 3 * events[events.Length / 10], $"tenth {events[events.Length / 10]}, nine tenths {events[^(events.Length / 10)]}");
    }

    [Fact]
    public void Nothing_names_or_reaches_a_real_person()
    {
        foreach (SimulatedEvent e in World.Events)
        {
            Assert.Matches(e.Event.Data is MarketPriceObserved ? "^c[0-9]+$" : "^u[0-9]+$", e.Subject);
            Assert.StartsWith("kpay:sim:", e.Event.Source, StringComparison.Ordinal);
        }

        Assert.All(World.Simulator.Partners, p => Assert.EndsWith(".example", p.Contact!, StringComparison.Ordinal));
        Assert.DoesNotContain(World.Of<CourseCommented>(), e => e.Data.Text.Contains('@', StringComparison.Ordinal));
        Assert.All(World.Of<UserProfiled>(), e => Assert.Empty(e.Data.Answers));
    }
}
