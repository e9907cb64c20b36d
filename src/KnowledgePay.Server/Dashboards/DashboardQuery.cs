using KnowledgePay.Server.Requests;

namespace KnowledgePay.Server.Dashboards;

/// <summary>The span of days that a dashboard is asked for; an end that was left out moves with the clock.</summary>
public readonly record struct DashboardQuery(DateOnly? From, DateOnly? To)
{
    public const int LongestDays = 400;
    public const int UsualDays = 30;

    /// <summary>Reads and checks <c>from</c> and <c>to</c>.</summary>
    public static DashboardQuery Of(HttpRequest request)
    {
        var fields = new QueryFields(request);
        var query = new DashboardQuery(fields.Day("from"), fields.Day("to"));
        if (query is { From: { } from, To: { } to })
        {
            if (to < from) fields.Add("to", "must not be before from.");
            else if (to.DayNumber - from.DayNumber >= LongestDays) fields.Add("to", $"must be at most {LongestDays} days, both ends counted, from the first.");
        }

        fields.Check();
        return query;
    }

    /// <summary>Both ends at a time, never longer than the limit.</summary>
    public (DateOnly From, DateOnly To) Span(DateTimeOffset now)
    {
        DateOnly today = DateOnly.FromDateTime(now.UtcDateTime);
        DateOnly to = To ?? (From > today ? From.Value : today);
        DateOnly from = From ?? DateOnly.FromDayNumber(Math.Max(0, to.DayNumber - UsualDays + 1));
        if (to.DayNumber - from.DayNumber >= LongestDays)
        {
            // Only an end that was left out can make it so: the first day counts.
            to = from.AddDays(LongestDays - 1);
        }

        return (from, to);
    }
}
