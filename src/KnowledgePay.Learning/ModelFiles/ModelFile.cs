using System.Security.Cryptography;
using System.Text;
using KnowledgePay.Learning.Files;

namespace KnowledgePay.Learning.ModelFiles;

/// <summary>A model on disk: magic, format version, kind, algorithm, body, end mark, SHA-256 of all before it. Little endian.</summary>
/// <remarks>A file that is cut short, altered, of another kind or from a newer version is refused before its body is read.</remarks>
public static class ModelFile
{
    public const string Name = "model.kpm";

    private static readonly byte[] Magic = "KPMODEL\n"u8.ToArray();
    private static readonly byte[] EndMark = "KPM-END\n"u8.ToArray();

    /// <summary>Writes to a temporary file and renames it, so that a run that fails leaves what was there.</summary>
    /// <exception cref="WorkFailedException">The file cannot be written.</exception>
    public static void Write(string directory, string kind, int version, string algorithm, Action<BinaryWriter> body)
    {
        string path = Path.Combine(directory, Name), temporary = path + ".partial";
        try
        {
            Directory.CreateDirectory(directory);
            using (var file = new FileStream(temporary, FileMode.Create, FileAccess.ReadWrite, FileShare.None, 1 << 16))
            {
                using (var writer = new BinaryWriter(file, Encoding.UTF8, leaveOpen: true))
                {
                    writer.Write(Magic);
                    writer.Write(version);
                    writer.Write(kind);
                    writer.Write(algorithm);
                    body(writer);
                    writer.Write(EndMark);
                }

                file.Flush();
                file.Position = 0;
                byte[] hash = SHA256.HashData(file);
                file.Write(hash);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new WorkFailedException($"{path}: cannot be written. {refused.Message}");
        }
    }

    /// <summary>Checks the file, then hands its body to <paramref name="body"/> with its version and algorithm.</summary>
    /// <exception cref="InputException">The file is not there, not a model, damaged, of another kind or newer than <paramref name="newest"/>.</exception>
    public static T Read<T>(string directory, string kind, int newest, Func<BinaryReader, int, string, T> body)
    {
        string path = Path.Combine(directory, Name);
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
            Check(file, path, newest);
            using var reader = new BinaryReader(file, Encoding.UTF8);
            file.Position = Magic.Length;
            int version = reader.ReadInt32();
            string found = reader.ReadString(), algorithm = reader.ReadString();
            return found == kind
                ? body(reader, version, algorithm)
                : throw new InputException($"{path}: expected a model of kind '{kind}' and found one of kind '{found}' ({algorithm}).");
        }
        catch (Exception refused) when (refused is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new InputException($"{path}: expected a model that 'kpay learn {kind}' wrote; there is none.");
        }
        catch (Exception damaged) when (damaged is EndOfStreamException or OverflowException or OutOfMemoryException or ArgumentException)
        {
            throw new InputException($"{path}: the model is damaged: its content does not fit its format. {damaged.Message}");
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{path}: cannot be read. {refused.Message}");
        }
    }

    private static void Check(FileStream file, string path, int newest)
    {
        Span<byte> head = stackalloc byte[Magic.Length + sizeof(int)];
        if (file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) < head.Length || !head[..Magic.Length].SequenceEqual(Magic))
        {
            throw new InputException($"{path}: this is no model file; expected one that 'kpay learn' wrote.");
        }

        int version = BitConverter.ToInt32(head[Magic.Length..]);
        if (version < 1 || version > newest)
        {
            throw new InputException($"{path}: the model has format version {version}; this program reads versions 1 to {newest}.");
        }

        long content = file.Length - SHA256.HashSizeInBytes;
        Span<byte> end = stackalloc byte[EndMark.Length + SHA256.HashSizeInBytes];
        file.Position = Math.Max(0, file.Length - end.Length);
        if (file.ReadAtLeast(end, end.Length, throwOnEndOfStream: false) < end.Length || !end[..EndMark.Length].SequenceEqual(EndMark))
        {
            throw new InputException($"{path}: the model is truncated; it ends after {file.Length} bytes without its end mark.");
        }

        file.Position = 0;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[1 << 16];
        for (long left = content; left > 0;)
        {
            int read = file.Read(buffer, 0, (int)Math.Min(left, buffer.Length));
            hash.AppendData(buffer, 0, read);
            left -= read;
        }

        if (!hash.GetHashAndReset().AsSpan().SequenceEqual(end[EndMark.Length..]))
        {
            throw new InputException($"{path}: the model is damaged; its SHA-256 is not the one at its end.");
        }
    }
}
