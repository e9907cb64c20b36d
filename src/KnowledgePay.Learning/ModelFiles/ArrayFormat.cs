using System.Runtime.InteropServices;

namespace KnowledgePay.Learning.ModelFiles;

/// <summary>Arrays and lists in a model's body: a count, then the elements.</summary>
public static class ArrayFormat
{
    public static void WriteArray<T>(this BinaryWriter writer, ReadOnlySpan<T> values)
        where T : unmanaged
    {
        writer.Write(values.Length);
        int step = Math.Max(1, (1 << 24) / System.Runtime.CompilerServices.Unsafe.SizeOf<T>());
        for (int at = 0; at < values.Length; at += step)
        {
            writer.Write(MemoryMarshal.AsBytes(values.Slice(at, Math.Min(step, values.Length - at))));
        }
    }

    /// <exception cref="EndOfStreamException">There are fewer elements than the count says.</exception>
    public static T[] ReadArray<T>(this BinaryReader reader)
        where T : unmanaged
    {
        int count = reader.ReadInt32();
        int size = System.Runtime.CompilerServices.Unsafe.SizeOf<T>();
        if (count < 0 || (long)count * size > reader.BaseStream.Length - reader.BaseStream.Position)
        {
            throw new EndOfStreamException($"An array of {count} elements is longer than what is left.");
        }

        var values = new T[count];
        int step = Math.Max(1, (1 << 24) / size);
        for (int at = 0; at < count; at += step)
        {
            reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan(at, Math.Min(step, count - at))));
        }

        return values;
    }

    public static void WriteTexts(this BinaryWriter writer, IReadOnlyList<string> texts)
    {
        writer.Write(texts.Count);
        foreach (string text in texts)
        {
            writer.Write(text);
        }
    }

    public static string[] ReadTexts(this BinaryReader reader)
    {
        int count = reader.ReadInt32();
        if (count < 0 || count > reader.BaseStream.Length - reader.BaseStream.Position)
        {
            throw new EndOfStreamException($"A list of {count} texts is longer than what is left.");
        }

        var texts = new string[count];
        for (int i = 0; i < count; i++)
        {
            texts[i] = reader.ReadString();
        }

        return texts;
    }
}
