using System.IO.Compression;
using KnowledgePay.Learning.Files;

namespace KnowledgePay.Server.Models;

/// <summary>A model's directory, as <c>kpay learn</c> writes it, in one archive: how the store keeps it. The same files give the same bytes.</summary>
public static class ModelArchive
{
    private const long LargestPartBytes = 256L << 20;

    /// <param name="write">Writes the model's files into the directory that it is given.</param>
    public static byte[] Pack(Action<string> write)
    {
        string directory = Directory.CreateTempSubdirectory("kpay-model-").FullName;
        try
        {
            write(directory);
            using var packed = new MemoryStream();
            using (var archive = new ZipArchive(packed, ZipArchiveMode.Create, leaveOpen: true))
            {
                foreach (string file in Directory.GetFiles(directory).Order(StringComparer.Ordinal))
                {
                    ZipArchiveEntry entry = archive.CreateEntry(Path.GetFileName(file), CompressionLevel.Fastest);
                    entry.LastWriteTime = DateTimeOffset.UnixEpoch.AddYears(10);
                    using Stream content = entry.Open();
                    content.Write(File.ReadAllBytes(file));
                }
            }

            return packed.ToArray();
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    /// <param name="read">Reads the model from the directory that it is given.</param>
    /// <exception cref="InputException">The bytes are no model that this program reads.</exception>
    public static T Unpack<T>(byte[] bytes, Func<string, T> read)
    {
        string directory = Directory.CreateTempSubdirectory("kpay-model-").FullName;
        try
        {
            using (var archive = new ZipArchive(new MemoryStream(bytes), ZipArchiveMode.Read))
            {
                foreach (ZipArchiveEntry entry in archive.Entries)
                {
                    if (entry.Name != entry.FullName || entry.Name.Length == 0 || entry.Length > LargestPartBytes)
                    {
                        throw new InputException($"A stored model has a part '{entry.FullName}' of {entry.Length} bytes; expected plain names and at most {LargestPartBytes} bytes.");
                    }

                    entry.ExtractToFile(Path.Combine(directory, entry.Name));
                }
            }

            return read(directory);
        }
        catch (InvalidDataException wrong)
        {
            throw new InputException($"The stored bytes are no model that this program reads: {wrong.Message}");
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }
}
