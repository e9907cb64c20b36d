using System.Text;
using KnowledgePay.Contracts;
using KnowledgePay.Server.Problems;

namespace KnowledgePay.Server.Answers;

/// <summary>An answer as bytes, so that it can be kept and given again byte for byte.</summary>
public sealed record PreparedAnswer(int Status, string ContentType, string? Language, byte[] Body)
{
    /// <summary>First byte of the layout that has a location; a content type's length, which came first before, is never 0.</summary>
    private const byte WithLocation = 0;

    /// <summary>Where what was made is; null when nothing was.</summary>
    public string? Location { get; init; }

    /// <summary>What was decided, in the caller's language, or its problem.</summary>
    /// <param name="status">Of an answer that is no problem.</param>
    public static PreparedAnswer Of<T>(HttpContext context, in Answer<T> answer, int status = StatusCodes.Status200OK)
        where T : class
    {
        if (answer.Problem is { } problem)
        {
            return new PreparedAnswer(problem.Status, ProblemDocument.MediaType, null, ProblemDocument.Serialize(context, problem));
        }

        SpokenLanguage language = Languages.Of(context.Request);
        return new PreparedAnswer(status, "application/json; charset=utf-8", Languages.Tag(language), AnswerWriter.Serialize(answer.Value, language));
    }

    public Task Write(HttpContext context)
    {
        HttpResponse response = context.Response;
        response.StatusCode = Status;
        response.ContentType = ContentType;
        response.ContentLength = Body.Length;
        response.Headers.CacheControl = "no-store";
        if (Language is not null)
        {
            response.Headers.ContentLanguage = Language;
            response.Headers.Vary = "Accept-Language";
        }

        if (Location is not null)
        {
            response.Headers.Location = Location;
        }

        ProblemDocument.AddWait(response, Status);

        return response.Body.WriteAsync(Body, context.RequestAborted).AsTask();
    }

    /// <summary>
    /// Layout: length of the content type (1 byte), the content type, length of the language (1 byte, 0 for none), the language, the body.
    /// With a location a 0, its length (1 byte) and the location come before all that.
    /// </summary>
    public byte[] ToBytes()
    {
        string language = Language ?? "";
        int start = Location is null ? 0 : 2 + Location.Length;
        byte[] bytes = new byte[start + 2 + ContentType.Length + language.Length + Body.Length];
        if (Location is not null)
        {
            bytes[0] = WithLocation;
            bytes[1] = checked((byte)Location.Length);
            Encoding.ASCII.GetBytes(Location, bytes.AsSpan(2));
        }

        bytes[start] = (byte)ContentType.Length;
        Encoding.ASCII.GetBytes(ContentType, bytes.AsSpan(start + 1));
        int at = start + 1 + ContentType.Length;
        bytes[at] = (byte)language.Length;
        Encoding.ASCII.GetBytes(language, bytes.AsSpan(at + 1));
        Body.CopyTo(bytes.AsSpan(at + 1 + language.Length));
        return bytes;
    }

    public static PreparedAnswer FromBytes(int status, ReadOnlySpan<byte> bytes)
    {
        string? location = null;
        if (bytes[0] == WithLocation)
        {
            location = Encoding.ASCII.GetString(bytes.Slice(2, bytes[1]));
            bytes = bytes[(2 + location.Length)..];
        }

        int typeLength = bytes[0];
        string contentType = Encoding.ASCII.GetString(bytes.Slice(1, typeLength));
        bytes = bytes[(1 + typeLength)..];
        int languageLength = bytes[0];
        string? language = languageLength == 0 ? null : Encoding.ASCII.GetString(bytes.Slice(1, languageLength));
        return new PreparedAnswer(status, contentType, language, bytes[(1 + languageLength)..].ToArray()) { Location = location };
    }
}
