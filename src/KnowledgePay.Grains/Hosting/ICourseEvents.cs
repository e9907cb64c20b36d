using System.Collections.Immutable;
using KnowledgePay.Contracts.Events;

namespace KnowledgePay.Grains.Hosting;

/// <summary>Events whose subject is a course (<c>market.*</c>): they go to the course's own stream of the journal.</summary>
public interface ICourseEvents
{
    /// <summary>Makes the events durable, then answers; one disposition an event, in order.</summary>
    /// <exception cref="Contracts.Grains.StoreUnavailableException">Nothing was accepted; the same events may be sent again.</exception>
    ValueTask<ImmutableArray<EventDisposition>> Append(string courseId, ImmutableArray<IncomingEvent> events);
}
