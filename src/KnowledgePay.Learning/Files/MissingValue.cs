namespace KnowledgePay.Learning.Files;

/// <summary>What stands for "no value" in a CSV field.</summary>
public static class MissingValue
{
    public static bool Is(ReadOnlySpan<byte> field) =>
        field.IsEmpty || field.SequenceEqual("NA"u8) || field.SequenceEqual("NaN"u8) || field.SequenceEqual("null"u8) || field.SequenceEqual("?"u8);
}
