namespace KnowledgePay.Decisions.Recommending.Models;

/// <summary>One item of a person's history.</summary>
/// <param name="Item">Ordinal of the item in the model.</param>
/// <param name="Rating">On the scale of the data; NaN where there is none.</param>
/// <param name="Time">Milliseconds since 1970 UTC; <see cref="NoTime"/> where there is none.</param>
public readonly record struct HistoryEntry(int Item, float Rating, long Time)
{
    public const long NoTime = long.MinValue;
}
