using KnowledgePay.Learning.Risk;

namespace KnowledgePay.Server.Models;

/// <summary>Something in the journal that a model of risk scores, with what was known of the person then and what came of it.</summary>
internal class ScoredCase(double[] values, DateTimeOffset at, IReadOnlyList<(string, string)> groups)
{
    public double[] Values { get; } = values;

    public DateTimeOffset At { get; } = at;

    public IReadOnlyList<(string, string)> Groups { get; } = groups;

    /// <summary>How long after it the first bad outcome came; null where none is known.</summary>
    public TimeSpan? WrongAfter { get; private set; }

    /// <summary>Takes a bad outcome down. The journal's order need not be that of the events' times.</summary>
    public void WentWrong(DateTimeOffset at) => WrongAfter = WrongAfter is { } before && before <= at - At ? before : at - At;

    public WatchedCase Watched(Func<double[], double> probability, bool isFollowed) => new(At, Values, probability(Values), isFollowed, WrongAfter);
}

/// <summary>What was scored, and when anything was heard of how it went.</summary>
public sealed record Watched(IReadOnlyList<WatchedCase> Cases, IReadOnlyList<DateTimeOffset> Reports);
