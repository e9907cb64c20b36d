namespace KnowledgePay.Learning.Quality;

/// <summary>Why a column does not enter a model.</summary>
public enum Exclusion
{
    /// <summary>It does.</summary>
    None,

    /// <summary>The caller said so.</summary>
    Dropped,

    /// <summary>A protected attribute: never an input.</summary>
    Protected,

    /// <summary>One value, or none.</summary>
    Constant,

    /// <summary>Names a row: another value in each.</summary>
    Identifier,

    /// <summary>Separates the outcomes all but perfectly by itself: probably known only after them.</summary>
    LeakageSuspect,
}

/// <summary>What was seen of one column.</summary>
/// <param name="Kind"><c>numeric</c> or <c>categorical</c>.</param>
/// <param name="Distinct">Different values that are present.</param>
/// <param name="Outliers">Numbers further than five interquartile ranges outside the quartiles.</param>
/// <param name="SpecialSuspects">Values at an end, far from the rest and shared by many rows: perhaps codes (<c>--special</c>).</param>
/// <param name="Auc">How well the column ranks the outcomes alone, 0.5–1, cross-fitted; NaN when not measured.</param>
public sealed record ColumnFinding(
    string Name, string Kind, Exclusion Exclusion, string? Note, int Missing, int Distinct, int Outliers, IReadOnlyList<double> SpecialSuspects, double Auc);

/// <summary>What was seen of a table before learning from it.</summary>
/// <param name="Duplicates">Rows that repeat an earlier one in all columns that the model reads and in the label.</param>
/// <param name="Unlabelled">Rows without a label; they are left out.</param>
public sealed record QualityReport(
    int Rows, int Unlabelled, int Positives, int Duplicates, IReadOnlyList<ColumnFinding> Columns, IReadOnlyList<ProxyFinding> Proxies, IReadOnlyList<string> Warnings);

/// <summary>How much a feature tells of a protected attribute.</summary>
/// <param name="Association">Cramér's V over bins, bias-corrected; 0 none, 1 all.</param>
public sealed record ProxyFinding(string Protected, string Feature, double Association);
