using System.Globalization;
using System.Runtime.CompilerServices;
using System.Threading.RateLimiting;
using KnowledgePay.Grains.Access;
using KnowledgePay.Server.Access;
using KnowledgePay.Server.Problems;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.Options;

namespace KnowledgePay.Server.Hosting;

/// <summary>Marks an endpoint whose answer goes on: it takes no place among the requests that are served at once.</summary>
public sealed class LongLived
{
    public static readonly LongLived Instance = new();
}

/// <summary>
/// Lets requests in: a rate for each access key (429), then a bounded number at once and a bounded queue behind it (503).
/// A co-hosted silo sheds no load by itself, so that this is where an overload ends.
/// </summary>
public sealed class Admission : IDisposable
{
    private readonly RequestDelegate _next;
    private readonly TimeProvider _time;
    private readonly ConcurrencyLimiter _concurrency;
    private readonly ConditionalWeakTable<AccessKey, Window> _windows = [];
    private readonly int _limit;
    private readonly long _windowTicks;

    public Admission(RequestDelegate next, TimeProvider time, IOptions<HttpLimits> limits)
    {
        _next = next;
        _time = time;
        _limit = limits.Value.RequestsPerWindow;
        _windowTicks = limits.Value.RateWindowSeconds * time.TimestampFrequency;
        _concurrency = new ConcurrencyLimiter(new ConcurrencyLimiterOptions
        {
            PermitLimit = limits.Value.ConcurrentRequests,
            QueueLimit = limits.Value.QueuedRequests,
            QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
        });
    }

    public Task Invoke(HttpContext context)
    {
        Endpoint? endpoint = context.GetEndpoint();
        if (endpoint is null || endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null)
        {
            return _next(context);
        }

        if (context.Key() is { } key)
        {
            Window window = _windows.GetValue(key, static _ => new Window());
            if (!window.TryTake(_time.GetTimestamp(), _windowTicks, _limit, out long resetTicks))
            {
                int seconds = (int)Math.Max(1, Math.Ceiling(resetTicks / (double)_time.TimestampFrequency));
                IHeaderDictionary headers = context.Response.Headers;
                headers["X-RateLimit-Limit"] = _limit.ToString(CultureInfo.InvariantCulture);
                headers["X-RateLimit-Remaining"] = "0";
                headers["X-RateLimit-Reset"] = seconds.ToString(CultureInfo.InvariantCulture);
                headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
                return ProblemDocument.Write(context, HttpProblems.OfStatus(StatusCodes.Status429TooManyRequests));
            }
        }

        if (endpoint.Metadata.GetMetadata<LongLived>() is not null)
        {
            return _next(context);
        }

        RateLimitLease lease = _concurrency.AttemptAcquire();
        return lease.IsAcquired ? Serve(context, lease) : Queue(context);
    }

    public void Dispose() => _concurrency.Dispose();

    private async Task Queue(HttpContext context)
    {
        RateLimitLease lease = await _concurrency.AcquireAsync(1, context.RequestAborted);
        if (lease.IsAcquired)
        {
            await Serve(context, lease);
            return;
        }

        lease.Dispose();
        await ProblemDocument.Write(context, HttpProblems.OfStatus(StatusCodes.Status503ServiceUnavailable));
    }

    private async Task Serve(HttpContext context, RateLimitLease lease)
    {
        using (lease)
        {
            await _next(context);
        }
    }

    // A fixed window: cheap to count, and generous enough that its edges do not matter.
    private sealed class Window
    {
        private readonly Lock _gate = new();
        private long _start = long.MinValue;
        private int _taken;

        public bool TryTake(long now, long length, int limit, out long reset)
        {
            lock (_gate)
            {
                if (_start == long.MinValue || now - _start >= length)
                {
                    _start = now;
                    _taken = 0;
                }

                reset = _start + length - now;
                if (_taken >= limit)
                {
                    return false;
                }

                _taken++;
                return true;
            }
        }
    }
}
