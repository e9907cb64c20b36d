using System.Collections.Concurrent;
using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Partners;
using KnowledgePay.Grains.Access;
using KnowledgePay.Server.Access;
using KnowledgePay.Server.Hosting;
using KnowledgePay.Server.Problems;
using Microsoft.Extensions.Options;

namespace KnowledgePay.Server.Dashboards;

/// <summary>Dashboards as server-sent events: sent when they change, so many a key and so many in all.</summary>
public sealed class DashboardStreams(
    DashboardReader dashboards,
    IAccessKeys keys,
    TimeProvider time,
    IHostApplicationLifetime lifetime,
    IOptions<HttpLimits> limits)
{
    private static readonly TimeSpan CheckPeriod = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan HeartbeatPeriod = TimeSpan.FromSeconds(15);

    private readonly ConcurrentDictionary<string, int> _byKey = new(StringComparer.Ordinal);
    private int _open;

    /// <summary>Streams until the caller goes, its key is revoked or the server stops.</summary>
    public async Task Run(HttpContext context, string partnerId, DashboardQuery query)
    {
        string keyId = context.Key()?.KeyId ?? "";
        if (!TryOpen(keyId))
        {
            throw new RequestRefusedException(new Problem
            {
                Type = "too-many-streams",
                Status = StatusCodes.Status429TooManyRequests,
                Title = "Too many dashboards are streaming.",
                Detail = $"A key may have {limits.Value.StreamsPerKey} open; close one first.",
            });
        }

        try
        {
            using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
            await Send(context, partnerId, query, ending.Token);
        }
        catch (OperationCanceledException)
        {
            // The caller has gone, or the server stops: either ends a stream.
        }
        finally
        {
            Interlocked.Decrement(ref _open);
            _byKey.AddOrUpdate(keyId, 0, static (_, open) => open - 1);
        }
    }

    private async Task Send(HttpContext context, string partnerId, DashboardQuery query, CancellationToken cancellation)
    {
        HttpResponse response = context.Response;
        string presented = context.Request.Headers.Authorization.ToString();
        byte[] sent = [];
        byte[] first = await Read(partnerId, query);
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-store";
        response.Headers["X-Accel-Buffering"] = "no";
        long id = 0, quietSince = time.GetTimestamp();
        using var timer = new PeriodicTimer(CheckPeriod, time);
        for (byte[] now = first; ; now = await Read(partnerId, query))
        {
            if (!now.AsSpan().SequenceEqual(sent))
            {
                sent = now;
                quietSince = time.GetTimestamp();
                await response.Body.WriteAsync(Event(++id, now), cancellation);
                await response.Body.FlushAsync(cancellation);
            }
            else if (time.GetElapsedTime(quietSince) >= HeartbeatPeriod)
            {
                quietSince = time.GetTimestamp();
                await response.Body.WriteAsync(": still here\n\n"u8.ToArray(), cancellation);
                await response.Body.FlushAsync(cancellation);
            }

            if (!await timer.WaitForNextTickAsync(cancellation) || !IsStillValid(presented))
            {
                return;
            }
        }
    }

    private async ValueTask<byte[]> Read(string partnerId, DashboardQuery query)
    {
        (DateOnly from, DateOnly to) = query.Span(time.GetUtcNow());
        Dashboard dashboard = await dashboards.Read(partnerId, from, to);
        return DashboardJson.Serialize(dashboard);
    }

    private static byte[] Event(long id, byte[] json) =>
        [.. System.Text.Encoding.ASCII.GetBytes(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"event: dashboard\nid: {id}\ndata: ")), .. json, .. "\n\n"u8];

    private bool IsStillValid(string authorization)
    {
        int space = authorization.IndexOf(' ', StringComparison.Ordinal);
        return keys.Authenticate(authorization.AsSpan(space + 1).Trim()) is { RevokedAt: null };
    }

    private bool TryOpen(string keyId)
    {
        if (Interlocked.Increment(ref _open) > limits.Value.Streams)
        {
            Interlocked.Decrement(ref _open);
            return false;
        }

        if (_byKey.AddOrUpdate(keyId, 1, static (_, open) => open + 1) > limits.Value.StreamsPerKey)
        {
            _byKey.AddOrUpdate(keyId, 0, static (_, open) => open - 1);
            Interlocked.Decrement(ref _open);
            return false;
        }

        return true;
    }
}
