using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;

namespace KnowledgePay.Server.Requests;

/// <summary>Says where bytes stop being JSON: the pointer, the line and the byte.</summary>
public static class MalformedJson
{
    /// <summary>Null when the bytes are one JSON value; else what is wrong and where. Called only when reading failed.</summary>
    public static (string Pointer, string Message)? Locate(ReadOnlySpan<byte> body)
    {
        if (!Utf8.IsValid(body))
        {
            return ("", string.Create(CultureInfo.InvariantCulture, $"is not valid UTF-8 at byte {FirstInvalidByte(body)}."));
        }

        var path = new Stack<string>();
        var indexes = new Stack<int>();
        var reader = new Utf8JsonReader(body, JsonFields.ReaderOptions);
        string name = "";
        try
        {
            while (reader.Read())
            {
                switch (reader.TokenType)
                {
                    case JsonTokenType.PropertyName:
                        name = RequestErrors.Escape(System.Text.Encoding.UTF8.GetString(reader.ValueSpan));
                        break;
                    case JsonTokenType.EndObject or JsonTokenType.EndArray:
                        indexes.Pop();
                        if (path.Count > 0)
                        {
                            path.Pop();
                        }

                        name = "";
                        break;
                    default:
                        if (indexes.Count > 0 && indexes.Peek() >= 0)
                        {
                            int index = indexes.Pop();
                            name = index.ToString(CultureInfo.InvariantCulture);
                            indexes.Push(index + 1);
                        }

                        if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
                        {
                            if (indexes.Count > 0)
                            {
                                path.Push(name);
                            }

                            indexes.Push(reader.TokenType == JsonTokenType.StartArray ? 0 : -1);
                            name = "";
                        }
                        else
                        {
                            name = "";
                        }

                        break;
                }
            }

            return null;
        }
        catch (JsonException e)
        {
            string pointer = string.Concat(path.Reverse().Select(p => "/" + p)) + (name.Length > 0 ? "/" + name : "");
            return (pointer, Describe(e));
        }
    }

    /// <summary>The exception's place, without the runtime's own words about paths.</summary>
    public static string Describe(JsonException e)
    {
        string message = e.Message;
        int tail = message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        string what = tail > 0 ? message[..tail] : message;
        return string.Create(CultureInfo.InvariantCulture, $"is not valid JSON at line {(e.LineNumber ?? 0) + 1}, byte {(e.BytePositionInLine ?? 0) + 1}: {what}");
    }

    private static int FirstInvalidByte(ReadOnlySpan<byte> body)
    {
        int at = 0;
        while (at < body.Length && System.Text.Rune.DecodeFromUtf8(body[at..], out _, out int consumed) == System.Buffers.OperationStatus.Done)
        {
            at += consumed;
        }

        return at;
    }
}
