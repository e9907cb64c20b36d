using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;
using KnowledgePay.Server.Problems;
using Microsoft.Net.Http.Headers;

namespace KnowledgePay.Server.Requests;

/// <summary>Reads a value from the reader, which stands on the object's start; what is wrong goes to the errors.</summary>
public delegate T? ObjectParser<T>(ref Utf8JsonReader reader, ReadOnlySpan<byte> body, RequestErrors errors)
    where T : class;

/// <summary>A request's body, decompressed, in a pooled buffer.</summary>
public sealed class RequestBody : IDisposable
{
    private const int SmallestBuffer = 4_096;

    private byte[] _buffer;
    private readonly int _start;
    private readonly int _length;

    private RequestBody(byte[] buffer, int start, int length)
    {
        _buffer = buffer;
        _start = start;
        _length = length;
    }

    public ReadOnlySpan<byte> Span => _buffer.AsSpan(_start, _length);

    public ReadOnlyMemory<byte> Memory => _buffer.AsMemory(_start, _length);

    /// <summary>Reads all of the body; more than the limit is refused with 413.</summary>
    public static async ValueTask<RequestBody> Read(HttpContext context, int limitBytes)
    {
        HttpRequest request = context.Request;
        if (request.Headers.ContentEncoding.Count > 0)
        {
            // The decompression middleware takes the header off when it knows the coding.
            throw new RequestRefusedException(HttpProblems.MediaType("Content-Encoding may be gzip, br or deflate."));
        }

        if (request.ContentLength > limitBytes)
        {
            throw new RequestRefusedException(HttpProblems.BodyTooLarge(limitBytes));
        }

        int first = (int)Math.Max(SmallestBuffer, (request.ContentLength ?? 0) + 1);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(first);
        int length = 0;
        try
        {
            while (true)
            {
                int read = await request.Body.ReadAsync(buffer.AsMemory(length), context.RequestAborted);
                if (read == 0)
                {
                    break;
                }

                length += read;
                if (length > limitBytes)
                {
                    throw new RequestRefusedException(HttpProblems.BodyTooLarge(limitBytes));
                }

                if (length == buffer.Length)
                {
                    byte[] larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
                    buffer.AsSpan(0, length).CopyTo(larger);
                    ArrayPool<byte>.Shared.Return(buffer);
                    buffer = larger;
                }
            }

            int start = buffer.AsSpan(0, length).StartsWith("\uFEFF"u8) ? 3 : 0;
            return new RequestBody(buffer, start, length - start);
        }
        catch
        {
            ArrayPool<byte>.Shared.Return(buffer);
            throw;
        }
    }

    /// <summary>Reads the body of a request whose content must be JSON.</summary>
    public static ValueTask<RequestBody> ReadJson(HttpContext context, int limitBytes)
    {
        RequireJson(context.Request);
        return Read(context, limitBytes);
    }

    public static void RequireJson(HttpRequest request)
    {
        if (!IsJson(request.ContentType))
        {
            throw new RequestRefusedException(HttpProblems.MediaType("Content-Type must be application/json, in UTF-8."));
        }
    }

    /// <summary>True for application/json and every <c>+json</c>, in UTF-8.</summary>
    public static bool IsJson(string? contentType)
    {
        if (contentType == "application/json")
        {
            return true;
        }

        return MediaTypeHeaderValue.TryParse(contentType, out MediaTypeHeaderValue? type)
            && (type.SubType.Equals("json", StringComparison.OrdinalIgnoreCase) || type.Suffix.Equals("json", StringComparison.OrdinalIgnoreCase))
            && IsUtf8(type);
    }

    public static bool IsUtf8(MediaTypeHeaderValue type) =>
        !type.Charset.HasValue || HeaderUtilities.RemoveQuotes(type.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase);

    /// <summary>Parses the body as one JSON object; what is not JSON is refused with 400, what is wrong in it with 422.</summary>
    public T Object<T>(ObjectParser<T> parser)
        where T : class =>
        ParseObject(Span, parser);

    /// <inheritdoc cref="Object{T}"/>
    public static T ParseObject<T>(ReadOnlySpan<byte> body, ObjectParser<T> parser)
        where T : class
    {
        var errors = new RequestErrors();
        T? value = null;
        RequireUtf8(body);
        try
        {
            var reader = new Utf8JsonReader(body, JsonFields.ReaderOptions);
            reader.Read();
            if (reader.TokenType == JsonTokenType.StartObject)
            {
                value = parser(ref reader, body, errors);
            }
            else
            {
                JsonFields.WrongType(ref reader, errors, "", "an object");
            }

            // Says no to whatever follows the object.
            reader.Read();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw Malformed(body, e);
        }

        return errors.Any || value is null ? throw new RequestRefusedException(HttpProblems.Invalid(errors)) : value;
    }

    public static void RequireUtf8(ReadOnlySpan<byte> body)
    {
        if (body.IsEmpty)
        {
            throw new RequestRefusedException(HttpProblems.Malformed("", "is empty; JSON was expected."));
        }

        if (!Utf8.IsValid(body))
        {
            throw Malformed(body, null);
        }
    }

    public static RequestRefusedException Malformed(ReadOnlySpan<byte> body, Exception? e)
    {
        (string pointer, string message) = MalformedJson.Locate(body)
            ?? ("", e is JsonException json ? MalformedJson.Describe(json) : "holds a text or a name that is not valid Unicode.");
        return new RequestRefusedException(HttpProblems.Malformed(pointer, message));
    }

    public void Dispose()
    {
        byte[] buffer = Interlocked.Exchange(ref _buffer, []);
        if (buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
