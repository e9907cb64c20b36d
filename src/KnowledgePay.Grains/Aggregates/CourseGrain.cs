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
public sealed class CourseGrain(ICatalogue catalogue, SignalStorage storage, StreamServices services) : Grain, ICourseGrain
{
    private readonly PartitionedState<CourseAggregate> _state = new();
    private EventStream? _stream;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        if (catalogue.Current.FindCourse(this.GetPrimaryKeyString()) is { } entry)
        {
            foreach ((int partition, long watermark, byte[] state) in await storage.Find(product: false, entry.Ordinal, cancellationToken))
            {
                _state.Take(partition, watermark, storage.DecodeCourse(state));
            }
        }
    }

    public ValueTask Push(AggregatePush push)
    {
        if (_state.IsNewer(push.Partition, push.Watermark))
        {
            _state.Take(push.Partition, push.Watermark, storage.DecodeCourse(push.State));
        }

        return ValueTask.CompletedTask;
    }

    public async ValueTask<ImmutableArray<EventDisposition>> Append(ImmutableArray<IncomingEvent> events)
    {
        _stream ??= new EventStream(StreamNames.OfCourse(this.GetPrimaryKeyString()), services);
        return await _stream.Append(events);
    }

    public ValueTask<CourseFigures> Get()
    {
        return ValueTask.FromResult(CourseFiguresReader.Read(_state.Parts, this.GetPrimaryKeyString(), services.Time.GetUtcNow(), _state.Watermarks));
    }
}

/// <summary>A projection's state by journal partition, each with its own watermark.</summary>
internal sealed class PartitionedState<T>
    where T : class
{
    private readonly SortedDictionary<int, (long Watermark, T State)> _parts = [];

    public T[] Parts => [.. _parts.Values.Select(p => p.State)];

    public ImmutableSortedDictionary<int, long> Watermarks => _parts.ToImmutableSortedDictionary(p => p.Key, p => p.Value.Watermark);

    public bool IsNewer(int partition, long watermark) => !_parts.TryGetValue(partition, out (long Watermark, T State) known) || watermark >= known.Watermark;

    public void Take(int partition, long watermark, T state) => _parts[partition] = (watermark, state);
}
