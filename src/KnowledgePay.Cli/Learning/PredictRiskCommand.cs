using System.CommandLine;
using System.Globalization;
using KnowledgePay.Cli.CommandLine;
using KnowledgePay.Cli.Terminal;
using KnowledgePay.Decisions.Scoring;
using KnowledgePay.Learning.Files;
using KnowledgePay.Learning.Risk;

namespace KnowledgePay.Cli.Learning;

/// <summary><c>kpay predict risk</c>: row, probability, points, and what raises the risk most.</summary>
internal static class PredictRiskCommand
{
    private const int Reasons = 4;

    public static Command Make(CliConsole console)
    {
        var model = new Option<string>("--model") { Description = "The model's directory.", Required = true };
        Option<string> table = TableArguments.Table();
        Option<string> output = TableArguments.Out("row,probability,score,reason1..reason4; row counts from 0.");
        var drift = new Option<string?>("--drift") { Description = "Writes how far the rows are from those of training, as JSON: the population stability index of the score and of each feature." };
        var command = new Command("risk", "The probability of the outcome for each row of a table.") { model, table, output, drift };
        command.SetAction((parsed, cancellation) =>
        {
            RiskModel risk = RiskModelFile.Read(parsed.GetValue(model)!);
            RiskTable rows = risk.Read(parsed.GetValue(table)!, cancellation);
            return ProgressDisplay.Run(console, "scoring", progress =>
            {
                var logOdds = new double[rows.Rows];
                using var writer = new CsvWriter(parsed.GetValue(output)!, "row", "probability", "score", "reason1", "reason2", "reason3", "reason4");
                RowBlocks.Run<ScoredRow>(
                    rows.Rows,
                    row => Score(risk, rows, row),
                    (row, scored) =>
                    {
                        logOdds[row] = scored.LogOdds;
                        writer.Write(row);
                        writer.Write(scored.Probability);
                        writer.Write(scored.Points);
                        foreach (int feature in scored.Reasons)
                        {
                            writer.Write(feature < 0 ? string.Empty : risk.Features[feature].Name);
                        }

                        writer.EndRow();
                    },
                    done => progress.Report((double)done / rows.Rows, done, "rows"),
                    cancellation);
                writer.Complete();
                console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{rows.Rows} rows scored by {risk.Algorithm}: the probability that {risk.Label.Column} is '{risk.Label.Positive}'"));
                SayDrift(console, PopulationDrift.Of(risk, rows, logOdds), rows.Rows, parsed.GetValue(drift));
                return Task.FromResult(KpayCommandLine.Done);
            });
        });
        return command;
    }

    private static void SayDrift(CliConsole console, IReadOnlyList<DriftFinding> findings, int rows, string? path)
    {
        foreach (DriftFinding one in findings.Where(one => one.Verdict != DriftVerdict.Stable))
        {
            console.Error.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"kpay: '{one.Name}' has {(one.Verdict == DriftVerdict.Shifted ? "shifted" : "moved")} since training: population stability index {one.Index:0.000}, missing {one.MissingThen:P1} then and {one.MissingNow:P1} now"));
        }

        if (path is not null)
        {
            ReportJson.Write(path, ReportJson.Node(new { rows, findings })!);
        }
    }

    private static ScoredRow Score(RiskModel model, RiskTable table, int row)
    {
        var values = new double[table.Features];
        var contributions = new double[table.Features];
        table.Row(row, values);
        double logOdds = model.Scorer.LogOdds(values);
        model.Scorer.Contributions(values, contributions);
        var reasons = new int[Reasons];
        for (int rank = 0; rank < Reasons; rank++)
        {
            int most = -1;
            for (int feature = 0; feature < contributions.Length; feature++)
            {
                if (contributions[feature] > 0 && (most < 0 || contributions[feature] > contributions[most]))
                {
                    most = feature;
                }
            }

            reasons[rank] = most;
            if (most >= 0)
            {
                contributions[most] = 0;
            }
        }

        return new ScoredRow(logOdds, LogOddsModel.Probability(logOdds), model.Scale.Points(logOdds), reasons);
    }

    private readonly record struct ScoredRow(double LogOdds, double Probability, double Points, int[] Reasons);
}
