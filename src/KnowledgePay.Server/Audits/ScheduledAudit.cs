using System.Diagnostics.Metrics;
using KnowledgePay.Contracts.Grains;
using KnowledgePay.Grains.Hosting;
using KnowledgePay.Server.Hosting;
using Microsoft.Extensions.Options;

namespace KnowledgePay.Server.Audits;

/// <summary>Audits decisions on a schedule, on one silo of all; each shows the last report's figures among its metrics, for alarms.</summary>
public sealed partial class ScheduledAudit : BackgroundService
{
    /// <summary>Name of the metric; tags <c>decision</c> and <c>attribute</c>.</summary>
    public const string DisparateImpact = "kpay.fairness.disparate_impact";

    private const string TurnKind = "audit-schedule";

    private readonly DecisionAuditor _auditor;
    private readonly ScheduledTurns _turns;
    private readonly TimeSpan _every;
    private readonly TimeProvider _time;
    private readonly ILogger<ScheduledAudit> _logger;
    private DecisionAuditReport? _last;

    public ScheduledAudit(DecisionAuditor auditor, ScheduledTurns turns, EngineMetrics metrics, IOptions<DecisionAuditOptions> options, TimeProvider time, ILogger<ScheduledAudit> logger)
    {
        (_auditor, _turns, _every, _time, _logger) = (auditor, turns, options.Value.Every, time, logger);
        metrics.ObserveEach(DisparateImpact, "1", "Lowest rate of favourable decisions of a group to the highest, at the last audit.", Measure);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(ScheduledTurns.LookEvery(_every), _time);
        try
        {
            do
            {
                try
                {
                    DecisionAuditReport? report = await _turns.Take(TurnKind, "fairness", _every, stoppingToken) ? await _auditor.Run(stoppingToken) : null;
                    foreach (AuditedAttribute one in report?.Compared ?? [])
                    {
                        if (one is { PassesFourFifths: false, DisparateImpact: { } impact })
                        {
                            LogFailed(one.Decision, one.Attribute, impact.Value, impact.Low, impact.High);
                        }
                    }

                    Volatile.Write(ref _last, report ?? await _auditor.Last(stoppingToken));
                }
                catch (Exception e) when (e is StoreUnavailableException or InvalidDataException)
                {
                    LogSkipped(e);
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops.
        }
    }

    private IEnumerable<Measurement<double>> Measure()
    {
        foreach (AuditedAttribute one in Volatile.Read(ref _last)?.Compared ?? [])
        {
            if (one.DisparateImpact is { } impact)
            {
                yield return new Measurement<double>(impact.Value, new("decision", one.Decision), new("attribute", one.Attribute));
            }
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Decisions on {Decision} do not keep the four-fifths rule by {Attribute}: disparate impact {Impact}, 95 % {Low} to {High}.")]
    private partial void LogFailed(string decision, string attribute, double impact, double low, double high);

    [LoggerMessage(2, LogLevel.Warning, "The scheduled audit waits: the store does not answer.")]
    private partial void LogSkipped(Exception e);
}
