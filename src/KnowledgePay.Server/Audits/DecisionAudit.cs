namespace KnowledgePay.Server.Audits;

/// <summary>A group's decisions.</summary>
/// <param name="FavourableRate">Share of them that went as people want.</param>
/// <param name="ImpactRatio">That share divided by the highest of a group that is large enough; null for a group that is not.</param>
public sealed record AuditedGroup(string Group, int Decisions, double FavourableRate, double? ImpactRatio);

/// <summary>A figure with its 95 % bootstrap interval.</summary>
public sealed record AuditedFigure(double Value, double Low, double High);

/// <summary>One kind of decision compared by one attribute.</summary>
/// <param name="Decision"><c>credit</c>: not declined; <c>price</c>: quoted below the list price.</param>
/// <param name="Attribute"><c>gender</c> or <c>age</c>.</param>
/// <param name="DisparateImpact">Lowest rate of a group to the highest; null where no two groups are large enough.</param>
/// <param name="ParityDifference">Highest rate less the lowest.</param>
/// <param name="PassesFourFifths">Whether the disparate impact is 0.8 or more.</param>
public sealed record AuditedAttribute(
    string Decision, string Attribute, IReadOnlyList<AuditedGroup> Groups, AuditedFigure? DisparateImpact, AuditedFigure? ParityDifference, bool? PassesFourFifths, IReadOnlyList<string> Warnings);

/// <summary>What was decided about whom, compared between groups of people.</summary>
public sealed record DecisionAuditReport
{
    public required DateTimeOffset At { get; init; }

    /// <summary>Decisions since then.</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>Decisions that were looked at.</summary>
    public required int Decisions { get; init; }

    public required IReadOnlyList<AuditedAttribute> Compared { get; init; }
}

/// <summary>When decisions are audited, and over how long.</summary>
public sealed class DecisionAuditOptions
{
    public const string Section = "KnowledgePay:Audits";

    /// <summary>Time from one audit to the next, 1 second to 365 days.</summary>
    public TimeSpan Every { get; set; } = TimeSpan.FromDays(1);

    /// <summary>How far back decisions are looked at, 1 hour to ten years.</summary>
    public TimeSpan Window { get; set; } = TimeSpan.FromDays(90);
}
