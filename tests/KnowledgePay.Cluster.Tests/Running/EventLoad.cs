using System.Collections.Concurrent;

namespace KnowledgePay.Cluster.Tests;

/// <summary>
/// Writers that send views of courses to all silos in turn and keep what was acknowledged. What was not is sent again, the same events
/// to the next silo, until it is: as a client does that may not lose anything.
/// </summary>
public sealed class EventLoad(IReadOnlyList<SiloProcess> silos, Func<string, Task<long>> count, string prefix, int people = 60, int courses = 6)
{
    private const int BatchEvents = 10;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private readonly ConcurrentDictionary<string, string> _acknowledged = new();
    private readonly CancellationTokenSource _stop = new();
    private Task[] _writers = [];
    private int _made;
    private int _unanswered;

    public EventLoad(RunningCluster cluster, string prefix)
        : this(cluster.Silos, cluster.Postgres.Scalar<long>, prefix)
    {
    }

    public int Acknowledged => _acknowledged.Count;

    /// <summary>Requests that failed, or were answered with anything but 200, and were repeated.</summary>
    public int Unanswered => _unanswered;

    public async Task Start(int writers = 3)
    {
        await silos[0].PutCourses(prefix, courses);
        foreach (SiloProcess silo in silos)
        {
            await Calls.Until(async () => ((await silo.Get($"/v1/courses/{prefix}-{courses - 1}")).Status == 200, $"{silo.Name} does not know the courses"));
        }

        _writers = [.. Enumerable.Range(0, writers).Select(w => Task.Run(() => Write(w)))];
    }

    /// <summary>Waits until so many more are acknowledged.</summary>
    public async Task More(int events)
    {
        int wanted = Acknowledged + events;
        await Calls.Until(() => Task.FromResult((Acknowledged >= wanted, $"{Acknowledged} of {wanted} events acknowledged")), 120);
    }

    /// <summary>Stops when all that was sent is acknowledged.</summary>
    public async Task Stop()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_writers);
    }

    /// <summary>Every acknowledged event is stored, none is there twice, and every view is counted once.</summary>
    public async Task AssertAllThereOnce()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_writers);
        foreach (string[] chunk in _acknowledged.Values.Chunk(2_000))
        {
            await Calls.Until(async () =>
            {
                Answered again = await silos[^1].Events(chunk);
                if (again.IsThere())
                {
                    Assert.Equal((0, chunk.Length), (again.Json.GetProperty("accepted").GetInt32(), again.Json.GetProperty("duplicates").GetInt32()));
                }

                return (again.Status == 200, again.Text);
            });
        }

        await Calls.Until(async () =>
        {
            long views = 0;
            for (int c = 0; c < courses; c++)
            {
                Answered figures = await silos[c % silos.Count].Get($"/v1/courses/{prefix}-{c}/figures");
                if (!figures.IsThere())
                {
                    return (false, figures.Text);
                }

                views += figures.Json.GetProperty("views").GetInt64();
            }

            return (views == Acknowledged, $"{views} views are counted of {Acknowledged}");
        });
        // The journal's own count: sequences of a person without a gap, and no event in two rows.
        Assert.Equal(0L, await count("SELECT count(*) FROM (SELECT stream FROM kpay.journal GROUP BY stream HAVING max(sequence) <> count(*)) gaps"));
    }

    private async Task Write(int writer)
    {
        var random = new Random(writer);
        for (int turn = writer; !_stop.IsCancellationRequested; turn++)
        {
            var batch = new Dictionary<string, string>();
            for (int i = 0; i < BatchEvents; i++)
            {
                string id = $"{prefix}-{Interlocked.Increment(ref _made)}";
                batch[id] = $$$"""{"specversion":"1.0","type":"knowledgepay.course.viewed","source":"/cluster","id":"{{{id}}}","subject":"{{{prefix}}}-u{{{random.Next(people)}}}","data":{"courseId":"{{{prefix}}}-{{{random.Next(courses)}}}"} }""";
            }

            for (; !await IsAcknowledged(silos[turn % silos.Count], batch.Values); turn++)
            {
                await Task.Delay(20);
            }

            foreach ((string id, string line) in batch)
            {
                _acknowledged[id] = line;
            }

            // So that a small machine has something left for the silos: this is about what is kept, not about how fast.
            await Task.Delay(50);
        }
    }

    private async Task<bool> IsAcknowledged(SiloProcess silo, IEnumerable<string> lines)
    {
        try
        {
            // The request is left to itself then, and may yet be done: as with callers who do not wait for ever.
            if ((await silo.Events(lines).WaitAsync(Patience)).Status == 200)
            {
                return true;
            }
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or TimeoutException)
        {
            if (Calls.IsRefusedConnection(e))
            {
                return false;
            }
        }

        Interlocked.Increment(ref _unanswered);
        return false;
    }
}
