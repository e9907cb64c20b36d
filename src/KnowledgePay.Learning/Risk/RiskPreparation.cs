using KnowledgePay.Learning.Binning;
using KnowledgePay.Learning.Fairness;
using KnowledgePay.Learning.Files;
using KnowledgePay.Learning.Quality;
using KnowledgePay.Learning.Tables;
using KnowledgePay.Learning.Trees;

namespace KnowledgePay.Learning.Risk;

/// <summary>What the caller says of a table's columns.</summary>
/// <param name="Drop">Not to be used.</param>
/// <param name="Protected">Attributes that never enter a model; features that stand for them are looked for.</param>
/// <param name="Keep">Used although they look like ids or leaks.</param>
public sealed record ColumnRoles(string Label, string? Positive = null, IReadOnlyCollection<string>? Drop = null, IReadOnlyCollection<string>? Protected = null, IReadOnlyCollection<string>? Keep = null)
{
    /// <summary>A protected column by which rows are reweighed before learning (<see cref="Reweighing"/>); null for none.</summary>
    public string? Reweigh { get; init; }
}

/// <summary>A table made ready to learn from.</summary>
public sealed record PreparedRisk(RiskRows Rows, OutcomeLabel Label, QualityReport Quality)
{
    /// <summary>What rows of each group and outcome weighed; null when none were reweighed.</summary>
    public IReadOnlyList<CellWeight>? Weights { get; init; }
}

/// <summary>Looks at a table, refuses what cannot be learned from, and leaves out the columns that must not or cannot be used.</summary>
public static class RiskPreparation
{
    /// <summary>No more rows are learned from; of a longer table a stratified sample is.</summary>
    public const int RowsMax = 1_000_000;

    private const int LeastRows = 20;
    private const int MostGroups = 10;
    private const int LeastOfOutcome = 3;

    /// <summary>Cross-fitted AUC of a column alone above which it is left out, and above which it is reported.</summary>
    private const double LeakingAuc = 0.995;
    private const double SuspectAuc = 0.95;

