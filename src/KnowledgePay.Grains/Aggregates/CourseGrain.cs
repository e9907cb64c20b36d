using System.Collections.Immutable;
using KnowledgePay.Contracts.Events;
using KnowledgePay.Contracts.Grains;
using KnowledgePay.Decisions.Catalogue;
using KnowledgePay.Decisions.Projections;
using KnowledgePay.Grains.Catalogue;
using KnowledgePay.Grains.Events;
using KnowledgePay.Grains.Projections;

namespace KnowledgePay.Grains.Aggregates;

/// <summary>One course: its figures, and the stream of what markets say about it.</summary>
/// <remarks>The figures are read off the silo's own signals, which hold every partition: a state of the grain's own could only be behind them.</remarks>
public sealed class CourseGrain(ICatalogue catalogue, SignalStorage storage, StreamServices services) : Grain, ICourseGrain
{
    private EventStream? _stream;

    public async ValueTask<ImmutableArray<EventDisposition>> Append(ImmutableArray<IncomingEvent> events)
    {
        _stream ??= new EventStream(StreamNames.OfCourse(this.GetPrimaryKeyString()), services);
        return await _stream.Append(events);
    }

    public ValueTask<CourseFigures> Get()
    {
        string courseId = this.GetPrimaryKeyString();
        // Before the figures, which then hold at least this much.
        ImmutableSortedDictionary<int, long> watermarks = services.Projector.Watermarks;
        DateTimeOffset now = services.Time.GetUtcNow();
        CourseEntry? entry = catalogue.Current.FindCourse(courseId);
        return ValueTask.FromResult(entry is null
            ? CourseFiguresReader.Read([], courseId, now, watermarks)
            : storage.ReadCourse(entry.Ordinal, course => CourseFiguresReader.Read(course is null ? [] : [course], courseId, now, watermarks)));
    }
}
