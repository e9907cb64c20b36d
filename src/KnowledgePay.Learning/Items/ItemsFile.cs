using System.Globalization;
using System.Text.Json;
using KnowledgePay.Learning.Files;
using KnowledgePay.Learning.Interactions;

namespace KnowledgePay.Learning.Items;

/// <summary>Reads what is known about items: CSV with a column <c>item</c>, or JSON lines with a field <c>item</c> or <c>id</c>; all other fields become features, and <c>embeddings</c> vectors of their own modality.</summary>
public static class ItemsFile
{
    private const int DeepestJson = 8;
    private const int LongestVector = 4096;

    /// <param name="items">Items of the interactions; those that only the file has are added, so that they can be recommended too.</param>
    /// <exception cref="InputException">The file cannot be read, or a line is wrong.</exception>
    public static ItemFeatures Read(string path, IdTable items)
    {
        using InputFile file = InputFile.Open(path);
        var builder = new ItemFeatureBuilder();
        if (file.Kind is ".jsonl" or ".ndjson")
        {
            ReadLines(file, items, builder);
        }
        else
        {
            ReadCsv(file, items, builder);
        }

        return builder.Build(items.Count);
    }

    private static void ReadCsv(InputFile file, IdTable items, ItemFeatureBuilder builder)
    {
        var csv = new CsvReader(file.Content, file.Name);
        int id = csv.IndexOf("item") >= 0 ? csv.IndexOf("item") : csv.IndexOf("id");
        if (id < 0)
        {
            throw new InputException(file.Name, 1, 1, $"there is no column 'item'; expected it and found {string.Join(",", csv.Header)}.");
        }

        // A column is numeric when all that is present parses as a number, which only the end of the file tells.
        var cells = new List<(int Item, string Text)>[csv.Header.Count];
        while (csv.Read())
        {
            int item = csv.IsMissing(id) ? -1 : items.Resolve(csv.Field(id), grow: true);
            if (item < 0)
            {
                throw csv.Wrong(id, $"the item is missing or longer than {IdTable.LongestId} characters; expected an id.");
            }

            for (int column = 0; column < cells.Length; column++)
            {
                if (column != id && !csv.IsMissing(column))
                {
                    (cells[column] ??= []).Add((item, csv.Text(column)));
                }
            }
        }

        for (int column = 0; column < cells.Length; column++)
        {
            List<(int Item, string Text)> own = cells[column] ?? [];
            bool numeric = own.TrueForAll(cell => double.TryParse(cell.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out _));
            foreach ((int item, string text) in own)
            {
                if (numeric)
                {
                    builder.AddNumber(item, csv.Header[column], double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture));
                }
                else
                {
                    builder.AddText(item, csv.Header[column], text);
                }
            }
        }
    }

    private static void ReadLines(InputFile file, IdTable items, ItemFeatureBuilder builder)
    {
        var lines = new LineReader(file.Content, file.Name);
        while (lines.Read())
        {
            if (lines.Text.Trim(" \t"u8).IsEmpty)
            {
                continue;
            }

            try
            {
                using JsonDocument document = JsonDocument.Parse(lines.Text.ToArray());
                if (document.RootElement.ValueKind != JsonValueKind.Object
                    || !(document.RootElement.TryGetProperty("item", out JsonElement id) || document.RootElement.TryGetProperty("id", out id))
                    || id.ValueKind != JsonValueKind.String || id.GetString() is not { Length: > 0 and <= IdTable.LongestId } text)
                {
                    throw new InputException(file.Name, lines.Line, 1, $"expected a JSON object with a field 'item' or 'id' of 1 to {IdTable.LongestId} characters.");
                }

                int item = items.Add(text);
                foreach (JsonProperty field in document.RootElement.EnumerateObject())
                {
                    if (field is { Name: "embeddings", Value.ValueKind: JsonValueKind.Object })
                    {
                        AddVectors(builder, item, field.Value, file.Name, lines.Line);
                    }
                    else if (field.Name is not ("item" or "id"))
                    {
                        Add(builder, item, field.Name, field.Value, listed: false, DeepestJson);
                    }
                }
            }
            catch (JsonException wrong)
            {
                throw new InputException(file.Name, lines.Line, (wrong.BytePositionInLine ?? 0) + 1, $"expected a JSON object. {wrong.Message}");
            }
        }
    }

    /// <summary>Vectors made elsewhere, one a modality, as courses have them.</summary>
    private static void AddVectors(ItemFeatureBuilder builder, int item, JsonElement embeddings, string file, long line)
    {
        foreach (JsonProperty modality in embeddings.EnumerateObject().Where(one => one.Value.ValueKind != JsonValueKind.Null))
        {
            int length = modality.Value.ValueKind == JsonValueKind.Array ? modality.Value.GetArrayLength() : 0;
            if (length is < 1 or > LongestVector
                || !modality.Value.EnumerateArray().All(number => number.ValueKind == JsonValueKind.Number && number.TryGetSingle(out float value) && float.IsFinite(value)))
            {
                throw new InputException(file, line, 1, $"embeddings.{modality.Name}: expected 1 to {LongestVector} finite numbers.");
            }

            builder.AddVector(item, modality.Name, [.. modality.Value.EnumerateArray().Select(number => number.GetSingle())]);
        }
    }

    private static void Add(ItemFeatureBuilder builder, int item, string field, JsonElement value, bool listed, int depth)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.String when value.GetString() is { Length: > 0 } text && !MissingValue.Is(System.Text.Encoding.UTF8.GetBytes(text)):
                builder.AddText(item, field, text);
                break;
            case JsonValueKind.Number when listed:
                // Numbers in a list are names of something, not amounts.
                builder.AddText(item, field, value.GetRawText());
                break;
            case JsonValueKind.Number when value.TryGetDouble(out double number):
                builder.AddNumber(item, field, number);
                break;
            case JsonValueKind.True or JsonValueKind.False:
                builder.AddText(item, field, value.GetRawText());
                break;
            case JsonValueKind.Array when depth > 0:
                foreach (JsonElement element in value.EnumerateArray())
                {
                    Add(builder, item, field, element, listed: true, depth - 1);
                }

                break;
            case JsonValueKind.Object when depth > 0:
                foreach (JsonProperty inner in value.EnumerateObject())
                {
                    Add(builder, item, $"{field}.{inner.Name}", inner.Value, listed, depth - 1);
                }

                break;
            default:
                break;
        }
    }
}