    /// <exception cref="InputException">The table, its label or its columns cannot be learned from; the message says why.</exception>
    public static PreparedRisk Prepare(Table table, ColumnRoles roles, ulong seed)
    {
        IReadOnlyCollection<string> drop = roles.Drop ?? [];
        IReadOnlyCollection<string> guarded = roles.Protected ?? [];
        if (roles.Reweigh is { } reweighed && !guarded.Contains(reweighed))
        {
            // What is made fair by a column must not come in by it.
            guarded = [.. guarded, reweighed];
        }

        foreach (string name in drop)
        {
            table.Require(name, "--drop");
        }

        foreach (string name in guarded)
        {
            table.Require(name, "--protected");
        }

        (OutcomeLabel label, byte[] outcomes) = OutcomeLabel.Read(table, roles.Label, roles.Positive);
        int[] labelled = [.. Enumerable.Range(0, table.Rows).Where(row => outcomes[row] != 255)];
        int positives = labelled.Sum(row => outcomes[row]);
        if (labelled.Length < LeastRows || Math.Min(positives, labelled.Length - positives) < LeastOfOutcome)
        {
            throw new InputException(
                $"{table.File}: {labelled.Length} rows with a label, {positives} of them '{label.Positive}'; expected at least {LeastRows} rows and {LeastOfOutcome} of each outcome.");
        }

        int[] rows = labelled;
        var warnings = new List<string>();
        if (labelled.Length < table.Rows)
        {
            warnings.Add($"{table.Rows - labelled.Length} rows have no label and are left out.");
        }

        if (labelled.Length > RowsMax)
        {
            rows = [.. FoldPlan.Sample([.. labelled.Select(row => outcomes[row])], RowsMax, seed).Select(i => labelled[i])];
            warnings.Add($"{labelled.Length} rows: a stratified sample of {rows.Length} is learned from.");
        }

        IReadOnlyList<CellWeight>? weights = null;
        if (roles.Reweigh is { } by)
        {
            (int[] groups, IReadOnlyList<string> names) = GroupColumn.Of(table.Require(by, "--reweigh"), MostGroups);
            int before = rows.Length;
            (int[] kept, weights) = Reweighing.Sample([.. rows.Select(row => groups[row])], names, [.. rows.Select(row => outcomes[row])], seed);
            rows = [.. kept.Select(i => rows[i])];
            positives = rows.Sum(row => outcomes[row]);
            if (rows.Length < LeastRows || Math.Min(positives, rows.Length - positives) < LeastOfOutcome)
            {
                throw new InputException($"{table.File}: reweighed by '{by}' {rows.Length} rows are left, {positives} of them '{label.Positive}'; expected at least {LeastRows} rows and {LeastOfOutcome} of each outcome.");
            }

            warnings.Add($"Reweighed by '{by}': {before - rows.Length} of {before} rows are left out, so that the outcome does not depend on it among the rest.");
        }

        var findings = new List<ColumnFinding>();
        var usable = new List<TableColumn>();
        foreach (TableColumn column in table.Columns.Where(column => column.Name != roles.Label))
        {
            ColumnFinding finding = Look(column, drop, guarded, roles.Keep ?? []);
            findings.Add(finding);
            if (finding.Exclusion == Exclusion.None)
            {
                usable.Add(column);
            }
        }

        if (usable.Count == 0)
        {
            throw new InputException($"{table.File}: no column is left to learn from ({string.Join("; ", findings.Take(20).Select(f => $"'{f.Name}' {f.Exclusion}"))}).");
        }

        RiskRows data = Rows(usable, rows, outcomes);
        data = LeaveOutLeaks(data, findings, roles.Keep ?? [], warnings, seed);
        IReadOnlyList<ProxyFinding> proxies = Proxies(table, guarded, data, rows, seed);
        foreach (ProxyFinding proxy in proxies.Where(proxy => proxy.Association >= 0.3))
        {
            warnings.Add($"'{proxy.Feature}' tells of the protected '{proxy.Protected}' (Cramér's V {proxy.Association:0.00}).");
        }

        int duplicates = Duplicates(data);
        return new PreparedRisk(data, label, new QualityReport(data.Rows, table.Rows - labelled.Length, data.Positives, duplicates, findings, proxies, warnings)) { Weights = weights };
    }

    private static ColumnFinding Look(TableColumn column, IReadOnlyCollection<string> drop, IReadOnlyCollection<string> guarded, IReadOnlyCollection<string> keep)
    {
        (int distinct, int outliers, IReadOnlyList<double> specials) = ColumnProfile.Of(column);
        (Exclusion exclusion, string? note) =
            drop.Contains(column.Name) ? (Exclusion.Dropped, null)
            : guarded.Contains(column.Name) ? (Exclusion.Protected, null)
            : distinct == 0 || (distinct == 1 && column.Missing == 0) ? (Exclusion.Constant, distinct == 0 ? "always missing" : "one value")
            : keep.Contains(column.Name) ? (Exclusion.None, "kept as --keep says")
            : ColumnProfile.Identifier(column, distinct) is { } why ? (Exclusion.Identifier, why)
            : (Exclusion.None, (string?)null);
        return new ColumnFinding(column.Name, column is NumericColumn ? "numeric" : "categorical", exclusion, note, column.Missing, distinct, outliers, specials, double.NaN);
    }

    private static RiskRows Rows(List<TableColumn> columns, int[] rows, byte[] outcomes)
    {
        int width = columns.Count;
        if ((long)rows.Length * width > Array.MaxLength)
        {
            throw new InputException($"{rows.Length} rows × {width} columns are more than {Array.MaxLength} values; expected fewer. Leave out columns (--drop) or give a sample.");
        }

        var values = new double[rows.Length * width];
        for (int i = 0; i < width; i++)
        {
            for (int row = 0; row < rows.Length; row++)
            {
                values[(row * width) + i] = columns[i] is NumericColumn numbers ? numbers[rows[row]]
                    : ((CategoricalColumn)columns[i])[rows[row]] is var code and >= 0 ? code : double.NaN;
            }
        }

        return new RiskRows(
            [.. columns.Select(column => new RiskFeature(column.Name, (column as CategoricalColumn)?.Levels))],
            values,
            [.. rows.Select(row => outcomes[row])]);
    }

