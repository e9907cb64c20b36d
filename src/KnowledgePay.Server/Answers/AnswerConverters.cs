using System.Text.Json;
using System.Text.Json.Serialization;
using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Decisions;

namespace KnowledgePay.Server.Answers;

/// <summary>Writes a reason as <c>{"code","text"}</c> in one language.</summary>
public sealed class ReasonConverter(IReasonTexts texts, SpokenLanguage language) : JsonConverter<Reason>
{
    public override Reason Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException("Reasons are only written.");

    public override void Write(Utf8JsonWriter writer, Reason value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        writer.WriteString("code"u8, value.Code);
        writer.WriteString("text"u8, texts.Render(value, language));
        writer.WriteEndObject();
    }
}

/// <summary>Writes model versions as a plain object, kind to version.</summary>
public sealed class ModelVersionsConverter : JsonConverter<ModelVersions>
{
    public override ModelVersions Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException("Model versions are only written.");

    public override void Write(Utf8JsonWriter writer, ModelVersions value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        foreach ((string kind, string version) in value.ByKind)
        {
            writer.WriteString(kind, version);
        }

        writer.WriteEndObject();
    }
}

/// <summary>Writes times in UTC with a <c>Z</c>.</summary>
public sealed class UtcTimeConverter : JsonConverter<DateTimeOffset>
{
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDateTimeOffset().ToUniversalTime();

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) => writer.WriteStringValue(value.UtcDateTime);
}

/// <summary>Writes a number that JSON cannot hold (an infinite score) as null.</summary>
public sealed class FiniteNumberConverter : JsonConverter<double>
{
    public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDouble();

    public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options)
    {
        if (double.IsFinite(value))
        {
            writer.WriteNumberValue(value);
        }
        else
        {
            writer.WriteNullValue();
        }
    }
}
