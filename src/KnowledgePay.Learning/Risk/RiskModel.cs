using KnowledgePay.Decisions.Scoring;
using KnowledgePay.Learning.Files;
using KnowledgePay.Learning.Tables;

namespace KnowledgePay.Learning.Risk;

/// <summary>A model of risk as it is kept: what it reads, what it says, and what it needs to explain itself.</summary>
/// <param name="Features">In the order of a row.</param>
/// <param name="Marginals">How each feature is spread in training, in the same order.</param>
/// <param name="DroppedColumns">Columns of the training table that the model does not read.</param>
public sealed record RiskModel(
    string Algorithm,
    OutcomeLabel Label,
    IReadOnlyList<RiskFeature> Features,
    IReadOnlyList<FeatureMarginal> Marginals,
    LogOddsModel Scorer,
    PointsScale Scale,
    IReadOnlyList<string> DroppedColumns)
{
    /// <summary>The 0, 5, … 100 % quantiles of the log-odds of training rows by models that had not seen them; null in a model of before they were kept.</summary>
    public IReadOnlyList<double>? ScoreQuantiles { get; init; }

    /// <summary>How to read a table that is to be scored: the model's columns alone, each of the kind that it had in training.</summary>
    public TableOptions Reading => new()
    {
        Only = [.. Features.Select(feature => feature.Name)],
        Numeric = [.. Features.Where(feature => feature.Levels is null).Select(feature => feature.Name)],
        Categorical = [.. Features.Where(feature => feature.Levels is not null).Select(feature => feature.Name)],
        NamedBy = "a feature of the model",
    };

    /// <summary>Reads a table to score.</summary>
    /// <exception cref="InputException">A column is missing, or of another kind than in training: with line and column.</exception>
    public RiskTable Read(string path, CancellationToken cancellation = default)
    {
        Table table = TableReader.Read(path, Reading, cancellation);
        foreach (RiskFeature feature in Features)
        {
            if (feature.Levels is { } levels && table.Find(feature.Name) is CategoricalColumn column)
            {
                RefuseNumbers(table, column, levels);
            }
        }

        return new RiskTable(this, table);
    }

    /// <summary>A category of names that comes as numbers throughout is another column.</summary>
    private static void RefuseNumbers(Table table, CategoricalColumn column, IReadOnlyList<string> levels)
    {
        if (levels.Any(IsNumber) || column.Missing == column.Rows || !column.Levels.All(IsNumber))
        {
            return;
        }

        int row = 0;
        while (column.IsMissing(row))
        {
            row++;
        }

        throw table.Wrong(row, column.Name, $"'{column.Text(row)}' is a number; expected a name such as '{levels[0]}' in '{column.Name}'.");
    }

    private static bool IsNumber(string text) => TableReader.TryNumber(System.Text.Encoding.UTF8.GetBytes(text), out _);
}

/// <summary>How a feature is spread in training.</summary>
/// <param name="Quantiles">Of a number: its 0, 5, … 100 % quantiles; empty for a category.</param>
/// <param name="Shares">Of a category: each level's share; empty for a number.</param>
/// <param name="Missing">Share of the rows without a value.</param>
public sealed record FeatureMarginal(IReadOnlyList<double> Quantiles, IReadOnlyList<double> Shares, double Missing)
{
    public static IReadOnlyList<FeatureMarginal> Of(RiskRows data) => [.. Enumerable.Range(0, data.Features.Count).Select(feature => Of(data, feature))];

    /// <summary>Of one feature.</summary>
    /// <param name="values">NaN for a missing one; of a category, the number of its level.</param>
    /// <param name="levels">How many levels a category has; 0 for numbers.</param>
    public static FeatureMarginal Of(ReadOnlySpan<double> values, int levels)
    {
        var present = new List<double>(values.Length);
        foreach (double value in values)
        {
            if (!double.IsNaN(value))
            {
                present.Add(value);
            }
        }

        double missing = 1 - ((double)present.Count / values.Length);
        if (levels > 0)
        {
            var shares = new double[levels];
            foreach (double value in present)
            {
                shares[(int)value] += 1.0 / present.Count;
            }

            return new FeatureMarginal([], shares, missing);
        }

        present.Sort();
        return new FeatureMarginal(present.Count == 0 ? [] : [.. Enumerable.Range(0, 21).Select(i => present[(int)((present.Count - 1L) * i / 20)])], [], missing);
    }

    private static FeatureMarginal Of(RiskRows data, int feature)
    {
        var values = new double[data.Rows];
        for (int row = 0; row < values.Length; row++)
        {
            values[row] = data.Value(row, feature);
        }

        return Of(values, data.Features[feature].Levels?.Count ?? 0);
    }
}

/// <summary>A table whose rows a model reads.</summary>
public sealed class RiskTable
{
    private readonly TableColumn[] _columns;
    private readonly int[]?[] _levels;

    internal RiskTable(RiskModel model, Table table)
    {
        Table = table;
        _columns = new TableColumn[model.Features.Count];
        _levels = new int[]?[model.Features.Count];
        for (int i = 0; i < _columns.Length; i++)
        {
            _columns[i] = table.Find(model.Features[i].Name)!;
            if (model.Features[i].Levels is not { } known)
            {
                continue;
            }

            // The file's levels as the model's; one that training did not see lies beyond the table.
            var place = new Dictionary<string, int>(StringComparer.Ordinal);
            for (int level = 0; level < known.Count; level++)
            {
                place[known[level]] = level;
            }

            _levels[i] = [.. ((CategoricalColumn)_columns[i]).Levels.Select(name => place.GetValueOrDefault(name, known.Count))];
        }
    }

    public Table Table { get; }

    public int Rows => Table.Rows;

    public int Features => _columns.Length;

    /// <summary>A row as the model reads it.</summary>
    public void Row(int row, Span<double> values)
    {
        for (int i = 0; i < _columns.Length; i++)
        {
            values[i] = _columns[i] is NumericColumn numbers ? numbers[row]
                : ((CategoricalColumn)_columns[i])[row] is var code and >= 0 ? _levels[i]![code] : double.NaN;
        }
    }
}
