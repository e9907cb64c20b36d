using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using KnowledgePay.Learning.Files;

namespace KnowledgePay.Learning.Artefacts;

/// <summary>The file <c>model.kpm</c> of a model directory: what kind of model it is, in which format, and a checksum over all of it.</summary>
/// <remarks>
/// Layout, little-endian: <c>KPMD</c>, container version (uint16), length of the kind (uint16), the kind in ASCII, format of the payload (int32),
/// length of the payload (int64), the payload, SHA-256 of all before. Written beside its place and renamed, so that a run that fails leaves no half model.
/// </remarks>
public static class ModelFile
{
    public const string FileName = "model.kpm";

    private const ushort ContainerVersion = 1;
    private const long LargestPayload = 1L << 31;
    private static ReadOnlySpan<byte> Magic => "KPMD"u8;

    /// <param name="kind">What learned it, for example <c>sentiment</c>; ASCII.</param>
    /// <param name="format">Version of the payload's layout, 1 for the first.</param>
    /// <exception cref="WorkFailedException">The file cannot be written.</exception>
    public static void Write(string directory, string kind, int format, Action<BinaryWriter> payload)
    {
        using var body = new MemoryStream();
        using (var writer = new BinaryWriter(body, Encoding.UTF8, leaveOpen: true))
        {
            payload(writer);
        }

        using var file = new MemoryStream();
        using (var writer = new BinaryWriter(file, Encoding.UTF8, leaveOpen: true))
        {
            writer.Write(Magic);
            writer.Write(ContainerVersion);
            writer.Write((ushort)kind.Length);
            writer.Write(Encoding.ASCII.GetBytes(kind));
            writer.Write(format);
            writer.Write(body.Length);
            writer.Write(body.GetBuffer().AsSpan(0, (int)body.Length));
        }

        byte[] hash = SHA256.HashData(file.GetBuffer().AsSpan(0, (int)file.Length));
        file.Write(hash);
        string path = Path.Combine(directory, FileName);
        try
        {
            Directory.CreateDirectory(directory);
            File.WriteAllBytes(path + ".partial", file.ToArray());
            File.Move(path + ".partial", path, overwrite: true);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new WorkFailedException($"{path}: cannot be written. {refused.Message}");
        }
    }

    /// <summary>Reads a model of one kind.</summary>
    /// <param name="newestFormat">The newest format that <paramref name="read"/> understands.</param>
    /// <param name="read">Takes the payload and its format.</param>
    /// <exception cref="InputException">There is no model, it is damaged, of another kind, or newer than this program.</exception>
    public static T Read<T>(string directory, string kind, int newestFormat, Func<BinaryReader, int, T> read)
    {
        string path = Path.Combine(directory, FileName);
        byte[] file;
        try
        {
            file = File.ReadAllBytes(path);
        }
        catch (Exception missing) when (missing is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{path}: expected a model directory that 'kpay learn' wrote. {missing.Message}");
        }

        ReadOnlySpan<byte> rest = file;
        if (rest.Length < 8 || !rest.StartsWith(Magic))
        {
            throw new InputException($"{path}: this is no model; expected a file that 'kpay learn' wrote.");
        }

        ushort container = BinaryPrimitives.ReadUInt16LittleEndian(rest[4..]);
        if (container > ContainerVersion)
        {
            throw new InputException($"{path}: the model was written by a newer version (container {container}; expected at most {ContainerVersion}).");
        }

        int kindLength = BinaryPrimitives.ReadUInt16LittleEndian(rest[6..]);
        if (rest.Length < 8 + kindLength + 12 + SHA256.HashSizeInBytes)
        {
            throw Truncated(path);
        }

        string found = Encoding.ASCII.GetString(rest.Slice(8, kindLength));
        int format = BinaryPrimitives.ReadInt32LittleEndian(rest[(8 + kindLength)..]);
        long length = BinaryPrimitives.ReadInt64LittleEndian(rest[(12 + kindLength)..]);
        int start = 20 + kindLength;
        if (length is < 0 or > LargestPayload || rest.Length != start + length + SHA256.HashSizeInBytes)
        {
            throw Truncated(path);
        }

        if (!SHA256.HashData(rest[..^SHA256.HashSizeInBytes]).AsSpan().SequenceEqual(rest[^SHA256.HashSizeInBytes..]))
        {
            throw new InputException($"{path}: the model is damaged (its checksum does not match); learn it again or copy it again.");
        }

        if (found != kind)
        {
            throw new InputException($"{path}: this is a {found} model; expected a {kind} model.");
        }

        if (format > newestFormat || format < 1)
        {
            throw new InputException($"{path}: the model has format {format}; expected at most {newestFormat}. It was written by a newer version.");
        }

        using var reader = new BinaryReader(new MemoryStream(file, start, (int)length), Encoding.UTF8);
        try
        {
            return read(reader, format);
        }
        catch (Exception bad) when (bad is EndOfStreamException or OverflowException or ArgumentException or FormatException)
        {
            throw new InputException($"{path}: the model's content does not fit its format. {bad.Message}");
        }
    }

    private static InputException Truncated(string path) => new($"{path}: the model is truncated; learn it again or copy it again.");
}
