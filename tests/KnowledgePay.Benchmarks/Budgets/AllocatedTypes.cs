using System.Collections.Concurrent;
using System.Diagnostics.Tracing;
using System.Globalization;

namespace KnowledgePay.Benchmarks.Budgets;

/// <summary>Samples what is allocated, by type: the runtime reports one allocation in about 100 KB.</summary>
internal sealed class AllocatedTypes : EventListener
{
    private const EventKeywords Gc = (EventKeywords)0x1;
    private const string Tick = "GCAllocationTick";

    private readonly ConcurrentDictionary<string, long> _bytes = new(StringComparer.Ordinal);

    public void Clear() => _bytes.Clear();

    public void Print(TextWriter output, string operation, int types)
    {
        long all = Math.Max(1, _bytes.Values.Sum());
        foreach ((string type, long bytes) in _bytes.OrderByDescending(pair => pair.Value).Take(types))
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {operation,-16} {100.0 * bytes / all,5:F1} %  {type}"));
        }
    }

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == "Microsoft-Windows-DotNETRuntime")
        {
            EnableEvents(eventSource, EventLevel.Verbose, Gc);
        }
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        if (eventData.EventName?.StartsWith(Tick, StringComparison.Ordinal) == true
            && eventData.PayloadNames?.IndexOf("TypeName") is >= 0 and int at && eventData.Payload![at] is string type
            && eventData.PayloadNames.IndexOf("AllocationAmount64") is >= 0 and int amount)
        {
            _bytes.AddOrUpdate(type, Convert.ToInt64(eventData.Payload[amount], CultureInfo.InvariantCulture), (_, before) => before + Convert.ToInt64(eventData.Payload[amount], CultureInfo.InvariantCulture));
        }
    }
}
