using KnowledgePay.Decisions.Projections;
using KnowledgePay.Grains.Hosting;
using KnowledgePay.Grains.Models;
using KnowledgePay.Grains.Records;
using Microsoft.Extensions.Logging;

namespace KnowledgePay.Grains.Users;

/// <summary>What every user grain of a silo decides with.</summary>
public sealed class DecisionServices(
    LiveSignals signals,
    DecisionRecorder recorder,
    ReviewDesk reviews,
    Ledger ledger,
    QuoteTokenKeys quoteKeys,
    DecisionSettings settings,
    ServedModels models,
    ILogger<UserGrain> logger)
{
    public LiveSignals Signals { get; } = signals;

    public DecisionRecorder Recorder { get; } = recorder;

    public ReviewDesk Reviews { get; } = reviews;

    public Ledger Ledger { get; } = ledger;

    public QuoteTokenKeys QuoteKeys { get; } = quoteKeys;

    public DecisionSettings Settings { get; } = settings;

    public ServedModels Models { get; } = models;

    public ILogger Logger { get; } = logger;
}
