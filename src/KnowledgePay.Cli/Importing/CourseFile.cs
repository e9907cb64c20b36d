using System.Text.Json;
using KnowledgePay.Cli.CommandLine;
using KnowledgePay.Cli.Json;
using KnowledgePay.Client;
using KnowledgePay.Client.Events;
using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Catalogue;
using KnowledgePay.Learning.Files;

namespace KnowledgePay.Cli.Importing;

/// <summary>Reads courses from a JSON array, JSON lines or CSV, with columns mapped to fields.</summary>
/// <remarks>Without a map every field is read from the column of its own name; with one, only the mapped fields and the required ones are.</remarks>
internal sealed class CourseFile(InputFile file, FieldMap map)
{
    private const int LongestTitle = 500;
    private const int LongestDescription = 20_000;

    public static readonly string[] Fields =
    [
        "id", "title", "description", "category", "tags", "language", "instructor", "level", "listPrice", "floorPrice", "marginalCost", "partnerValue",
        "durationMinutes", "prerequisites", "concepts", "publishedAt", "embeddings",
    ];

    /// <summary>Where the record at hand is, for messages.</summary>
    private long _line;
    private Func<string, int> _columnOf = _ => 1;
    private Func<string, CourseField> _read = _ => default;

    public IEnumerable<LineBatch> Batches(int size)
    {
        var batch = new LineBatch();
        using var writer = new Utf8JsonWriter(Stream.Null, CloudEventWriter.WriterOptions);
        foreach (Course course in Courses())
        {
            KnowledgePayClient.WriteCourseLine(batch.Bytes, writer, course);
            batch.Add(_line);
            if (batch.Count >= size || batch.Bytes.WrittenCount >= 4 << 20)
            {
                yield return batch;
                batch = new LineBatch();
            }
        }

        if (batch.Count > 0)
        {
            yield return batch;
        }
    }

    private IEnumerable<Course> Courses() => file.Kind is ".csv" ? FromCsv()
        : file.Kind is ".json" or ".jsonl" or ".ndjson" ? FromJson()
        : throw new InputException($"{file.Name}: expected a name that ends in .json, .jsonl, .ndjson or .csv, with or without .gz.");

    private IEnumerable<Course> FromCsv()
    {
        var csv = new CsvReader(file.Content, file.Name);
        CheckColumns(csv);
        while (csv.Read())
        {
            _line = csv.Line;
            _columnOf = column => csv.IndexOf(column) is >= 0 and int index ? csv.ColumnAt(index) : 1;
            _read = column => csv.IndexOf(column) is >= 0 and int index && !csv.IsMissing(index) ? new CourseField(csv.Text(index)) : default;
            yield return Make();
        }
    }

    private void CheckColumns(CsvReader csv)
    {
        foreach (string field in Fields)
        {
            if (map.ColumnOf(field) is { } column && csv.IndexOf(column) < 0)
            {
                throw new InputException(file.Name, 1, 1, $"there is no column '{column}' for {field}; expected one of {string.Join(", ", csv.Header)}.");
            }
        }
    }

    private IEnumerable<Course> FromJson()
    {
        var records = new JsonRecordReader(file.Content, file.Name);
        while (records.Read() is { } document)
        {
            using (document)
            {
                _line = records.Line;
                _columnOf = _ => records.Column;
                _read = column => Find(document.RootElement, column) is { } value ? new CourseField(value) : default;
                yield return Make();
            }
        }
    }

    /// <summary>The property of that name, or, where there is none, of that path (<c>price.amount</c>).</summary>
    private static JsonElement? Find(JsonElement record, string column)
    {
        if (record.TryGetProperty(column, out JsonElement value))
        {
            return value;
        }

        int dot = column.IndexOf('.', StringComparison.Ordinal);
        return dot > 0 && record.TryGetProperty(column[..dot], out JsonElement inner) && inner.ValueKind == JsonValueKind.Object ? Find(inner, column[(dot + 1)..]) : null;
    }

    private Course Make()
    {
        string id = Required("id", "an id").Text() ?? "";
        if (!EntityId.IsValid(id))
        {
            throw Wrong("id", $"'{id}'", EntityId.Expected);
        }

        return new Course
        {
            Id = id,
            Title = Text("title", LongestTitle) ?? throw Wrong("title", "nothing", $"1 to {LongestTitle} characters"),
            Description = Text("description", LongestDescription),
            Category = Text("category", 128),
            Tags = Texts("tags"),
            Language = Text("language", 35),
            Instructor = Text("instructor", LongestTitle),
            Level = Text("level", 128),
            ListPrice = Money("listPrice") ?? throw Wrong("listPrice", "nothing", "money such as CNY:9900, from the file or by --default listPrice=CNY:9900"),
            FloorPrice = Money("floorPrice"),
            MarginalCost = Money("marginalCost"),
            PartnerValue = Money("partnerValue"),
            DurationMinutes = Optional("durationMinutes", "whole minutes", field => field.WholeNumber()),
            Prerequisites = Texts("prerequisites"),
            Concepts = Texts("concepts"),
            PublishedAt = Optional("publishedAt", Timestamps.Expected, field => field.Time()),
            Embeddings = Embeddings(),
        };
    }

    private CourseField Field(string name)
    {
        string? column = map.ColumnOf(name) ?? (map.IsExplicit && name is not ("id" or "title" or "listPrice") ? null : name);
        CourseField found = column is null ? default : _read(column);
        return found.IsMissing && map.Default(name) is { } standIn ? new CourseField(standIn) : found;
    }

    private CourseField Required(string name, string expected) => Field(name) is { IsMissing: false } found ? found : throw Wrong(name, "nothing", expected);

    private string? Text(string name, int longest)
    {
        string? text = Field(name).Text()?.Trim();
        return string.IsNullOrEmpty(text) ? null
            : text.Length <= longest ? text
            : throw Wrong(name, $"{text.Length} characters", $"at most {longest}");
    }

    private System.Collections.Immutable.ImmutableArray<string> Texts(string name) => Field(name) is { IsMissing: false } found ? found.Texts() : [];

    private Money? Money(string name) => Optional(name, "money such as CNY:9900 or {\"currency\":\"CNY\",\"minorUnits\":9900}", field => field.Money());

    private T? Optional<T>(string name, string expected, Func<CourseField, T?> read)
        where T : struct => Field(name) is not { IsMissing: false } found ? null
            : read(found) ?? throw Wrong(name, $"'{found.Text()}'", expected);

    private CourseEmbeddings? Embeddings() => Field("embeddings") is not { IsMissing: false } found ? null
        : !found.IsObject ? throw Wrong("embeddings", $"'{found.Text()}'", "a JSON object with text, image and audio")
        : new CourseEmbeddings { Text = Vector(found, "text"), Image = Vector(found, "image"), Audio = Vector(found, "audio") };

    private System.Collections.Immutable.ImmutableArray<float>? Vector(CourseField embeddings, string name) => !embeddings.Has(name) ? null
        : embeddings.Vector(name) ?? throw Wrong("embeddings", $"no vector in '{name}'", "an array of finite numbers");

    private InputException Wrong(string field, string saw, string expected)
    {
        string column = map.ColumnOf(field) ?? field;
        return new InputException(file.Name, _line, _columnOf(column), $"{field}{(column == field ? "" : $" (from '{column}')")} is {saw}; expected {expected}.");
    }
}
