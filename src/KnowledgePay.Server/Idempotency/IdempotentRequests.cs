using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Grains;
using KnowledgePay.Server.Access;
using KnowledgePay.Server.Answers;
using KnowledgePay.Server.Hosting;
using KnowledgePay.Server.Problems;
using KnowledgePay.Storage;
using KnowledgePay.Storage.Encryption;
using Microsoft.Extensions.Options;

namespace KnowledgePay.Server.Idempotency;

/// <summary>
/// Does work once an <c>Idempotency-Key</c>: the same key and body gives the same answer, byte for byte; another body is refused.
/// Keys are the caller's own: they are kept by access key, path and idempotency key, hashed under a secret of the installation.
/// </summary>
public sealed partial class IdempotentRequests(IEngineStore store, TimeProvider time, IOptions<HttpLimits> limits, ILogger<IdempotentRequests> logger)
{
    public const string HeaderName = "Idempotency-Key";
    public const string ReplayedHeaderName = "Idempotency-Replayed";
    public const int LongestKey = 255;

    private byte[]? _secret;

    /// <summary>Does the work, or gives its first answer again.</summary>
    /// <param name="userId">Whose answer it is: it is kept under that person's key, so that it goes when they do.</param>
    /// <param name="work">Is given the scope (null without a key) and returns the answer; it may throw, and nothing is kept then.</param>
    public async Task Run(HttpContext context, string userId, ReadOnlyMemory<byte> body, Func<string?, ValueTask<PreparedAnswer>> work)
    {
        Microsoft.Extensions.Primitives.StringValues header = context.Request.Headers[HeaderName];
        if (header.Count == 0)
        {
            PreparedAnswer unkeyed = await work(null);
            await unkeyed.Write(context);
            return;
        }

        CancellationToken cancellation = context.RequestAborted;
        (UInt128 key, UInt128 bodyHash) = await Hash(context, KeyOf(header), body, cancellation);
        IdempotencyEntry entry = await store.Idempotency.Begin(key, bodyHash, cancellation);
        if (!entry.Started && entry.Status == 0 && entry.BodyHash == bodyHash && IsAbandoned(entry))
        {
            // Whoever began it died with its process. What was done is itself safe against repetition.
            await store.Idempotency.Release(key, cancellation);
            entry = await store.Idempotency.Begin(key, bodyHash, cancellation);
        }

        if (!entry.Started)
        {
            await Replay(context, entry, bodyHash);
            return;
        }

        PreparedAnswer answer;
        try
        {
            answer = await work(key.ToString("x32", System.Globalization.CultureInfo.InvariantCulture));
        }
        catch
        {
            await store.Idempotency.Release(key, CancellationToken.None);
            throw;
        }

        try
        {
            await Keep(key, userId, answer);
        }
        catch (StoreUnavailableException e)
        {
            // The work is done and its caller should know. A repeat is told to wait, and does the work again once this counts as abandoned.
            LogNotKept(e);
        }

        await answer.Write(context);
    }

    private async ValueTask Keep(UInt128 key, string userId, PreparedAnswer answer)
    {
        bool isFinal = answer.Status is >= 200 and < 500 and not StatusCodes.Status408RequestTimeout and not StatusCodes.Status429TooManyRequests;
        if (!isFinal)
        {
            await store.Idempotency.Release(key, CancellationToken.None);
            return;
        }

        // A person without a key has nothing stored, and no key to keep an answer under: the work did nothing and is done again when the same is asked.
        // Another body is refused all the same.
        StreamKey? stream = await store.Keys.Find("u/" + userId, CancellationToken.None);
        byte[] payload = stream is null ? [] : StreamCipher.Encrypt(stream, StreamCipher.Purpose.Idempotency, answer.ToBytes());
        await store.Idempotency.Complete(key, stream?.Stream ?? IIdempotencyStore.Nobody, answer.Status, payload, CancellationToken.None);
    }

    private async Task Replay(HttpContext context, IdempotencyEntry entry, UInt128 bodyHash)
    {
        if (entry.BodyHash != bodyHash)
        {
            throw new RequestRefusedException(new Problem
            {
                Type = "idempotency-key-reused",
                Status = StatusCodes.Status422UnprocessableEntity,
                Title = "The idempotency key was used with another body.",
                Detail = "Use a new key for a new request; nothing was done.",
            });
        }

        if (entry.Status == 0)
        {
            context.Response.Headers.RetryAfter = "1";
            throw new RequestRefusedException(Problem.Conflict(
                "idempotency-in-progress", "The first request with this key is not done yet.", "Ask again in a moment to get its answer."));
        }

        if (entry.Payload is null || await store.Keys.Resolve(entry.Stream, context.RequestAborted) is not { } resolved)
        {
            throw new RequestRefusedException(new Problem
            {
                Type = "idempotency-answer-erased",
                Status = StatusCodes.Status410Gone,
                Title = "The answer was erased with its person.",
            });
        }

        byte[] bytes = StreamCipher.Decrypt(resolved.Key, StreamCipher.Purpose.Idempotency, entry.Payload);
        context.Response.Headers[ReplayedHeaderName] = "true";
        await PreparedAnswer.FromBytes(entry.Status, bytes).Write(context);
    }

    private bool IsAbandoned(IdempotencyEntry entry) => time.GetUtcNow() - entry.At > TimeSpan.FromSeconds(limits.Value.IdempotencyAbandonedSeconds);

    private static string KeyOf(Microsoft.Extensions.Primitives.StringValues header)
    {
        string? key = header.Count == 1 ? header[0] : null;
        if (key is null || key.Length is < 1 or > LongestKey || key.AsSpan().ContainsAnyExceptInRange(' ', '~'))
        {
            throw new RequestRefusedException(Problem.Invalid("#" + HeaderName, $"must be given once, with 1 to {LongestKey} printable ASCII characters.") with
            {
                Type = "idempotency-key-invalid",
                Status = StatusCodes.Status400BadRequest,
                Title = "The idempotency key is not valid.",
            });
        }

        return key;
    }

    private async ValueTask<(UInt128 Key, UInt128 Body)> Hash(HttpContext context, string idempotencyKey, ReadOnlyMemory<byte> body, CancellationToken cancellation)
    {
        byte[] secret = _secret ??= await store.Keys.Secret("idempotency", cancellation);
        string scope = $"{context.Key()?.KeyId}\n{context.Request.Path}\n{idempotencyKey}";
        return (Keyed(secret, Encoding.UTF8.GetBytes(scope)), Keyed(secret, body.Span));
    }

    private static UInt128 Keyed(byte[] secret, ReadOnlySpan<byte> data)
    {
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(secret, data, hash);
        return BinaryPrimitives.ReadUInt128LittleEndian(hash);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "An answer could not be kept under its idempotency key; it was given all the same.")]
    private partial void LogNotKept(Exception e);
}
