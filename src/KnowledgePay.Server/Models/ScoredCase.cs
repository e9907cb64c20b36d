using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Learning.Risk;

namespace KnowledgePay.Server.Models;

/// <summary>Something in the journal that a model of risk scores, with what was known of the person then and what came of it.</summary>
public class ScoredCase(long person, double[] values, DateTimeOffset at, IReadOnlyList<(string, string)> groups)
{
    /// <summary>The person's stream.</summary>
    public long Person { get; } = person;

    public double[] Values { get; } = values;

    public DateTimeOffset At { get; } = at;

    public IReadOnlyList<(string, string)> Groups { get; } = groups;

    /// <summary>Of an application for credit, what the engine said; null where no decision of its own was seen.</summary>
    public CreditOutcome? Outcome { get; init; }

    /// <summary>Whether its outcome can become known: a loan that was taken, not one that was only asked for.</summary>
    public bool IsFollowed { get; set; } = true;

    /// <summary>How long after it the first bad outcome came; null where none is known.</summary>
    public TimeSpan? WrongAfter { get; private set; }

    /// <summary>Takes a bad outcome down. The journal's order need not be that of the events' times.</summary>
    public void WentWrong(DateTimeOffset at) => WrongAfter = WrongAfter is { } before && before <= at - At ? before : at - At;

    public WatchedCase Watched(Func<double[], double> probability) => new(At, Values, probability(Values), IsFollowed, WrongAfter);
}

/// <summary>All that was scored, and when anything was heard of how it went.</summary>
public sealed record ScoredCases(IReadOnlyList<ScoredCase> Cases, IReadOnlyList<DateTimeOffset> Reports)
{
    public Watched Watched(Func<double[], double> probability) => new([.. Cases.Select(one => one.Watched(probability))], Reports);
}

/// <summary>What was scored, and when anything was heard of how it went.</summary>
public sealed record Watched(IReadOnlyList<WatchedCase> Cases, IReadOnlyList<DateTimeOffset> Reports);
