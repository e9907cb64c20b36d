using System.Security.Cryptography;
using System.Text.Json;
using KnowledgePay.Learning.Files;

namespace KnowledgePay.Learning.ModelFiles;

/// <summary>A learned model on disk: <c>model.json</c> names its kind, format version and parts with their lengths and SHA-256; the parts lie beside it.</summary>
/// <remarks>A reader refuses another kind, a newer format, a part that is missing, shortened or altered.</remarks>
public static class ModelDirectory
{
    /// <summary>What says which model a directory holds.</summary>
    public const string ManifestName = "model.json";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>Writes the parts, then the manifest last, so that a run that is cut short leaves no model that opens.</summary>
    /// <param name="kind">For example <c>risk</c>.</param>
    /// <param name="formatVersion">1 and up.</param>
    /// <exception cref="WorkFailedException">The directory cannot be written.</exception>
    public static void Write(string directory, string kind, int formatVersion, IReadOnlyDictionary<string, byte[]> parts)
    {
        try
        {
            Directory.CreateDirectory(directory);
            string manifest = Path.Combine(directory, ManifestName);
            File.Delete(manifest);
            foreach ((string name, byte[] content) in parts)
            {
                File.WriteAllBytes(Path.Combine(directory, name), content);
            }

            File.WriteAllBytes(manifest, JsonSerializer.SerializeToUtf8Bytes(
                new Manifest(kind, formatVersion, [.. parts.Select(part => new Part(part.Key, part.Value.LongLength, Sha256(part.Value)))]), Json));
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new WorkFailedException($"{directory}: the model cannot be written. {refused.Message}");
        }
    }

    /// <summary>What kind of model a directory holds.</summary>
    /// <exception cref="InputException">It holds none.</exception>
    public static string KindOf(string directory) => ReadManifest(directory).Kind;

    /// <summary>Reads the parts of a model.</summary>
    /// <param name="formatVersion">The newest that the caller reads.</param>
    /// <returns>The format's version and each part by its name.</returns>
    /// <exception cref="InputException">No model, another kind, a newer format, or a damaged part.</exception>
    public static (int FormatVersion, IReadOnlyDictionary<string, byte[]> Parts) Read(string directory, string kind, int formatVersion)
    {
        Manifest manifest = ReadManifest(directory);
        if (manifest.Kind != kind)
        {
            throw new InputException($"{directory}: holds a model of kind '{manifest.Kind}'; expected '{kind}'.");
        }

        if (manifest.FormatVersion > formatVersion || manifest.FormatVersion < 1)
        {
            throw new InputException($"{directory}: the model has format version {manifest.FormatVersion}; expected at most {formatVersion}. A newer kpay wrote it.");
        }

        var parts = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (Part part in manifest.Parts)
        {
            string path = Path.Combine(directory, Path.GetFileName(part.Name));
            if (!File.Exists(path))
            {
                throw new InputException($"{path}: the file is missing; expected it as a part of the model.");
            }

            byte[] content = File.ReadAllBytes(path);
            if (content.LongLength != part.Bytes || Sha256(content) != part.Sha256)
            {
                throw new InputException($"{path}: the file is damaged ({content.LongLength} of {part.Bytes} bytes, or other content); expected SHA-256 {part.Sha256}.");
            }

            parts[part.Name] = content;
        }

        return (manifest.FormatVersion, parts);
    }

    private static Manifest ReadManifest(string directory)
    {
        string path = Path.Combine(directory, ManifestName);
        if (!File.Exists(path))
        {
            throw new InputException($"{directory}: expected a model, a directory with {ManifestName} that 'kpay learn' wrote.");
        }

        try
        {
            Manifest? manifest = JsonSerializer.Deserialize<Manifest>(File.ReadAllBytes(path), Json);
            return manifest is { Kind.Length: > 0, Parts: not null } ? manifest : throw new InputException($"{path}: expected kind, formatVersion and parts.");
        }
        catch (JsonException damaged)
        {
            throw new InputException(path, (damaged.LineNumber ?? 0) + 1, (damaged.BytePositionInLine ?? 0) + 1, "the file is damaged; expected the JSON that 'kpay learn' wrote.");
        }
    }

    private static string Sha256(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));

    private sealed record Manifest(string Kind, int FormatVersion, Part[] Parts);

    private sealed record Part(string Name, long Bytes, string Sha256);
}
