using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;
using KnowledgePay.Contracts.Catalogue;
using KnowledgePay.Server.Problems;
using Microsoft.Net.Http.Headers;

namespace KnowledgePay.Server.Requests;

/// <summary>Reads many courses at once: all of them, or an error that lists what is wrong with each.</summary>
public static class CourseBatch
{
    /// <summary>True for newline-delimited JSON, false for a JSON array; anything else is refused with 415.</summary>
    public static bool IsLines(HttpRequest request)
    {
        if (RequestBody.IsJson(request.ContentType))
        {
            return false;
        }

        return MediaTypeHeaderValue.TryParse(request.ContentType, out MediaTypeHeaderValue? type) && RequestBody.IsUtf8(type)
            && type.MediaType.Value is "application/x-ndjson" or "application/ndjson" or "application/jsonl"
            ? true
            : throw new RequestRefusedException(HttpProblems.MediaType("Send application/json (an array) or application/x-ndjson (one course a line)."));
    }

    public static List<Course> ReadArray(ReadOnlySpan<byte> body, int most)
    {
        RequestBody.RequireUtf8(body);
        var errors = new RequestErrors();
        var courses = new List<Course>();
        try
        {
            var reader = new Utf8JsonReader(body, JsonFields.ReaderOptions);
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartArray)
            {
                JsonFields.WrongType(ref reader, errors, "", "an array of courses");
                throw new RequestRefusedException(HttpProblems.Invalid(errors));
            }

            var seen = new HashSet<string>(StringComparer.Ordinal);
            for (int index = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; index++)
            {
                RequireRoom(index + 1, most);
                errors.Prefix = "/" + index.ToString(CultureInfo.InvariantCulture);
                Add(ref reader, errors, courses, seen);
            }

            reader.Read();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw RequestBody.Malformed(body, e);
        }

        return errors.Any ? throw new RequestRefusedException(HttpProblems.Invalid(errors)) : courses;
    }

    public static List<Course> ReadLines(ReadOnlySpan<byte> body, int most)
    {
        var errors = new RequestErrors();
        var courses = new List<Course>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (int line = 0; !body.IsEmpty; line++)
        {
            int end = body.IndexOf((byte)'\n');
            ReadOnlySpan<byte> text = (end < 0 ? body : body[..end]).Trim(" \t\r"u8);
            body = end < 0 ? [] : body[(end + 1)..];
            if (text.IsEmpty)
            {
                continue;
            }

            RequireRoom(courses.Count + 1, most);
            errors.Prefix = "/" + line.ToString(CultureInfo.InvariantCulture);
            if (!Utf8.IsValid(text))
            {
                errors.Add("", "is not valid UTF-8.");
                continue;
            }

            try
            {
                var reader = new Utf8JsonReader(text, JsonFields.ReaderOptions);
                reader.Read();
                Add(ref reader, errors, courses, seen);
                reader.Read();
            }
            catch (JsonException e)
            {
                errors.Add("", MalformedJson.Describe(e));
            }
            catch (InvalidOperationException)
            {
                errors.Add("", "holds a text or a name that is not valid Unicode.");
            }
        }

        return errors.Any ? throw new RequestRefusedException(HttpProblems.Invalid(errors)) : courses;
    }

    private static void Add(ref Utf8JsonReader reader, RequestErrors errors, List<Course> courses, HashSet<string> seen)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            JsonFields.WrongType(ref reader, errors, "", "an object (a course)");
            return;
        }

        if (CatalogueDocuments.Course(ref reader, errors, null) is not { } course)
        {
            return;
        }

        if (!seen.Add(course.Id))
        {
            errors.Add("/id", $"{RequestErrors.Quote(course.Id)} is in the request twice.");
        }

        courses.Add(course);
    }

    private static void RequireRoom(int courses, int most)
    {
        if (courses > most)
        {
            throw new RequestRefusedException(new()
            {
                Type = HttpProblems.TooLarge,
                Status = StatusCodes.Status413PayloadTooLarge,
                Title = "The batch is too large.",
                Detail = string.Create(CultureInfo.InvariantCulture, $"At most {most} courses are taken at once; nothing was done."),
            });
        }
    }
}
