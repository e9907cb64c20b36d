using System.Globalization;
using KnowledgePay.Learning.Files;
using KnowledgePay.Learning.Tables;

namespace KnowledgePay.Learning.OffPolicy;

/// <summary>The policy whose value is asked for.</summary>
/// <remarks>
/// <c>uniform</c>: every action of the log equally likely. <c>logging</c>: the policy that wrote the log. Else a CSV file, in one of three shapes:
/// <list type="bullet">
/// <item><c>action,probability</c>, with context columns (named as in the log) when the policy depends on them: a row for each action and context; an action that has none is never chosen.</item>
/// <item><c>row,action,probability</c>: a distribution for each row of the log, 0 for the first.</item>
/// <item><c>probability</c> alone: for each row of the log, the policy's probability of the action that was taken. There is no direct method then.</item>
/// </list>
/// </remarks>
public sealed class TargetPolicy
{
    private const double Tolerance = 1e-6;

    private readonly double[][]? _byGroup;
    private readonly int[]? _groupOf;
    private readonly double[]? _ofTaken;

    private TargetPolicy(string name, double[][]? byGroup, int[]? groupOf, double[]? ofTaken, bool isLogging) =>
        (Name, _byGroup, _groupOf, _ofTaken, IsLogging) = (name, byGroup, groupOf, ofTaken, isLogging);

    public string Name { get; }

    /// <summary>True for the policy that wrote the log.</summary>
    public bool IsLogging { get; }

    /// <summary>Probability that the policy gives the action that was taken in a row.</summary>
    public double OfTaken(DecisionLog log, int row) =>
        IsLogging ? log.Propensity[row] : _ofTaken is not null ? _ofTaken[row] : _byGroup![_groupOf?[row] ?? 0][log.Action[row]];

    /// <summary>Probability of each action in a row's situation; null where only that of the taken one is known.</summary>
    public double[]? Distribution(int row) => _byGroup?[_groupOf?[row] ?? 0];

    /// <exception cref="InputException">The file has another shape, an action or context that is not in the log, or probabilities that do not add up to 1.</exception>
    public static TargetPolicy Of(string name, DecisionLog log, string actionColumn, CancellationToken cancellation)
    {
        if (name == "uniform")
        {
            double[] equal = new double[log.Actions.Count];
            Array.Fill(equal, 1.0 / equal.Length);
            return new TargetPolicy(name, [equal], null, null, false);
        }

        if (name == "logging")
        {
            return new TargetPolicy(name, null, null, null, true);
        }

        Table table = TableReader.Read(name, new TableOptions { Numeric = ["probability"], NamedBy = "--policy" }, cancellation);
        NumericColumn probability = table.RequireNumeric("probability", "--policy");
        for (int row = 0; row < table.Rows; row++)
        {
            if (!(probability[row] is >= 0 and <= 1 + Tolerance))
            {
                throw table.Wrong(row, "probability", "expected a probability from 0 to 1.");
            }
        }

        TableColumn? action = table.Find("action") ?? table.Find(actionColumn);
        if (action is null)
        {
            return table.Rows == log.Rows && table.Columns.Count == 1
                ? new TargetPolicy(name, null, null, probability.ToArray(), false)
                : throw new InputException($"{name}: {table.Rows} rows without a column 'action'; expected action,probability, or one probability for each of the log's {log.Rows} rows.");
        }

        Dictionary<string, int> known = log.Actions.Select((text, index) => (text, index)).ToDictionary(pair => pair.text, pair => pair.index, StringComparer.Ordinal);
        TableColumn? rows = table.Find("row");
        List<TableColumn> context = [.. log.Context.Select(column => table.Find(column.Name)).OfType<TableColumn>()];
        var groups = new Dictionary<string, int>(StringComparer.Ordinal);
        var distributions = new List<double[]>();
        for (int row = 0; row < table.Rows; row++)
        {
            string key = rows is not null ? Text(rows, row) : Key(context, row);
            if (!groups.TryGetValue(key, out int group))
            {
                group = distributions.Count;
                groups.Add(key, group);
                distributions.Add(new double[log.Actions.Count]);
            }

            if (!known.TryGetValue(Text(action, row), out int index))
            {
                if (probability[row] > 0)
                {
                    throw table.Wrong(row, action.Name, $"the log never took the action '{Text(action, row)}', so nothing is known about it; expected probability 0.");
                }

                continue;
            }

            distributions[group][index] += probability[row];
        }

        foreach ((string key, int group) in groups)
        {
            double sum = distributions[group].Sum();
            if (Math.Abs(sum - 1) > 1e-3)
            {
                throw new InputException(string.Create(CultureInfo.InvariantCulture, $"{name}: the probabilities{(key.Length > 0 ? $" for '{key}'" : "")} add up to {sum:F6}; expected 1."));
            }
        }

        int[] groupOf = new int[log.Rows];
        List<TableColumn> own = [.. log.Context.Where(column => table.Find(column.Name) is not null)];
        for (int row = 0; row < groupOf.Length; row++)
        {
            string key = rows is not null ? row.ToString(CultureInfo.InvariantCulture) : Key(own, row);
            groupOf[row] = groups.TryGetValue(key, out int group)
                ? group
                : throw new InputException($"{name}: no distribution for {(rows is not null ? $"row {key}" : $"the context '{key}'")} of the log; expected one.");
        }

        return new TargetPolicy(name, [.. distributions], groupOf, null, false);
    }

    private static string Key(List<TableColumn> columns, int row) => string.Join('\u001f', columns.Select(column => Text(column, row)));

    private static string Text(TableColumn column, int row) => column switch
    {
        CategoricalColumn names => names.Text(row) ?? "",
        NumericColumn numbers => numbers[row].ToString("R", CultureInfo.InvariantCulture),
        _ => "",
    };
}
