using KnowledgePay.Contracts.Events;
using KnowledgePay.Contracts.People;

namespace KnowledgePay.Learning.Simulation;

/// <summary>An event of the simulated marketplace.</summary>
/// <param name="Subject">The user id; the course id for <see cref="MarketPriceObserved"/>.</param>
public readonly record struct SimulatedEvent(string Subject, IncomingEvent Event);

/// <summary>What a simulated person consents to.</summary>
public readonly record struct SimulatedConsent(string UserId, Consent Consent);
