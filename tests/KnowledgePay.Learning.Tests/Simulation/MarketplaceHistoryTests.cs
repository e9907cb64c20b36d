using CsCheck;
using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Catalogue;
using KnowledgePay.Contracts.Events;
using KnowledgePay.Learning.Simulation;

namespace KnowledgePay.Learning.Tests.Simulation;

public sealed class MarketplaceHistoryTests
{
    private static MarketplaceWorld World => MarketplaceWorld.Large.Value;

    [Fact]
    public void Every_event_type_of_the_contract_occurs()
    {
        string[] contract = [.. typeof(EventTypes).GetFields().Where(f => f.IsLiteral && f.Name != nameof(EventTypes.Prefix)).Select(f => (string)f.GetRawConstantValue()!)];
        string[] seen = [.. World.Events.Select(e => EventTypes.NameOf(e.Event.Data)).Distinct()];
        Assert.Empty(contract.Except(seen));
        Assert.Empty(seen.Except(contract));
    }

    [Fact]
    public void The_same_options_make_the_same_world_and_another_seed_makes_another() => Gen.Select(Gen.Int[1, 60], Gen.Int[1, 40], Gen.ULong[0, 1UL << 40]).Sample(
        (users, courses, seed) =>
        {
            string One(ulong s)
            {
                var world = new MarketplaceWorld(users, courses, 300, s);
                return string.Join('\n', world.Events.Select(e => $"{e.Subject} {e.Event.Id} {e.Event.Time:O} {e.Event.Data}"));
            }

            string first = One(seed);
            Assert.Equal(first, One(seed));
            Assert.NotEqual(first, One(seed + 1));
        },
        iter: 20);

    [Fact]
    public void As_many_events_come_as_were_asked_for_with_ids_of_their_own_in_order_and_within_the_days() => Gen.Select(Gen.Int[1, 200], Gen.Int[1, 50], Gen.Int[0, 2_000], Gen.Int[1, 400]).Sample(
        (users, courses, count, days) =>
        {
            var options = new MarketplaceOptions { Users = users, Courses = courses, Seed = 3, End = MarketplaceWorld.End, Days = days };
            SimulatedEvent[] events = [.. new MarketplaceSimulator(options).History(count)];
            Assert.Equal(count, events.Length);
            Assert.Equal(count, events.Select(e => e.Event.Id).Distinct().Count());
            Assert.True(events.Zip(events.Skip(1)).All(p => p.First.Event.Time <= p.Second.Event.Time));
            Assert.All(events, e => Assert.InRange(e.Event.Time, options.End.AddDays(-days), options.End));
        },
        iter: 40);

    [Fact]
    public void Every_value_is_what_the_contract_allows()
    {
        foreach (SimulatedEvent e in World.Events)
        {
            Assert.True(EntityId.IsValid(e.Subject));
            switch (e.Event.Data)
            {
                case UserProfiled p:
                    Assert.InRange(p.BirthYear!.Value, 1900, MarketplaceWorld.End.Year - 18);
                    break;
                case UserSocialLinked s:
                    Assert.InRange(s.Followers!.Value, 0, 10_000_000_000);
                    break;
                case CourseViewed v:
                    Assert.InRange(v.Seconds!.Value, 0, 86_400);
                    break;
                case CourseProgressed p:
                    Assert.InRange(p.Fraction!.Value, 0, 1);
                    break;
                case CourseRated r:
                    Assert.InRange(r.Stars, 0.5, 5);
                    break;
                case PaymentAttempted p:
                    Assert.True(p.Amount.IsValidPrice);
                    break;
                case LoanEvent l:
                    Assert.True(l.Amount.IsValidPrice && l.DaysLate is >= 0 and <= 36_500);
                    break;
                case OfferEvent o:
                    Assert.Contains(World.Simulator.Products, p => p.Id == o.ProductId && p.PartnerId == o.PartnerId);
                    break;
                case MarketPriceObserved m:
                    Assert.True(m.Price.IsValidPrice);
                    break;
            }

            if (e.Event.Data is CourseEvent course)
            {
                Assert.True(World.Courses.ContainsKey(course.CourseId));
            }
        }
    }

