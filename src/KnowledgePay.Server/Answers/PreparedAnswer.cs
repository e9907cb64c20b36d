using System.Text;
using KnowledgePay.Contracts;
using KnowledgePay.Server.Problems;

namespace KnowledgePay.Server.Answers;

/// <summary>An answer as bytes, so that it can be kept and given again byte for byte.</summary>
public sealed record PreparedAnswer(int Status, string ContentType, string? Language, byte[] Body)
{
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

        ProblemDocument.AddWait(response, Status);

        return response.Body.WriteAsync(Body, context.RequestAborted).AsTask();
    }

    /// <summary>Layout: length of the content type (1 byte), the content type, length of the language (1 byte, 0 for none), the language, the body.</summary>
    public byte[] ToBytes()
    {
        string language = Language ?? "";
        byte[] bytes = new byte[2 + ContentType.Length + language.Length + Body.Length];
        bytes[0] = (byte)ContentType.Length;
        Encoding.ASCII.GetBytes(ContentType, bytes.AsSpan(1));
        int at = 1 + ContentType.Length;
        bytes[at] = (byte)language.Length;
        Encoding.ASCII.GetBytes(language, bytes.AsSpan(at + 1));
        Body.CopyTo(bytes.AsSpan(at + 1 + language.Length));
        return bytes;
    }

    public static PreparedAnswer FromBytes(int status, ReadOnlySpan<byte> bytes)
    {
        int typeLength = bytes[0];
        string contentType = Encoding.ASCII.GetString(bytes.Slice(1, typeLength));
        bytes = bytes[(1 + typeLength)..];
        int languageLength = bytes[0];
        string? language = languageLength == 0 ? null : Encoding.ASCII.GetString(bytes.Slice(1, languageLength));
        return new PreparedAnswer(status, contentType, language, bytes[(1 + languageLength)..].ToArray());
    }
}
