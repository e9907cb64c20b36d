using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using KnowledgePay.Cli.CommandLine;
using KnowledgePay.Cli.Terminal;
using KnowledgePay.Learning.Fairness;
using KnowledgePay.Learning.Files;
using KnowledgePay.Learning.Risk;
using KnowledgePay.Learning.Tables;

namespace KnowledgePay.Cli.Learning;

/// <summary><c>kpay audit fairness</c>: decisions compared between groups of people.</summary>
internal static class AuditFairnessCommand
{
    /// <summary>No attribute has more groups than this.</summary>
    private const int GroupsMax = 50;

    public static Command Make(CliConsole console)
    {
        Option<string> table = TableArguments.Table();
        var label = new Option<string>("--label") { Description = "What turned out to be true.", Required = true };
        var decision = new Option<string>("--decision") { Description = "What was decided.", Required = true };
        Option<string[]> guarded = TableArguments.Columns("--protected", "Attributes by which people are grouped; of several also the intersections.");
        guarded.Required = true;
        var positive = new Option<string?>("--positive") { Description = "The label's positive value, for example repaid; 1, yes or true when absent." };
        var favourable = new Option<string?>("--favourable") { Description = "The decision that people want; 1, yes, true or approved when absent." };
        var score = new Option<string?>("--score") { Description = "A column with the probability of the positive label, for calibration by group." };
        var mitigate = new Option<string?>("--mitigate") { Description = "parity or opportunity: thresholds of --score by group that bring the groups together, and what they cost. Deciding by them treats people by their group, which the law forbids in places." };
        mitigate.AcceptOnlyFromAmong("parity", "opportunity");
        var target = new Option<double>("--target") { Description = "With --mitigate: the least ratio of the lowest group's rate to the highest.", DefaultValueFactory = _ => 0.8 };
        var draws = new Option<int>("--draws") { Description = "Bootstrap samples for the 95 % intervals.", DefaultValueFactory = _ => 1000 };
        Option<ulong> seed = TableArguments.Seed();
        Option<string> output = TableArguments.Out("The report, as JSON.");
        var command = new Command("fairness", "Rates, demographic parity, disparate impact, equal opportunity, equalised odds by group, with intervals.")
        {
            table, label, decision, guarded, positive, favourable, score, mitigate, target, draws, seed, output,
        };
        command.SetAction((parsed, cancellation) =>
        {
            string[] attributes = TableArguments.Names(parsed.GetValue(guarded));
            int samples = parsed.GetValue(draws);
            if (samples is < 0 or > 100_000)
            {
                throw new InputException($"--draws {samples}: expected 0 to 100000.");
            }

            if (parsed.GetValue(mitigate) is not null && parsed.GetValue(score) is null)
            {
                throw new InputException("--mitigate: expected --score too, whose thresholds are moved.");
            }

            if (!(parsed.GetValue(target) is >= 0 and <= 1))
            {
                throw new InputException(string.Create(CultureInfo.InvariantCulture, $"--target {parsed.GetValue(target)}: expected 0 to 1."));
            }

            string?[] needed = [parsed.GetValue(label), parsed.GetValue(decision), parsed.GetValue(score), .. attributes];
            Table read = TableReader.Read(parsed.GetValue(table)!, new TableOptions { Only = [.. needed.OfType<string>().Distinct()], NamedBy = "--label, --decision, --protected, --score" }, cancellation);
            (OutcomeLabel truth, byte[] labels) = OutcomeLabel.Read(read, parsed.GetValue(label)!, parsed.GetValue(positive));
            (OutcomeLabel wanted, byte[] decisions) = OutcomeLabel.Read(read, parsed.GetValue(decision)!, parsed.GetValue(favourable) ?? Approved(read, parsed.GetValue(decision)!));
            int[] rows = [.. Enumerable.Range(0, read.Rows).Where(row => labels[row] != 255 && decisions[row] != 255)];
            NumericColumn? scores = parsed.GetValue(score) is { } name ? read.RequireNumeric(name, "--score") : null;
            var audited = new AuditedDecisions([.. rows.Select(row => decisions[row] == 1)], [.. rows.Select(row => labels[row] == 1)], scores is null ? null : [.. rows.Select(row => scores[row])]);
            var groupings = new List<(string Attribute, int[] Groups, IReadOnlyList<string> Names)>();
            foreach (string attribute in attributes)
            {
                (int[] groups, IReadOnlyList<string> names) = GroupColumn.Of(read.Require(attribute, "--protected"), 10);
                if (names.Count > GroupsMax)
                {
                    throw new InputException(read.File, 1, 1, $"'{attribute}' (--protected) has {names.Count} values; expected at most {GroupsMax} groups.");
                }

                groupings.Add((attribute, [.. rows.Select(row => groups[row])], names));
            }

            AttributeFairness[] each = [.. groupings.Select(grouping => Compare(grouping.Attribute, grouping.Groups, grouping.Names, audited, samples, parsed.GetValue(seed)))];
            AttributeFairness? together = null;
            if (groupings.Count > 1)
            {
                (int[] groups, IReadOnlyList<string> names) = FairnessAudit.Intersect(groupings);
                together = Compare(string.Join(" & ", attributes), groups, names, audited, samples, parsed.GetValue(seed));
            }

            ThresholdMitigation[] mitigations = parsed.GetValue(mitigate) is { } goal
                ? [.. groupings.Select(grouping => GroupThresholds.Find(
                    grouping.Attribute, grouping.Groups, grouping.Names, audited, goal == "parity" ? MitigationGoal.Parity : MitigationGoal.Opportunity, parsed.GetValue(target))).OfType<ThresholdMitigation>()]
                : [];
            Write(parsed.GetValue(output)!, read, rows.Length, truth, wanted, audited, each, together, mitigations, parsed.GetValue(seed), samples);
            foreach (AttributeFairness one in together is null ? each : [.. each, together])
            {
                Say(console, one);
            }

            foreach (ThresholdMitigation one in mitigations)
            {
                console.Out.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{one.Protected}: thresholds by group bring the ratio of {(one.Goal == "parity" ? "favourable" : "true positive")} rates from {one.RatioBefore:0.000} to {one.RatioAfter:0.000} (asked {one.Target:0.00}); accuracy {one.AccuracyBefore:0.0000} to {one.AccuracyAfter:0.0000}, balanced {one.BalancedAccuracyBefore:0.0000} to {one.BalancedAccuracyAfter:0.0000}; {one.Changed} decisions change"));
            }

            return Task.FromResult(KpayCommandLine.Done);
        });
        return command;
    }