    private static RiskRows LeaveOutLeaks(RiskRows data, List<ColumnFinding> findings, IReadOnlyCollection<string> keep, List<string> warnings, ulong seed)
    {
        CodedColumns columns = FineBinning.Code(data, [], seed);
        FoldPlan halves = FoldPlan.Make(data.Outcomes, 2, seed ^ 0x1EA);
        var auc = new double[data.Features.Count];
        Parallel.For(0, auc.Length, feature => auc[feature] = Association.CrossFittedAuc(data, columns, feature, halves));
        int[] leaks = [.. Enumerable.Range(0, auc.Length).Where(feature => auc[feature] >= LeakingAuc && !keep.Contains(data.Features[feature].Name))];
        bool leave = leaks.Length < auc.Length;
        for (int feature = 0; feature < auc.Length; feature++)
        {
            string name = data.Features[feature].Name;
            int at = findings.FindIndex(finding => finding.Name == name);
            findings[at] = findings[at] with { Auc = auc[feature] };
            if (auc[feature] < SuspectAuc)
            {
                continue;
            }

            bool left = leave && leaks.Contains(feature);
            findings[at] = findings[at] with { Exclusion = left ? Exclusion.LeakageSuspect : Exclusion.None, Note = $"alone it has AUC {auc[feature]:0.0000}: is it known before the outcome?" };
            warnings.Add($"'{name}' alone has AUC {auc[feature]:0.0000}: is it known before the outcome? It is {(left ? "left out (--keep keeps it)" : "used (--drop leaves it out)")}.");
        }

        if (!leave || leaks.Length == 0)
        {
            return data;
        }

        int[] stay = [.. Enumerable.Range(0, auc.Length).Except(leaks)];
        var values = new double[data.Rows * stay.Length];
        for (int row = 0; row < data.Rows; row++)
        {
            for (int i = 0; i < stay.Length; i++)
            {
                values[(row * stay.Length) + i] = data.Value(row, stay[i]);
            }
        }

        return new RiskRows([.. stay.Select(feature => data.Features[feature])], values, data.Outcomes);
    }

    private static List<ProxyFinding> Proxies(Table table, IReadOnlyCollection<string> guarded, RiskRows data, int[] rows, ulong seed)
    {
        var found = new List<ProxyFinding>();
        if (guarded.Count == 0)
        {
            return found;
        }

        CodedColumns columns = FineBinning.Code(data, [], seed);
        foreach (string name in guarded)
        {
            (int[] groups, IReadOnlyList<string> names) = GroupColumn.Of(table.Require(name, "--protected"), 10);
            int[] group = [.. rows.Select(row => groups[row])];
            for (int feature = 0; feature < data.Features.Count; feature++)
            {
                // Ten bins at most, so that the correction for chance has something to correct.
                int codes = columns.Codings[feature].Codes;
                int width = columns.Ordered[feature] ? Math.Max(1, (codes + 9) / 10) : 1;
                int[] bins = [.. columns.Codes[feature].Select(code => code == 0 ? 0 : 1 + ((code - 1) / width))];
                found.Add(new ProxyFinding(name, data.Features[feature].Name, Association.CramersV(group, names.Count, bins, codes + 1)));
            }
        }

        return [.. found.OrderByDescending(proxy => proxy.Association).Take(50)];
    }

    private static int Duplicates(RiskRows data)
    {
        Span<byte> digest = stackalloc byte[32];
        var seen = new HashSet<UInt128>(data.Rows);
        int repeated = 0;
        for (int row = 0; row < data.Rows; row++)
        {
            ReadOnlySpan<byte> bytes = System.Runtime.InteropServices.MemoryMarshal.AsBytes(data.Row(row));
            System.Security.Cryptography.SHA256.HashData(bytes, digest);
            UInt128 hash = System.Buffers.Binary.BinaryPrimitives.ReadUInt128LittleEndian(digest) ^ data.Outcomes[row];
            repeated += seen.Add(hash) ? 0 : 1;
        }

        return repeated;
    }
}
