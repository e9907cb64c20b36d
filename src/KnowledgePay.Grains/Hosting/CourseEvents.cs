using System.Collections.Immutable;
using KnowledgePay.Contracts.Events;
using KnowledgePay.Contracts.Grains;
using Orleans;

namespace KnowledgePay.Grains.Hosting;

/// <summary>Sends what markets say about a course to its grain.</summary>
public sealed class CourseEvents(IGrainFactory grains) : ICourseEvents
{
    public ValueTask<ImmutableArray<EventDisposition>> Append(string courseId, ImmutableArray<IncomingEvent> events) =>
        grains.GetGrain<ICourseGrain>(courseId).Append(events);
}
