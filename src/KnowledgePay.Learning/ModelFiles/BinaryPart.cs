using System.Text;
using KnowledgePay.Learning.Files;

namespace KnowledgePay.Learning.ModelFiles;

/// <summary>A model whose content is one binary part, <c>model.bin</c>, of its <see cref="ModelDirectory"/>.</summary>
internal static class BinaryPart
{
    private const string Name = "model.bin";

    public static void Write(string directory, string kind, int format, Action<BinaryWriter> content)
    {
        using var body = new MemoryStream();
        using (var writer = new BinaryWriter(body, Encoding.UTF8, leaveOpen: true))
        {
            content(writer);
        }

        ModelDirectory.Write(directory, kind, format, new Dictionary<string, byte[]> { [Name] = body.ToArray() });
    }

    /// <param name="read">Takes the content and its format.</param>
    /// <exception cref="InputException">As <see cref="ModelDirectory.Read"/>, or the content does not fit its format.</exception>
    public static T Read<T>(string directory, string kind, int newestFormat, Func<BinaryReader, int, T> read)
    {
        (int format, IReadOnlyDictionary<string, byte[]> parts) = ModelDirectory.Read(directory, kind, newestFormat);
        if (!parts.TryGetValue(Name, out byte[]? content))
        {
            throw new InputException($"{directory}: the model has no part {Name}; expected one.");
        }

        using var reader = new BinaryReader(new MemoryStream(content), Encoding.UTF8);
        try
        {
            return read(reader, format);
        }
        catch (Exception bad) when (bad is EndOfStreamException or OverflowException or ArgumentException or FormatException)
        {
            throw new InputException($"{directory}: the model's content does not fit its format. {bad.Message}");
        }
    }

    /// <summary>A count of things of at least so many bytes, which cannot be more than are left.</summary>
    public static int ReadCount(this BinaryReader reader, int bytesEach)
    {
        int count = reader.ReadInt32();
        return count >= 0 && (long)count * bytesEach <= reader.BaseStream.Length - reader.BaseStream.Position
            ? count
            : throw new FormatException($"It announces {count} entries, which it does not hold.");
    }
}
