using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Events;
using KnowledgePay.Server.Models;

namespace KnowledgePay.Server.Tests;

/// <summary>What a course counts in learning by what came of it.</summary>
public sealed class TakingSignalsTests
{
    private static readonly string[] Courses = ["a", "b", "c", "d"];

    [Fact]
    public void Completion_stars_and_money_back_multiply_and_what_was_only_taken_counts_one()
    {
        var signals = new TakingSignals(new TakingSignalOptions { Completed = 2, Stars = 0.5, Refunded = 0.1 });
        Hear(1, new CourseEnrolled { CourseId = "a" });
        Hear(1, Ordered("b", "pay-1"));
        Hear(2, Ordered("b", "pay-1"));
        Hear(1, new CourseCompleted { CourseId = "b" });
        Hear(1, new CourseRated { CourseId = "b", Stars = 1 });
        Hear(1, new CourseRated { CourseId = "b", Stars = 5 });
        Hear(1, new CourseRated { CourseId = "c", Stars = 3 });
        Hear(1, new CourseRated { CourseId = "d", Stars = 1 });
        Hear(2, new PaymentRefunded { PaymentId = "pay-1", Amount = new Money("CNY", 100) });
        Hear(2, new PaymentChargedBack { PaymentId = "of-nothing-here", Amount = new Money("CNY", 100) });
        Dictionary<(long, int), float> factors = signals.All.ToDictionary(one => one.Of, one => one.Factor);
        Assert.Equal(3, factors.Count);
        Assert.Equal(3f, factors[(1, 1)], 1e-6f);
        Assert.Equal(0.5f, factors[(1, 3)], 1e-6f);
        Assert.Equal(0.1f, factors[(2, 1)], 1e-6f);

        void Hear(long person, EventData data) => signals.Hear(person, data, id => Array.IndexOf(Courses, id));
    }

    [Fact]
    public async Task Factors_out_of_range_stop_the_start()
    {
        await using var server = new RunningServer { Settings = ["--KnowledgePay:Models:Signals:Refunded=0"] };
        Exception refused = await Assert.ThrowsAnyAsync<Exception>(async () => await server.InitializeAsync());
        Assert.Contains("Refunded", refused.ToString(), StringComparison.Ordinal);
    }

    private static OrderPlaced Ordered(string course, string payment) => new()
    {
        CourseId = course,
        OrderId = "o",
        QuoteId = "q",
        PaymentId = payment,
        Method = "card",
        Charged = new Money("CNY", 100),
        ListPrice = new Money("CNY", 100),
        Rung = 0,
        Personal = false,
    };
}