    [Fact]
    public void A_course_is_paid_for_before_it_is_taken_and_taken_before_it_is_worked_through_or_judged()
    {
        var taken = new HashSet<(string, string)>();
        var paying = new Dictionary<string, Money>();
        foreach (SimulatedEvent e in World.Events)
        {
            switch (e.Event.Data)
            {
                case PaymentAttempted { Outcome: PaymentOutcome.Succeeded } paid:
                    paying[e.Subject] = paid.Amount;
                    break;
                case CourseEnrolled enrolled:
                    Assert.Equal(paying[e.Subject], enrolled.Price);
                    Assert.True(taken.Add((e.Subject, enrolled.CourseId)), $"{e.Subject} took {enrolled.CourseId} twice");
                    break;
                case CourseProgressed or CourseCompleted or CourseRated or CourseCommented:
                    Assert.Contains((e.Subject, ((CourseEvent)e.Event.Data).CourseId), taken);
                    break;
            }
        }
    }

    [Fact]
    public void A_prerequisite_is_completed_before_the_course_that_needs_it_is_taken()
    {
        var completed = new HashSet<(string, string)>();
        int checkedCourses = 0;
        foreach (SimulatedEvent e in World.Events)
        {
            if (e.Event.Data is CourseCompleted done)
            {
                completed.Add((e.Subject, done.CourseId));
            }
            else if (e.Event.Data is CourseEnrolled enrolled)
            {
                foreach (string needed in World.Courses[enrolled.CourseId].Prerequisites)
                {
                    Assert.Contains((e.Subject, needed), completed);
                    checkedCourses++;
                }
            }
        }

        Assert.True(checkedCourses > 10, $"{checkedCourses} courses with a prerequisite were taken");
    }

    [Fact]
    public void What_a_loan_is_repaid_or_lost_adds_up_to_no_more_than_was_lent()
    {
        Dictionary<string, LoanEvent[]> loans = World.Events.Select(e => e.Event.Data).OfType<LoanEvent>().GroupBy(l => l.LoanId).ToDictionary(g => g.Key, g => g.ToArray());
        foreach (LoanEvent[] events in loans.Values)
        {
            Assert.True(events.Count(l => l is LoanInstallmentPaid) <= 3);
            Assert.True(events.Count(l => l is LoanDefaulted) <= 1);
            Assert.True(events.OfType<LoanDefaulted>().Any() ? events[^1] is LoanDefaulted : true);
        }

        Assert.True(loans.Count > 20, $"{loans.Count} loans");
    }

    [Fact]
    public void Live_events_take_the_time_at_which_they_are_read_and_ids_that_history_does_not_have()
    {
        var simulator = new MarketplaceSimulator(new MarketplaceOptions { Users = 30, Courses = 20, Seed = 1, End = MarketplaceWorld.End });
        string[] history = [.. simulator.History(200).Select(e => e.Event.Source + e.Event.Id)];
        var clock = new FixedClock(MarketplaceWorld.End.AddHours(5));
        SimulatedEvent[] live = [.. simulator.Trickle(clock).Take(100)];
        Assert.All(live, e => Assert.Equal(clock.Now, e.Event.Time));
        Assert.Equal(100, live.Select(e => e.Event.Id).Distinct().Count());
        Assert.Empty(live.Select(e => e.Event.Source + e.Event.Id).Intersect(history));
    }

    [Theory]
    [InlineData(0, 1, 1, "Users")]
    [InlineData(1, 0, 1, "Courses")]
    [InlineData(1, 1, 0, "Days")]
    [InlineData(10_000_001, 1, 1, "Users")]
    public void Options_out_of_their_range_are_refused_by_name(int users, int courses, int days, string name)
    {
        var options = new MarketplaceOptions { Users = users, Courses = courses, Seed = 1, End = MarketplaceWorld.End, Days = days };
        Assert.Equal(name, Assert.Throws<ArgumentOutOfRangeException>(() => new MarketplaceSimulator(options)).ParamName);
    }

    [Fact]
    public void The_catalogue_is_what_the_contract_allows()
    {
        var before = new HashSet<string>();
        foreach (Course course in World.Simulator.Courses)
        {
            Assert.True(EntityId.IsValid(course.Id) && course.ListPrice.IsValidPrice);
            Assert.True(course.FloorPrice!.Value.MinorUnits <= course.ListPrice.MinorUnits && course.MarginalCost!.Value.MinorUnits <= course.FloorPrice.Value.MinorUnits);
            Assert.All(course.Prerequisites, p => Assert.Contains(p, before));
            Assert.True(before.Add(course.Id));
        }

        Assert.Equal(World.Options.Courses, before.Count);
        Assert.Equal(World.Options.Users, World.Simulator.Consents.Select(c => c.UserId).Distinct().Count());
    }

    private sealed class FixedClock(DateTimeOffset now) : TimeProvider
    {
        public DateTimeOffset Now { get; } = now;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
