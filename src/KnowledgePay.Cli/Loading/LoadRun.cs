using System.Diagnostics;
using System.Net;

namespace KnowledgePay.Cli.Loading;

/// <summary>What a stretch of load gave, by kind of request.</summary>
internal sealed class LoadResult
{
    public TimeSpan Elapsed { get; private set; }

    public Dictionary<LoadKind, LatencyHistogram> Latencies { get; } = [];

    /// <summary>Requests that were not answered with success, by what came instead.</summary>
    public SortedDictionary<string, long> Failures { get; } = new(StringComparer.Ordinal);

    /// <summary>Latencies of all kinds together.</summary>
    public LatencyHistogram All
    {
        get
        {
            var all = new LatencyHistogram();
            foreach (LatencyHistogram histogram in Latencies.Values)
            {
                all.Add(histogram);
            }

            return all;
        }
    }

    public long Requests => Latencies.Values.Sum(histogram => histogram.Count);

    public double PerSecond => Elapsed > TimeSpan.Zero ? Requests / Elapsed.TotalSeconds : 0;

    public void Add(LoadResult other, TimeSpan elapsed)
    {
        Elapsed += elapsed;
        foreach ((LoadKind kind, LatencyHistogram histogram) in other.Latencies)
        {
            Of(kind).Add(histogram);
        }

        foreach ((string failure, long count) in other.Failures)
        {
            Failures[failure] = Failures.GetValueOrDefault(failure) + count;
        }
    }

    public void Fail(string what) => Failures[what] = Failures.GetValueOrDefault(what) + 1;

    public LatencyHistogram Of(LoadKind kind)
    {
        if (!Latencies.TryGetValue(kind, out LatencyHistogram? histogram))
        {
            Latencies[kind] = histogram = new LatencyHistogram();
        }

        return histogram;
    }
}

/// <summary>Sends requests over a number of connections: as fast as they are answered, or at a rate.</summary>
internal sealed class LoadRun(HttpMessageInvoker http, LoadRequests requests, int connections, double? rate, ulong seed)
{
    private int _stretch;
    private long _taken;

    /// <summary>
    /// One stretch of load. At a rate a request's latency counts from the moment at which it was due, so that a server that stalls
    /// does not hide the requests which it kept from being sent (coordinated omission). The next one due goes to whichever connection is free, so that one long
    /// answer holds up none that came after it.
    /// </summary>
    public async Task<LoadResult> Run(LoadMix mix, TimeSpan duration, CancellationToken cancellation)
    {
        int stretch = ++_stretch;
        _taken = 0;
        long start = Stopwatch.GetTimestamp();
        LoadResult[] results = await Task.WhenAll(Enumerable.Range(0, connections).Select(connection =>
            Task.Run(() => Work(mix, start, duration, connection, stretch, cancellation), cancellation))).ConfigureAwait(false);
        TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
        var all = new LoadResult();
        foreach (LoadResult result in results)
        {
            all.Add(result, TimeSpan.Zero);
        }

        var whole = new LoadResult();
        whole.Add(all, elapsed);
        return whole;
    }

    private async Task<LoadResult> Work(LoadMix mix, long start, TimeSpan duration, int connection, int stretch, CancellationToken cancellation)
    {
        var result = new LoadResult();
        var random = new Random(HashCode.Combine((int)seed, (int)(seed >> 32)) ^ (connection * 7919) ^ (stretch * 104_729));
        while (!cancellation.IsCancellationRequested)
        {
            TimeSpan now = Stopwatch.GetElapsedTime(start);
            TimeSpan due = rate is { } perSecond ? TimeSpan.FromSeconds((Interlocked.Increment(ref _taken) - 1) / perSecond) : now;
            if (due >= duration)
            {
                return result;
            }

            if (due > now)
            {
                await Task.Delay(due - now, cancellation).ConfigureAwait(false);
            }

            LoadKind kind = mix.Pick(random.NextDouble());
            using HttpRequestMessage request = requests.Make(kind, random);
            long sent = Stopwatch.GetTimestamp();
            try
            {
                using HttpResponseMessage response = await http.SendAsync(request, cancellation).ConfigureAwait(false);
                await response.Content.LoadIntoBufferAsync(cancellation).ConfigureAwait(false);
                if (response.IsSuccessStatusCode || IsOwned(kind, response))
                {
                    result.Of(kind).Record(rate is null ? Stopwatch.GetElapsedTime(sent) : Stopwatch.GetElapsedTime(start) - due);
                }
                else
                {
                    result.Fail($"{Name(kind)}: {(int)response.StatusCode}");
                }
            }
            catch (HttpRequestException lost)
            {
                result.Fail($"{Name(kind)}: {lost.HttpRequestError}");
                await Task.Delay(100, cancellation).ConfigureAwait(false);
            }
        }

        return result;
    }

    /// <summary>People and courses are drawn at random: that somebody has the course already is the decision's answer, not its failure.</summary>
    private static bool IsOwned(LoadKind kind, HttpResponseMessage response) => kind == LoadKind.Price && response.StatusCode == HttpStatusCode.Conflict;

    public static string Name(LoadKind kind) => kind.ToString().ToLowerInvariant();
}
