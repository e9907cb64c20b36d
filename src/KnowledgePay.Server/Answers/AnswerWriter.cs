using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using KnowledgePay.Contracts;
using KnowledgePay.Server.Problems;

namespace KnowledgePay.Server.Answers;

/// <summary>Writes answers: serialized into a buffer of the thread, then sent with their length.</summary>
public static class AnswerWriter
{
    private const string Json = "application/json; charset=utf-8";
    private const int LargestKeptBuffer = 1 << 20;

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _buffer;

    [ThreadStatic]
    private static Utf8JsonWriter? _writer;

    /// <summary>Answers with a value in English; for what has no sentences in it.</summary>
    public static Task Write<T>(HttpContext context, T value, int status = StatusCodes.Status200OK) =>
        Send(context, value, SpokenLanguage.English, status);

    /// <summary>Answers with a decision, in the caller's language, or with its problem; says how long the engine took.</summary>
    /// <param name="started">From <see cref="Stopwatch.GetTimestamp"/>, before the engine was asked.</param>
    public static Task WriteDecision<T>(HttpContext context, in Answer<T> answer, long started)
        where T : class
    {
        AddTiming(context, started);
        if (answer.Problem is { } problem)
        {
            return ProblemDocument.Write(context, problem);
        }

        SpokenLanguage language = Languages.Of(context.Request);
        AddLanguage(context, language);
        return Send(context, answer.Value, language, StatusCodes.Status200OK);
    }

    public static void AddLanguage(HttpContext context, SpokenLanguage language)
    {
        IHeaderDictionary headers = context.Response.Headers;
        headers.ContentLanguage = Languages.Tag(language);
        headers.Vary = "Accept-Language";
    }

    public static void AddTiming(HttpContext context, long started) =>
        context.Response.Headers["Server-Timing"] =
            string.Create(CultureInfo.InvariantCulture, $"engine;dur={Stopwatch.GetElapsedTime(started).TotalMilliseconds:F3}");

    public static byte[] Serialize<T>(T value, SpokenLanguage language) => JsonSerializer.SerializeToUtf8Bytes(value, AnswerJson.Options(language));

    private static Task Send<T>(HttpContext context, T value, SpokenLanguage language, int status)
    {
        ArrayBufferWriter<byte> buffer = _buffer ??= new ArrayBufferWriter<byte>(4_096);
        JsonSerializerOptions options = AnswerJson.Options(language);
        Utf8JsonWriter writer = _writer ??= new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = options.Encoder, SkipValidation = true });
        try
        {
            writer.Reset(buffer);
            JsonSerializer.Serialize(writer, value, options);
            writer.Flush();
            HttpResponse response = context.Response;
            response.StatusCode = status;
            response.ContentType = Json;
            response.ContentLength = buffer.WrittenCount;
            response.Headers.CacheControl = "no-store";
            response.BodyWriter.Write(buffer.WrittenSpan);
            return Task.CompletedTask;
        }
        finally
        {
            if (buffer.Capacity > LargestKeptBuffer)
            {
                (_buffer, _writer) = (null, null);
            }
            else
            {
                buffer.ResetWrittenCount();
            }
        }
    }
}
