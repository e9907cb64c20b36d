using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Events;
using KnowledgePay.Decisions.Catalogue;
using KnowledgePay.Server.Requests;

namespace KnowledgePay.Server.Events;

/// <summary>
/// Makes validated events of CloudEvents 1.0, one after the other. For one request: it remembers the last source, which is nearly always the next one too.
/// </summary>
/// <param name="catalogue">The courses and products that an event may name.</param>
/// <param name="now">The time of an event that says none.</param>
public sealed class EventReader(CatalogueSnapshot catalogue, DateTimeOffset now)
{
    public const int LongestId = 256;
    public const int LongestSource = 256;
    public const int OldestYears = 20;
    public const int FurthestFutureDays = 1;

    private readonly DateTimeOffset _oldest = now.AddYears(-OldestYears);
    private readonly DateTimeOffset _latest = now.AddDays(FurthestFutureDays);
    private byte[] _lastSource = [];
    private string _lastSourceText = "";

    /// <summary>What is wrong with the event that was read last.</summary>
    public RequestErrors Errors { get; } = new();

    /// <summary>Id of the event that was read last, as far as it had one.</summary>
    public string? Id { get; private set; }

    /// <summary>Subject of the event that was read last: a user's id, or a course's.</summary>
    public string Subject { get; private set; } = "";

    public bool IsAboutCourse { get; private set; }

