using KnowledgePay.Contracts.Events;

namespace KnowledgePay.Client.Events;

/// <summary>An event and whom (or, for <c>market.*</c>, which course) it is about.</summary>
/// <param name="Subject">The user id; the course id for <see cref="MarketPriceObserved"/>.</param>
public readonly record struct OutgoingEvent(string Subject, IncomingEvent Event);
