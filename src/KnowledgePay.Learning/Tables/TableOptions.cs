namespace KnowledgePay.Learning.Tables;

/// <summary>How the columns of a table are read. A column that none of this names is numeric when all that is present parses as a finite number, else categorical.</summary>
public sealed record TableOptions
{
    /// <summary>Read as categorical whatever they hold (<c>--categorical a,b</c>).</summary>
    public IReadOnlyCollection<string> Categorical { get; init; } = [];

    /// <summary>Must be numbers: the first value that is none is an <see cref="Files.InputException"/> that says where. For scoring, where the model knows the kinds.</summary>
    public IReadOnlyCollection<string> Numeric { get; init; } = [];

    /// <summary>Read as free text (<see cref="TextColumn"/>).</summary>
    public IReadOnlyCollection<string> Text { get; init; } = [];

    /// <summary>Read these alone, or all when null.</summary>
    public IReadOnlyCollection<string>? Only { get; init; }

    /// <summary>Do not read these (<c>--drop a,b</c>).</summary>
    public IReadOnlyCollection<string> Drop { get; init; } = [];

    /// <summary>The options that named the columns, for messages about names that the file does not have.</summary>
    public string NamedBy { get; init; } = "the options";

    /// <summary>Bytes that the columns may take.</summary>
    public long MemoryLimitBytes { get; init; } = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 2;

    internal bool Reads(string column) => (Only is null || Only.Contains(column)) && !Drop.Contains(column);
}
