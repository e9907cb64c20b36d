using System.IO.Compression;

namespace KnowledgePay.Learning.Files;

/// <summary>Input files, plain or gzip by their name.</summary>
public sealed class InputFile : IDisposable
{
    private readonly FileStream _file;

    private InputFile(FileStream file, string name)
    {
        _file = file;
        Content = name.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? new GZipStream(file, CompressionMode.Decompress) : file;
        Name = name;
    }

    /// <summary>The path as it was given.</summary>
    public string Name { get; }

    public Stream Content { get; }

    /// <summary>How much of the file has been read, 0–1.</summary>
    public double FractionRead => _file.Length == 0 ? 1 : (double)_file.Position / _file.Length;

    /// <summary>Extension in lower case, without <c>.gz</c>.</summary>
    public string Kind => Path.GetExtension(Name.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? Name[..^3] : Name).ToLowerInvariant();

    /// <exception cref="InputException">The file cannot be opened.</exception>
    public static InputFile Open(string path)
    {
        try
        {
            return new InputFile(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.SequentialScan), path);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{path}: expected a file that can be read. {refused.Message}");
        }
    }

    public void Dispose()
    {
        Content.Dispose();
        _file.Dispose();
    }
}
