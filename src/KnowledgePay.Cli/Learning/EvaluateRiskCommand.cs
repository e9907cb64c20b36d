using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using KnowledgePay.Cli.CommandLine;
using KnowledgePay.Cli.Terminal;
using KnowledgePay.Learning.Evaluation;
using KnowledgePay.Learning.Files;
using KnowledgePay.Learning.Risk;
using KnowledgePay.Learning.Tables;

namespace KnowledgePay.Cli.Learning;

/// <summary><c>kpay evaluate risk</c>: AUC, KS, Brier, log loss and calibration of scores against what happened.</summary>
internal static class EvaluateRiskCommand
{
    public static Command Make(CliConsole console)
    {
        var scores = new Option<string>("--scores") { Description = "What kpay predict risk wrote.", Required = true };
        Option<string> table = TableArguments.Table();
        var label = new Option<string>("--label") { Description = "The column that says what happened.", Required = true };
        var positive = new Option<string?>("--positive") { Description = "The label's value whose probability the scores are; as for kpay learn risk when absent." };
        var output = new Option<string?>("--out") { Description = "Write the figures here as JSON." };
        var command = new Command("risk", "AUC, KS, Brier, log loss and calibration error of probabilities.") { scores, table, label, positive, output };
        command.SetAction(parsed =>
        {
            Table scored = TableReader.Read(parsed.GetValue(scores)!, new TableOptions { Only = ["row", "probability"], Numeric = ["row", "probability"], NamedBy = "--scores" });
            Table truth = TableReader.Read(parsed.GetValue(table)!, new TableOptions { Only = [parsed.GetValue(label)!], NamedBy = "--label" });
            (OutcomeLabel outcome, byte[] outcomes) = OutcomeLabel.Read(truth, parsed.GetValue(label)!, parsed.GetValue(positive));
            NumericColumn row = scored.RequireNumeric("row", "--scores");
            NumericColumn probability = scored.RequireNumeric("probability", "--scores");
            var probabilities = new List<double>();
            var labels = new List<byte>();
            for (int i = 0; i < scored.Rows; i++)
            {
                if (!(row[i] >= 0 && row[i] < outcomes.Length) || row[i] != Math.Floor(row[i]))
                {
                    throw scored.Wrong(i, "row", $"{row[i]} is no row of {truth.File}; expected 0 to {outcomes.Length - 1}.");
                }

                if (!(probability[i] >= 0 && probability[i] <= 1))
                {
                    throw scored.Wrong(i, "probability", $"expected a probability from 0 to 1.");
                }

                if (outcomes[(int)row[i]] != 255)
                {
                    probabilities.Add(probability[i]);
                    labels.Add(outcomes[(int)row[i]]);
                }
            }

            BinaryMetrics metrics = BinaryMetrics.Of([.. probabilities], [.. labels]);
            console.Out.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{metrics.Rows} rows, '{outcome.Positive}' in {metrics.Positives}: AUC {metrics.Auc:0.000000}, KS {metrics.Ks:0.0000}, Brier {metrics.Brier:0.000000}, log loss {metrics.LogLoss:0.000000}, calibration error {metrics.CalibrationError:0.0000} (bins of equal count {metrics.CalibrationErrorByCount:0.0000})"));
            if (parsed.GetValue(output) is { } path)
            {
                ReportJson.Write(path, new JsonObject { ["label"] = ReportJson.Node(outcome), ["metrics"] = ReportJson.Node(metrics) });
            }

            return KpayCommandLine.Done;
        });
        return command;
    }
}
