using KnowledgePay.Learning.Files;
using KnowledgePay.Learning.Tables;

namespace KnowledgePay.Learning.OffPolicy;

/// <summary>What a policy did: in each row an action, the probability with which it was chosen, and the reward that came of it.</summary>
/// <param name="Actions">Names of the actions; what the rows of <paramref name="Action"/> point to.</param>
/// <param name="Context">Columns that describe the situation; may be empty.</param>
public sealed record DecisionLog(Table Table, IReadOnlyList<string> Actions, int[] Action, double[] Reward, double[] Propensity, IReadOnlyList<TableColumn> Context)
{
    public int Rows => Action.Length;

    /// <exception cref="InputException">A column is missing or not what it should be, a reward is missing, or a propensity is outside 0–1: with line and column.</exception>
    public static DecisionLog Read(string path, string actionColumn, string rewardColumn, string propensityColumn, IReadOnlyCollection<string> context, CancellationToken cancellation)
    {
        Table table = TableReader.Read(path, new TableOptions
        {
            Only = [actionColumn, rewardColumn, propensityColumn, .. context],
            Categorical = [actionColumn],
            Numeric = [rewardColumn, propensityColumn],
            NamedBy = "--action, --reward, --propensity or --context",
        }, cancellation);
        var action = (CategoricalColumn)table.Require(actionColumn, "--action");
        NumericColumn reward = table.RequireNumeric(rewardColumn, "--reward");
        NumericColumn propensity = table.RequireNumeric(propensityColumn, "--propensity");
        for (int row = 0; row < table.Rows; row++)
        {
            if (action.IsMissing(row))
            {
                throw table.Wrong(row, actionColumn, "the action is missing; expected one.");
            }

            if (reward.IsMissing(row))
            {
                throw table.Wrong(row, rewardColumn, "the reward is missing; expected a number.");
            }

            if (!(propensity[row] is > 0 and <= 1))
            {
                throw table.Wrong(row, propensityColumn, "expected the probability with which the action was chosen, above 0 and at most 1.");
            }
        }

        return new DecisionLog(table, action.Levels, action.Codes.ToArray(), reward.ToArray(), propensity.ToArray(), [.. context.Select(name => table.Require(name, "--context"))]);
    }
}