    /// <summary>Reads an event in the JSON format. Null when it is refused; <see cref="Errors"/> then says why. Never throws for what the bytes hold.</summary>
    public IncomingEvent? Read(ReadOnlySpan<byte> json)
    {
        Reset();
        if (!Utf8.IsValid(json))
        {
            Errors.Add("", "is not valid UTF-8.");
            return null;
        }

        try
        {
            var reader = new Utf8JsonReader(json, JsonFields.ReaderOptions);
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                JsonFields.WrongType(ref reader, Errors, "", "an object (a CloudEvent)");
                return null;
            }

            IncomingEvent? read = ReadObject(ref reader);
            reader.Read();
            return read;
        }
        catch (JsonException e)
        {
            Errors.Prefix = "";
            Errors.Clear();
            Errors.Add("", MalformedJson.Describe(e));
            return null;
        }
        catch (InvalidOperationException)
        {
            Errors.Prefix = "";
            Errors.Clear();
            Errors.Add("", "holds a text or a name that is not valid Unicode.");
            return null;
        }
    }

    /// <summary>Reads an event in binary mode: attributes from the headers, data from the body.</summary>
    public IncomingEvent? ReadBinary(IHeaderDictionary headers, string? contentType, ReadOnlySpan<byte> data)
    {
        Reset();
        var attributes = new Attributes
        {
            SpecVersion = Header(headers, "ce-specversion", "/specversion"),
            Id = Bounded(Header(headers, "ce-id", "/id"), "/id", LongestId),
            Source = Bounded(Header(headers, "ce-source", "/source"), "/source", LongestSource),
            Subject = Header(headers, "ce-subject", "/subject"),
            DataSchema = Header(headers, "ce-dataschema", "/dataschema"),
            DataContentType = contentType,
        };
        if (Header(headers, "ce-type", "/type") is { } type)
        {
            attributes.HasType = true;
            attributes.Kind = EventKinds.Of(Encoding.UTF8.GetBytes(type));
        }

        if (Header(headers, "ce-time", "/time") is { } time)
        {
            attributes.Time = Rfc3339.TryParse(Encoding.UTF8.GetBytes(time), out DateTimeOffset parsed) ? parsed : null;
            if (attributes.Time is null)
            {
                Errors.Add("/time", $"must be {Rfc3339.Expected}, with its offset.");
            }
        }

        Id = attributes.Id;
        if (attributes.Source is { } source && !IsUriReference(source))
        {
            Errors.Add("/source", "must be a URI-reference.");
        }

        bool hasKind = Check(ref attributes);
        EventData? read = data.IsEmpty ? MissingData() : hasKind ? ReadData(data, attributes) : null;
        return Finish(attributes, read);
    }

    private IncomingEvent? ReadObject(ref Utf8JsonReader reader)
    {
        var attributes = default(Attributes);
        Utf8JsonReader data = default;
        bool hasData = false;
        byte[]? decoded = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("specversion"u8)) attributes.SpecVersion = ReadSpecVersion(ref reader);
            else if (reader.ValueTextEquals("id"u8)) attributes.Id = JsonFields.Text(ref reader, Errors, "/id", LongestId);
            else if (reader.ValueTextEquals("source"u8)) attributes.Source = ReadSource(ref reader);
            else if (reader.ValueTextEquals("type"u8)) ReadType(ref reader, ref attributes);
            else if (reader.ValueTextEquals("subject"u8)) attributes.Subject = JsonFields.Text(ref reader, Errors, "/subject", 1_024);
            else if (reader.ValueTextEquals("time"u8)) attributes.Time = JsonFields.Time(ref reader, Errors, "/time");
            else if (reader.ValueTextEquals("datacontenttype"u8)) attributes.DataContentType = JsonFields.Text(ref reader, Errors, "/datacontenttype", 256);
            else if (reader.ValueTextEquals("dataschema"u8)) attributes.DataSchema = JsonFields.Text(ref reader, Errors, "/dataschema", 1_024);
            else if (reader.ValueTextEquals("data_base64"u8)) decoded = ReadBase64(ref reader) ?? decoded;
            else if (reader.ValueTextEquals("data"u8))
            {
                // Its fields depend on the type, which may come later.
                reader.Read();
                data = reader;
                hasData = reader.TokenType != JsonTokenType.Null;
                reader.Skip();
            }
            else JsonFields.Skip(ref reader);
        }

        Id = attributes.Id;
        bool hasKind = Check(ref attributes);
        EventData? read = null;
        if (hasData && decoded is not null)
        {
            Errors.Add("/data_base64", "must not be given beside data.");
        }
        else if (decoded is not null)
        {
            read = hasKind ? ReadData(decoded, attributes) : null;
        }
        else if (!hasData)
        {
            read = MissingData();
        }
        else if (hasKind)
        {
            read = ReadData(ref data, attributes);
        }

        return Finish(attributes, read);
    }

    // True when the type is known, so that the data can be read too.
    private bool Check(ref Attributes attributes)
    {
        if (attributes.SpecVersion is null) Errors.Require("/specversion");
        else if (attributes.SpecVersion != "1.0") Errors.Add("/specversion", "must be 1.0.");
        if (attributes.Id is null) Errors.Require("/id");
        if (attributes.Source is null) Errors.Require("/source");
        if (!attributes.HasType) Errors.Require("/type");
        else if (attributes.Kind == EventKind.Unknown) Errors.Add("/type", "is not an event type that is taken here; those are listed in the OpenAPI document.");
        IsAboutCourse = EventKinds.IsAboutCourse(attributes.Kind);
        if (attributes.Subject is null)
        {
            Errors.Require("/subject");
        }
        else if (!EntityId.IsValid(attributes.Subject))
        {
            Errors.Add("/subject", $"must be the id of a {(IsAboutCourse ? "course" : "user")}: {EntityId.Expected}.");
        }

        if (attributes.Time is { } time)
        {
            if (time < _oldest) Errors.Add("/time", $"must not be older than {OldestYears} years.");
            if (time > _latest) Errors.Add("/time", $"must not be more than {FurthestFutureDays} day in the future.");
        }

        if (attributes.DataContentType is { } contentType && !RequestBody.IsJson(contentType))
        {
            Errors.Add("/datacontenttype", "must be a JSON media type, such as application/json.");
        }

        if (attributes.DataSchema is { } schema && !Uri.TryCreate(schema, UriKind.Absolute, out _))
        {
            Errors.Add("/dataschema", "must be a URI.");
        }

        return attributes.Kind != EventKind.Unknown;
    }

    private EventData? MissingData()
    {
        Errors.Add("/data", "is required.");
        return null;
    }

    private EventData? ReadData(ReadOnlySpan<byte> json, in Attributes attributes)
    {
        if (!Utf8.IsValid(json))
        {
            Errors.Add("/data", "is not valid UTF-8.");
            return null;
        }

        try
        {
            var reader = new Utf8JsonReader(json, JsonFields.ReaderOptions);
            reader.Read();
            EventData? data = ReadData(ref reader, attributes);
            reader.Read();
            return data;
        }
        catch (JsonException e)
        {
            Errors.Prefix = "";
            Errors.Add("/data", MalformedJson.Describe(e));
        }
        catch (InvalidOperationException)
        {
            Errors.Prefix = "";
            Errors.Add("/data", "holds a text or a name that is not valid Unicode.");
        }

        return null;
    }

    private EventData? ReadData(ref Utf8JsonReader reader, in Attributes attributes)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            JsonFields.WrongType(ref reader, Errors, "/data", "an object");
            return null;
        }

        Errors.Prefix = "/data";
        EventData? data = EventDataReader.Read(attributes.Kind, ref reader, Errors, attributes.Subject ?? "", now.Year);
        Errors.Prefix = "";
        return data;
    }

    private IncomingEvent? Finish(in Attributes attributes, EventData? data)
    {
        if (data is not null)
        {
            data = CheckReferences(data);
        }

        if (Errors.Any || data is null)
        {
            return null;
        }

        Subject = attributes.Subject!;
        return new IncomingEvent { Source = attributes.Source!, Id = attributes.Id!, Time = attributes.Time ?? now, Data = data };
    }

    private EventData CheckReferences(EventData data)
    {
        switch (data)
        {
            case CourseEvent about when catalogue.FindCourse(about.CourseId) is null:
                Errors.Add(data is MarketPriceObserved ? "/subject" : "/data/courseId", "is an unknown course: the catalogue does not have it.");
                return data;
            case OfferEvent offer:
                ProductEntry? product = catalogue.FindProduct(offer.PartnerId, offer.ProductId);
                if (product is not null)
                {
                    return offer.PartnerId is null ? offer with { PartnerId = product.Product.PartnerId } : offer;
                }

                bool isAmbiguous = offer.PartnerId is null && Array.Exists(catalogue.Products, p => p?.Product.Id == offer.ProductId);
                Errors.Add(
                    isAmbiguous ? "/data/partnerId" : "/data/productId",
                    isAmbiguous ? "is required: more than one partner has a product of this id." : "is an unknown product: the catalogue does not have it.");
                return data;
            default:
                return data;
        }
    }

    private void Reset()
    {
        Errors.Prefix = "";
        Errors.Clear();
        Id = null;
        Subject = "";
        IsAboutCourse = false;
    }

    private string? ReadSpecVersion(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("1.0"u8))
        {
            return "1.0";
        }

        return JsonFields.TextValue(ref reader, Errors, "/specversion", 16, 1);
    }

    private void ReadType(ref Utf8JsonReader reader, ref Attributes attributes)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null)
        {
            return;
        }

        attributes.HasType = true;
        if (reader.TokenType != JsonTokenType.String)
        {
            JsonFields.WrongType(ref reader, Errors, "/type", "a string");
            return;
        }

        attributes.Kind = reader.ValueIsEscaped && reader.ValueSpan.Length <= 512
            ? EventKinds.Of(Encoding.UTF8.GetBytes(reader.GetString()!))
            : EventKinds.Of(reader.ValueSpan);
    }

    private string? ReadSource(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String && _lastSource.Length > 0 && reader.ValueSpan.SequenceEqual(_lastSource))
        {
            return _lastSourceText;
        }

        byte[] raw = reader.TokenType == JsonTokenType.String && reader.ValueSpan.Length <= LongestSource * 6 ? reader.ValueSpan.ToArray() : [];
        string? source = JsonFields.TextValue(ref reader, Errors, "/source", LongestSource, 1);
        if (source is null)
        {
            return null;
        }

        if (!IsUriReference(source))
        {
            Errors.Add("/source", "must be a URI-reference.");
            return source;
        }

        (_lastSource, _lastSourceText) = (raw, source);
        return source;
    }

    private byte[]? ReadBase64(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null)
        {
            return null;
        }

        if (reader.TokenType == JsonTokenType.String && reader.TryGetBytesFromBase64(out byte[]? bytes))
        {
            return bytes;
        }

        Errors.Add("/data_base64", "must be a string in Base64.");
        reader.Skip();
        return null;
    }

    // RFC 3986 allows no blanks and no control characters; ids of tenants and queues are what people put here.
    private static bool IsUriReference(string source)
    {
        foreach (char c in source)
        {
            if (c <= ' ' || c == 0x7F || c is '<' or '>' or '"' or '{' or '}' or '|' or '\\' or '^' or '`')
            {
                return false;
            }
        }

        return Uri.TryCreate(source, UriKind.RelativeOrAbsolute, out _);
    }

    private string? Header(IHeaderDictionary headers, string name, string pointer)
    {
        if (!headers.TryGetValue(name, out Microsoft.Extensions.Primitives.StringValues values) || values.Count == 0)
        {
            return null;
        }

        if (values.Count > 1)
        {
            Errors.Add(pointer, $"is given more than once (header {name}).");
        }

        string value = values[0] ?? "";
        if (value.Length >= 2 && value[0] == '"' && value[^1] == '"')
        {
            value = value[1..^1].Replace("\\\"", "\"", StringComparison.Ordinal).Replace("\\\\", "\\", StringComparison.Ordinal);
        }

        return value.Contains('%') ? Uri.UnescapeDataString(value) : value;
    }

    private string? Bounded(string? value, string pointer, int longest)
    {
        if (value is not null && (value.Length < 1 || value.Length > longest))
        {
            Errors.Add(pointer, $"must be 1 to {longest} characters.");
        }

        return value;
    }

    private struct Attributes
    {
        public string? SpecVersion;
        public string? Id;
        public string? Source;
        public string? Subject;
        public DateTimeOffset? Time;
        public string? DataContentType;
        public string? DataSchema;
        public EventKind Kind;
        public bool HasType;
    }
}
