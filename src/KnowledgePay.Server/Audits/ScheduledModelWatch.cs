using System.Diagnostics.Metrics;
using KnowledgePay.Grains.Hosting;
using KnowledgePay.Learning.Premium;
using KnowledgePay.Learning.Risk;
using KnowledgePay.Learning.Uplift;
using KnowledgePay.Server.Hosting;
using KnowledgePay.Server.Models;
using Microsoft.Extensions.Options;

namespace KnowledgePay.Server.Audits;

/// <summary>Watches the models of risk on a schedule and shows the last report among the metrics, for alarms.</summary>
public sealed partial class ScheduledModelWatch : ScheduledReport<ModelWatchReport>
{
    /// <summary>Names of the metrics; tag <c>kind</c>, and <c>alarm</c> or <c>name</c>.</summary>
    public const string Alarm = "kpay.model.alarm", CalibrationDeviation = "kpay.model.calibration.deviation", StabilityIndex = "kpay.model.stability_index", OutcomeLagDays = "kpay.model.outcome_lag";

    private readonly ModelWatcher _watcher;
    private readonly ILogger<ScheduledModelWatch> _logger;

    public ScheduledModelWatch(ModelWatcher watcher, ScheduledTurns turns, EngineMetrics metrics, IOptions<ModelWatchOptions> options, TimeProvider time, ILogger<ScheduledModelWatch> logger)
        : base(ModelWatcher.Name, options.Value.Every, turns, time, logger)
    {
        (_watcher, _logger) = (watcher, logger);
        metrics.ObserveEach(Alarm, "1", "1 where the last look at a model of risk found something that somebody should see to.", () =>
            from model in Models
            from code in model.Kind switch { ModelKinds.Premium => PremiumWatch.Codes, ModelKinds.Uplift => UpliftWatch.Codes, _ => OutcomeWatch.Codes }
            select new Measurement<double>(model.Alarms.Any(alarm => alarm.Code == code) ? 1 : 0, new("kind", model.Kind), new("alarm", code)));
        metrics.ObserveEach(CalibrationDeviation, "1", "Bad outcomes, or claims, less those expected, in standard deviations, since the model learned.", () =>
            from model in Models
            where (model.Calibration?.Deviation ?? model.Balance?.Deviation) is not null
            select new Measurement<double>(model.Calibration?.Deviation ?? model.Balance!.Deviation, new KeyValuePair<string, object?>("kind", model.Kind)));
        metrics.ObserveEach(StabilityIndex, "1", "Population stability index of the score and of each attribute.", () =>
            from model in Models
            from drift in model.Drift
            select new Measurement<double>(drift.StabilityIndex, new("kind", model.Kind), new("name", drift.Name)));
        metrics.ObserveEach(OutcomeLagDays, "d", "Days within which half of the bad outcomes are known.", () =>
            from model in Models
            where model.Outcomes?.MedianDays is not null
            select new Measurement<double>(model.Outcomes!.MedianDays!.Value, new KeyValuePair<string, object?>("kind", model.Kind)));
    }

    private IReadOnlyList<WatchedModel> Models => Last?.Models ?? [];

    protected override Task<ModelWatchReport> Make(CancellationToken cancellation) => _watcher.Run(cancellation);

    protected override Task<ModelWatchReport?> Read(CancellationToken cancellation) => _watcher.Last(cancellation);

    protected override void Warn(ModelWatchReport report)
    {
        foreach (WatchedModel model in report.Models)
        {
            foreach (WatchAlarm alarm in model.Alarms)
            {
                LogAlarm(model.Kind, model.Model, alarm.Code, alarm.Text);
            }
        }
    }

    [LoggerMessage(2, LogLevel.Warning, "The {Kind} model {Model}: {Alarm}. {Text}")]
    private partial void LogAlarm(string kind, string model, string alarm, string text);
}