    private static AttributeFairness Compare(string attribute, int[] groups, IReadOnlyList<string> names, AuditedDecisions audited, int draws, ulong seed)
    {
        try
        {
            return FairnessAudit.Compare(attribute, groups, names, audited, draws, seed);
        }
        catch (ArgumentException few)
        {
            throw new InputException($"--protected {attribute}: {few.Message.Split(" (Parameter")[0]}");
        }
    }

    /// <summary>Decisions are often words that labels are not.</summary>
    private static string? Approved(Table table, string column) =>
        table.Require(column, "--decision") is CategoricalColumn words
            ? words.Levels.FirstOrDefault(word => word.ToLowerInvariant() is "approved" or "approve" or "accepted" or "accept" or "granted" or "hired" or "good")
            : null;

    private static void Write(
        string path, Table table, int rows, OutcomeLabel truth, OutcomeLabel wanted, AuditedDecisions audited, AttributeFairness[] each, AttributeFairness? together, ThresholdMitigation[] mitigations, ulong seed, int draws)
    {
        var all = default(GroupCounts);
        for (int row = 0; row < rows; row++)
        {
            all = all.With(audited.Favourable[row], audited.Positive[row]);
        }

        FairnessMetrics first = (together ?? each[0]).All;
        var report = new JsonObject
        {
            ["rows"] = rows,
            ["leftOut"] = table.Rows - rows,
            ["label"] = ReportJson.Node(truth),
            ["decision"] = ReportJson.Node(wanted),
            ["selectionRate"] = all.SelectionRate,
            ["accuracy"] = all.Accuracy,
            ["balancedAccuracy"] = ReportJson.Node(all.BalancedAccuracy),
            ["of"] = (together ?? each[0]).Protected,
            ["disparateImpact"] = ReportJson.Node(first.DisparateImpact.Value),
            ["passesFourFifths"] = first.PassesFourFifths,
            ["demographicParityDifference"] = ReportJson.Node(first.DemographicParityDifference.Value),
            ["equalOpportunityDifference"] = ReportJson.Node(first.EqualOpportunityDifference.Value),
            ["equalisedOddsDifference"] = ReportJson.Node(first.EqualisedOddsDifference.Value),
            ["attributes"] = ReportJson.Node(each),
            ["intersections"] = ReportJson.Node(together),
            ["mitigation"] = mitigations.Length == 0 ? null : ReportJson.Node(mitigations),
            ["bootstrapDraws"] = draws,
            ["seed"] = seed,
        };
        ReportJson.Write(path, report);
    }

    private static void Say(CliConsole console, AttributeFairness fairness)
    {
        FairnessMetrics metrics = fairness.All;
        console.Out.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{fairness.Protected}: disparate impact {metrics.DisparateImpact.Value:0.000000} ('{metrics.Lowest}' to '{metrics.Highest}', 95 % {metrics.DisparateImpact.Low:0.000}–{metrics.DisparateImpact.High:0.000}; four fifths {(metrics.PassesFourFifths ? "kept" : "NOT kept")}), demographic parity difference {metrics.DemographicParityDifference.Value:0.000000}, equal opportunity difference {metrics.EqualOpportunityDifference.Value:0.000000}, equalised odds difference {metrics.EqualisedOddsDifference.Value:0.000000}"));
        foreach (string warning in fairness.Warnings)
        {
            console.Error.WriteLine($"kpay: {warning}");
        }
    }
}
