using System.Diagnostics.Metrics;
using KnowledgePay.Contracts.Decisions;

namespace KnowledgePay.Grains.Hosting;

/// <summary>What the engine counts and times; the meter <c>KnowledgePay</c>.</summary>
public sealed class EngineMetrics : IDisposable
{
    public const string MeterName = "KnowledgePay";

    private readonly Meter _meter = new(MeterName);
    private readonly Counter<long> _events;
    private readonly Counter<long> _duplicates;
    private readonly Counter<long> _decisions;
    private readonly Counter<long> _fences;
    private readonly Histogram<double> _decisionSeconds;
    private readonly Histogram<double> _appendSeconds;

    public EngineMetrics()
    {
        _events = _meter.CreateCounter<long>("kpay.events.accepted", "{event}", "Events made durable.");
        _duplicates = _meter.CreateCounter<long>("kpay.events.duplicates", "{event}", "Events that were there already.");
        _decisions = _meter.CreateCounter<long>("kpay.decisions", "{decision}", "Decisions by kind and outcome.");
        _fences = _meter.CreateCounter<long>("kpay.fences", "{fence}", "Appends that found another writer and reloaded.");
        _decisionSeconds = _meter.CreateHistogram<double>("kpay.decision.duration", "s", "Time of a decision inside the grain.", advice: new InstrumentAdvice<double>
        {
            HistogramBucketBoundaries = [0.00001, 0.000025, 0.00005, 0.0001, 0.0002, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 1],
        });
        _appendSeconds = _meter.CreateHistogram<double>("kpay.append.duration", "s", "Time until events were durable and folded.", advice: new InstrumentAdvice<double>
        {
            HistogramBucketBoundaries = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
        });
    }

    public void Appended(int accepted, int duplicates, TimeSpan elapsed)
    {
        _events.Add(accepted);
        if (duplicates > 0)
        {
            _duplicates.Add(duplicates);
        }

        _appendSeconds.Record(elapsed.TotalSeconds);
    }

    public void Decided(DecisionKind kind, string outcome, TimeSpan elapsed)
    {
        _decisions.Add(1, new KeyValuePair<string, object?>("kind", NameOf(kind)), new KeyValuePair<string, object?>("outcome", outcome));
        _decisionSeconds.Record(elapsed.TotalSeconds, new KeyValuePair<string, object?>("kind", NameOf(kind)));
    }

    public void Fenced() => _fences.Add(1);

    /// <summary>Adds a gauge that is read when metrics are.</summary>
    public void Observe(string name, string unit, string description, Func<long> read) =>
        _meter.CreateObservableGauge(name, read, unit, description);

    /// <summary>Adds a gauge of several values, each with tags of its own.</summary>
    public void ObserveEach(string name, string unit, string description, Func<IEnumerable<Measurement<double>>> read) =>
        _meter.CreateObservableGauge(name, read, unit, description);

    public void Dispose() => _meter.Dispose();

    private static string NameOf(DecisionKind kind) => kind switch
    {
        DecisionKind.Recommendation => "recommendation",
        DecisionKind.Price => "price",
        DecisionKind.Credit => "credit",
        DecisionKind.Offers => "offers",
        DecisionKind.Checkout => "checkout",
        _ => "review",
    };
}
