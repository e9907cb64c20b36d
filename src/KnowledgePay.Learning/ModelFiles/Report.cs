using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Unicode;
using KnowledgePay.Learning.Files;

namespace KnowledgePay.Learning.ModelFiles;

/// <summary><c>report.json</c> beside a model: data quality, cross-validated metrics, chosen hyper-parameters, seconds.</summary>
public static class Report
{
    public const string FileName = "report.json";

    private static readonly JsonSerializerOptions Layout = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.Create(UnicodeRanges.All),
    };

    public static void Write(string directory, JsonObject report) => WriteFile(Path.Combine(directory, FileName), report);

    /// <exception cref="WorkFailedException">The file cannot be written.</exception>
    public static void WriteFile(string path, JsonObject report)
    {
        try
        {
            if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } directory)
            {
                Directory.CreateDirectory(directory);
            }

            File.WriteAllText(path + ".partial", report.ToJsonString(Layout) + "\n");
            File.Move(path + ".partial", path, overwrite: true);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new WorkFailedException($"{path}: cannot be written. {refused.Message}");
        }
    }

    /// <summary>A number rounded to what can be read; null when it is not finite.</summary>
    public static JsonNode? Number(double value, int digits = 6) => double.IsFinite(value) ? JsonValue.Create(Math.Round(value, digits)) : null;

    public static JsonArray Numbers(IEnumerable<double> values, int digits = 6) => new([.. values.Select(value => Number(value, digits))]);

    public static JsonArray Texts(IEnumerable<string> values) => new([.. values.Select(value => (JsonNode?)JsonValue.Create(value))]);
}
