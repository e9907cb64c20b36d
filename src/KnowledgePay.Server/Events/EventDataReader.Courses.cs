using System.Text.Json;
using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Events;
using KnowledgePay.Server.Requests;

namespace KnowledgePay.Server.Events;

public static partial class EventDataReader
{
    private static CourseViewed? Viewed(ref Utf8JsonReader reader, RequestErrors errors)
    {
        string? course = null, surface = null, decision = null;
        double? seconds = null;
        int before = errors.Count;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("courseId"u8)) course = JsonFields.Id(ref reader, errors, "/courseId");
            else if (reader.ValueTextEquals("seconds"u8)) seconds = JsonFields.Number(ref reader, errors, "/seconds", 0, LongestViewSeconds);
            else if (reader.ValueTextEquals("surface"u8)) surface = JsonFields.Text(ref reader, errors, "/surface", LongestLabel);
            else if (reader.ValueTextEquals("decisionId"u8)) decision = JsonFields.Text(ref reader, errors, "/decisionId", LongestReference);
            else JsonFields.Skip(ref reader);
        }

        if (course is null) errors.Require("/courseId");
        return errors.Count != before ? null : new CourseViewed { CourseId = course!, Seconds = seconds, Surface = surface, DecisionId = decision };
    }

    private static CourseEnrolled? Enrolled(ref Utf8JsonReader reader, RequestErrors errors)
    {
        string? course = null, decision = null;
        Money? price = null;
        int before = errors.Count;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("courseId"u8)) course = JsonFields.Id(ref reader, errors, "/courseId");
            else if (reader.ValueTextEquals("price"u8)) price = MoneyField.Read(ref reader, errors, "/price");
            else if (reader.ValueTextEquals("decisionId"u8)) decision = JsonFields.Text(ref reader, errors, "/decisionId", LongestReference);
            else JsonFields.Skip(ref reader);
        }

        if (course is null) errors.Require("/courseId");
        return errors.Count != before ? null : new CourseEnrolled { CourseId = course!, Price = price, DecisionId = decision };
    }

    private static CourseEvent? Progressed(EventKind kind, ref Utf8JsonReader reader, RequestErrors errors)
    {
        string? course = null;
        double? fraction = null;
        int before = errors.Count;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("courseId"u8)) course = JsonFields.Id(ref reader, errors, "/courseId");
            else if (reader.ValueTextEquals("fraction"u8)) fraction = JsonFields.Number(ref reader, errors, "/fraction", 0, 1);
            else JsonFields.Skip(ref reader);
        }

        if (course is null) errors.Require("/courseId");
        if (errors.Count != before)
        {
            return null;
        }

        return kind == EventKind.CourseProgressed
            ? new CourseProgressed { CourseId = course!, Fraction = fraction }
            : new CourseCompleted { CourseId = course!, Fraction = fraction };
    }

    private static CourseRated? Rated(ref Utf8JsonReader reader, RequestErrors errors)
    {
        string? course = null;
        double? stars = null;
        int before = errors.Count;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("courseId"u8)) course = JsonFields.Id(ref reader, errors, "/courseId");
            else if (reader.ValueTextEquals("stars"u8)) stars = JsonFields.Number(ref reader, errors, "/stars", 0.5, 5);
            else JsonFields.Skip(ref reader);
        }

        if (course is null) errors.Require("/courseId");
        if (stars is null) errors.Require("/stars");
        return errors.Count != before ? null : new CourseRated { CourseId = course!, Stars = stars!.Value };
    }

    private static CourseCommented? Commented(ref Utf8JsonReader reader, RequestErrors errors)
    {
        string? course = null, text = null, language = null;
        int before = errors.Count;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("courseId"u8)) course = JsonFields.Id(ref reader, errors, "/courseId");
            else if (reader.ValueTextEquals("text"u8)) text = JsonFields.Text(ref reader, errors, "/text", LongestComment);
            else if (reader.ValueTextEquals("language"u8)) language = JsonFields.Text(ref reader, errors, "/language", CatalogueDocuments.LongestLanguage);
            else JsonFields.Skip(ref reader);
        }

        if (course is null) errors.Require("/courseId");
        if (text is null) errors.Require("/text");
        return errors.Count != before ? null : new CourseCommented { CourseId = course!, Text = text!, Language = language };
    }
}
