using System.Diagnostics.Metrics;
using KnowledgePay.Grains.Hosting;
using KnowledgePay.Server.Hosting;
using Microsoft.Extensions.Options;

namespace KnowledgePay.Server.Audits;

/// <summary>Audits decisions on a schedule and shows the last report's figures among the metrics, for alarms.</summary>
public sealed partial class ScheduledAudit : ScheduledReport<DecisionAuditReport>
{
    /// <summary>Name of the metric; tags <c>decision</c> and <c>attribute</c>.</summary>
    public const string DisparateImpact = "kpay.fairness.disparate_impact";

    private readonly DecisionAuditor _auditor;
    private readonly ILogger<ScheduledAudit> _logger;

    public ScheduledAudit(DecisionAuditor auditor, ScheduledTurns turns, EngineMetrics metrics, IOptions<DecisionAuditOptions> options, TimeProvider time, ILogger<ScheduledAudit> logger)
        : base(DecisionAuditor.Name, options.Value.Every, turns, time, logger)
    {
        (_auditor, _logger) = (auditor, logger);
        metrics.ObserveEach(DisparateImpact, "1", "Lowest rate of favourable decisions of a group to the highest, at the last audit.", Measure);
    }

    protected override Task<DecisionAuditReport> Make(CancellationToken cancellation) => _auditor.Run(cancellation);

    protected override Task<DecisionAuditReport?> Read(CancellationToken cancellation) => _auditor.Last(cancellation);

    protected override void Warn(DecisionAuditReport report)
    {
        foreach (AuditedAttribute one in report.Compared)
        {
            if (one is { PassesFourFifths: false, DisparateImpact: { } impact })
            {
                LogFailed(one.Decision, one.Attribute, impact.Value, impact.Low, impact.High);
            }
        }
    }

    private IEnumerable<Measurement<double>> Measure()
    {
        foreach (AuditedAttribute one in Last?.Compared ?? [])
        {
            if (one.DisparateImpact is { } impact)
            {
                yield return new Measurement<double>(impact.Value, new("decision", one.Decision), new("attribute", one.Attribute));
            }
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Decisions on {Decision} do not keep the four-fifths rule by {Attribute}: disparate impact {Impact}, 95 % {Low} to {High}.")]
    private partial void LogFailed(string decision, string attribute, double impact, double low, double high);
}
