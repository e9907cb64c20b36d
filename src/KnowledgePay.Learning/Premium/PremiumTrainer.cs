using System.Text.Json.Nodes;
using KnowledgePay.Learning.BoostedTrees;
using KnowledgePay.Learning.Evaluation;
using KnowledgePay.Learning.Files;
using KnowledgePay.Learning.ModelFiles;
using KnowledgePay.Learning.Tables;

namespace KnowledgePay.Learning.Premium;

/// <summary>How to learn premiums.</summary>
public sealed record PremiumSettings
{
    public required string Claims { get; init; }

    public required string Exposure { get; init; }

    /// <summary>Column with the total amount of a row's claims; null for frequency alone.</summary>
    public string? Amount { get; init; }

    /// <summary><c>auto</c>, <c>glm</c> or <c>boosted</c>.</summary>
    public string Algorithm { get; init; } = "auto";

    /// <summary>More claims in a row count as so many; null for no cap.</summary>
    public double? MostClaims { get; init; }

    /// <summary>More exposure in a row counts as so much; null for no cap.</summary>
    public double? MostExposure { get; init; }

    public PremiumLoading Loading { get; init; } = new();

    public ulong Seed { get; init; } = 1;
}

/// <summary>Learns a <see cref="PremiumModel"/>.</summary>
/// <remarks>
/// A fifth of the rows is held out to choose the penalty of the regression, the rounds of boosting and the blend by Poisson deviance; then all is learned again from all rows. What the report
/// calls validation is measured on another tenth, which nothing was learned from or chosen by.
/// </remarks>
public static class PremiumTrainer
{
    internal const int LeastRows = 50;
    private const int CoarseBins = 24;
    private const double CapShare = 0.995;
    private static readonly double[] Ridges = [1, 10, 100];
    private static readonly double[] Shares = [0, 0.25, 0.5, 1];

    public static (PremiumModel Model, JsonObject Report) Train(Table table, PremiumSettings settings, Action<double>? progress = null, CancellationToken cancellation = default)
    {
        var quality = new JsonObject();
        (double[] claims, double[] exposure, double[]? amount) = Targets(table, settings, quality);
        List<string> columns = Columns(table, settings, quality);
        int[] strata = [.. claims.Select(c => c > 0 ? 1 : 0)];
        int[] fold = Folds.Stratified(strata, 10, settings.Seed);
        int[] learn = Folds.Where(fold, f => f > 2);
        int[] choose = Folds.Where(fold, f => f is 1 or 2);
        int[] judge = Folds.Where(fold, f => f == 0);
        int[] all = [.. Enumerable.Range(0, table.Rows)];
        double baseRate = Rate(claims, exposure, learn);
        if (!(baseRate > 0) || !(Rate(claims, exposure, choose) > 0) || !(Rate(claims, exposure, judge) > 0))
        {
            throw new InputException($"{table.File}: {claims.Sum():G} claims in '{settings.Claims}'; expected enough to hold some out.");
        }

        (double[] target, double[] weight) = Only(claims, exposure, learn);
        double shrinkage = 50 / baseRate;
        BinnedTable coarse = BinnedTable.Learn(table, columns, CoarseBins, target, weight, shrinkage);
        BinnedTable fine = BinnedTable.Learn(table, columns, BinnedTable.MostBins, target, weight, shrinkage);

        double ridge = 0;
        double[] regression = [];
        double best = double.PositiveInfinity;
        var tried = new JsonArray();
        foreach (double candidate in Ridges)
        {
            double[] rate = [.. LogLinkRegression.Fit(coarse, learn, claims, exposure, 1, candidate, cancellation).Predict(coarse).Select(Math.Exp)];
            double deviance = Deviance(claims, exposure, rate, choose);
            tried.Add(new JsonObject { ["glmRidge"] = candidate, ["devianceRatio"] = Report.Number(deviance / Homogeneous(claims, exposure, baseRate, choose)) });
            if (deviance < best)
            {
                (best, ridge, regression) = (deviance, candidate, rate);
            }
        }

        progress?.Invoke(0.1);
        BoostingSettings[] members = settings.Algorithm == "glm" ? [] : Members(settings.Seed, claims.Sum());
        double[][] boosted = [.. members.Select(_ => Array.Empty<double>())];
        for (int m = 0; m < members.Length; m++)
        {
            double[] score = Start(table.Rows, baseRate);
            TreeSum trees = TreeBooster.Fit(fine, members[m], score, learn, Poisson(claims, exposure, learn), s => PoissonLoss(claims, exposure, s, choose), cancellation);
            // The scores went on after the best round.
            double[] sum = trees.Sum(fine);
            boosted[m] = [.. sum.Select(s => baseRate * Math.Exp(s))];
            members[m] = members[m] with { Rounds = Math.Max(1, trees.Trees.Count) };
            progress?.Invoke(0.1 + (0.4 * (m + 1) / members.Length));
        }

        double share = 1;
        double[] blend = regression;
        if (members.Length > 0)
        {
            best = double.PositiveInfinity;
            foreach (double candidate in settings.Algorithm == "boosted" ? [0.0] : Shares)
            {
                double[] mixed = [.. all.Select(row => (candidate * regression[row]) + ((1 - candidate) * boosted.Average(one => one[row])))];
                double deviance = Deviance(claims, exposure, mixed, choose);
                tried.Add(new JsonObject { ["glmShare"] = candidate, ["devianceRatio"] = Report.Number(deviance / Homogeneous(claims, exposure, baseRate, choose)) });
                if (deviance < best)
                {
                    (best, share, blend) = (deviance, candidate, mixed);
                }
            }
        }

        double homogeneous = Homogeneous(claims, exposure, baseRate, judge);
        double Ratio(double[] rate) => Deviance(claims, exposure, rate, judge) / homogeneous;
        var validation = new JsonObject
        {
            ["measure"] = "Poisson deviance of held-out policies, as a share of that of one frequency for all",
            ["rowsHeldOut"] = judge.Length,
            ["devianceRatio"] = Report.Number(Ratio(blend)),
            ["glm"] = Report.Number(Ratio(regression)),
            ["boostings"] = Report.Numbers(boosted.Select(Ratio)),
            ["meanOfBoostings"] = members.Length > 0 ? Report.Number(Ratio([.. all.Select(row => boosted.Average(one => one[row]))])) : null,
            ["gini"] = Report.Number(Gini(claims, exposure, blend, judge)),
        };

        // Again, from all rows.
        coarse = BinnedTable.Learn(table, columns, CoarseBins, claims, exposure, shrinkage);
        fine = BinnedTable.Learn(table, columns, BinnedTable.MostBins, claims, exposure, shrinkage);
        double rateOfAll = Rate(claims, exposure, all);
        LogLinkRegression glm = LogLinkRegression.Fit(coarse, all, claims, exposure, 1, ridge, cancellation);
        var trained = new TreeSum[share < 1 ? members.Length : 0];
        for (int m = 0; m < trained.Length; m++)
        {
            trained[m] = TreeBooster.Fit(fine, members[m], Start(table.Rows, rateOfAll), all, Poisson(claims, exposure, all), null, cancellation);
            progress?.Invoke(0.5 + (0.5 * (m + 1) / trained.Length));
        }

        (LogLinkRegression? severity, PremiumLoading loading, JsonObject? severityReport) = SeverityOf(coarse, claims, amount, ridge, settings.Loading, cancellation);
        PremiumModel Model(double balance) => new([.. coarse.Features], [.. fine.Features], glm, trained, share, Math.Log(rateOfAll), balance, severity, loading);
        double[] unbalanced = Model(1).Frequency(table);
        double expected = all.Sum(row => unbalanced[row] * exposure[row]);
        double balance = claims.Sum() / expected;
        PremiumModel model = Model(balance);
        return (model, new JsonObject
        {
            ["kind"] = PremiumModel.Kind,
            ["seed"] = settings.Seed,
            ["dataQuality"] = quality,
            ["validation"] = validation,
            ["hyperParameters"] = new JsonObject
            {
                ["algorithm"] = share switch { 0 => "boosted", 1 => "glm", _ => "blend" },
                ["glmRidge"] = ridge,
                ["glmShare"] = share,
                ["boostings"] = new JsonArray([.. members.Select(member => new JsonObject { ["rounds"] = member.Rounds, ["depth"] = member.Depth, ["learningRate"] = member.LearningRate })]),
            },
            ["tried"] = tried,
            ["balance"] = new JsonObject
            {
                ["observedClaims"] = claims.Sum(),
                ["expectedClaims"] = Report.Number(expected * balance),
                ["factor"] = Report.Number(balance, 9),
            },
            ["premium"] = PremiumParts.Of(model, table, exposure, severityReport),
        });
    }

    private static BoostingSettings[] Members(ulong seed, double claims)
    {
        double least = Math.Clamp(claims / 2_000, 2, 10);
        return
        [
            new BoostingSettings { Rounds = 1_000, Depth = 5, LearningRate = 0.05, LeastWeight = least, Ridge = least / 2, RowShare = 0.7, FeatureShare = 0.8, Seed = seed },
            new BoostingSettings { Rounds = 1_000, Depth = 7, LearningRate = 0.04, LeastWeight = least, Ridge = least, RowShare = 0.6, FeatureShare = 0.6, Seed = seed + 1 },
        ];
    }

    private static (double[] Claims, double[] Exposure, double[]? Amount) Targets(Table table, PremiumSettings settings, JsonObject quality)
    {
        NumericColumn claimColumn = table.RequireNumeric(settings.Claims, "--claims");
        NumericColumn exposureColumn = table.RequireNumeric(settings.Exposure, "--exposure");
        NumericColumn? amountColumn = settings.Amount is { } name ? table.RequireNumeric(name, "--amount") : null;
        if (table.Rows < LeastRows)
        {
            throw new InputException($"{table.File}: {table.Rows} rows; expected at least {LeastRows}.");
        }

        double[] claims = new double[table.Rows];
        double[] exposure = new double[table.Rows];
        double[]? amount = amountColumn is null ? null : new double[table.Rows];
        int claimsCapped = 0;
        int exposureCapped = 0;
        for (int row = 0; row < table.Rows; row++)
        {
            claims[row] = claimColumn[row] is >= 0 ? claimColumn[row] : throw table.Wrong(row, settings.Claims, "expected a number of claims, 0 or more.");
            exposure[row] = exposureColumn[row] is > 0 ? exposureColumn[row] : throw table.Wrong(row, settings.Exposure, "expected an exposure above 0.");
            if (claims[row] > settings.MostClaims)
            {
                (claims[row], claimsCapped) = (settings.MostClaims.Value, claimsCapped + 1);
            }

            if (exposure[row] > settings.MostExposure)
            {
                (exposure[row], exposureCapped) = (settings.MostExposure.Value, exposureCapped + 1);
            }

            if (amount is not null)
            {
                double value = amountColumn!.IsMissing(row) ? 0 : amountColumn[row];
                amount[row] = value >= 0 ? value : throw table.Wrong(row, settings.Amount!, "expected an amount of claims, 0 or more.");
            }
        }

        quality["rows"] = table.Rows;
        quality["claims"] = claims.Sum();
        quality["exposure"] = Report.Number(exposure.Sum(), 3);
        quality["frequency"] = Report.Number(claims.Sum() / exposure.Sum());
        quality["rowsWithClaims"] = claims.Count(c => c > 0);
        quality["claimsCapped"] = claimsCapped;
        quality["exposureCapped"] = exposureCapped;
        return (claims, exposure, amount);
    }

    private static List<string> Columns(Table table, PremiumSettings settings, JsonObject quality)
    {
        var columns = new List<string>();
        var leftOut = new JsonObject();
        var missing = new JsonObject();
        foreach (TableColumn column in table.Columns.Where(c => c.Name != settings.Claims && c.Name != settings.Exposure && c.Name != settings.Amount))
        {
            if (column.Missing > 0)
            {
                missing[column.Name] = column.Missing;
            }

            int distinct = column switch
            {
                CategoricalColumn names => names.Levels.Count,
                NumericColumn numbers => numbers.ToArray().Where(v => !double.IsNaN(v)).Distinct().Take(3).Count(),
                _ => 0,
            };
            if (distinct == 0 || (distinct == 1 && column.Missing == 0))
            {
                leftOut[column.Name] = "every value is the same";
            }
            else if (column is CategoricalColumn && distinct > 100 && distinct > table.Rows / 2)
            {
                leftOut[column.Name] = $"{distinct} different values: an identifier or free text";
            }
            else
            {
                columns.Add(column.Name);
            }
        }

        quality["columns"] = Report.Texts(columns);
        quality["missing"] = missing;
        quality["leftOut"] = leftOut;
        quality["identifierSuspects"] = Report.Texts(columns.Where(name => table.Find(name) is NumericColumn numbers && IsIdentifier(numbers)));
        return columns.Count > 0 ? columns : throw new InputException($"{table.File}: no column is left to learn from; expected at least one that varies.");
    }

    /// <summary>Whole numbers of which no two are equal.</summary>
    private static bool IsIdentifier(NumericColumn numbers)
    {
        double[] values = numbers.ToArray();
        return numbers.Missing == 0 && values.All(v => v == Math.Floor(v)) && values.Distinct().Count() == values.Length;
    }

    private static (LogLinkRegression? Model, PremiumLoading Loading, JsonObject? Report) SeverityOf(
        BinnedTable coarse, double[] claims, double[]? amount, double ridge, PremiumLoading loading, CancellationToken cancellation)
    {
        if (amount is null)
        {
            return (null, loading, null);
        }

        int[] paid = [.. Enumerable.Range(0, claims.Length).Where(row => claims[row] > 0 && amount[row] > 0)];
        if (paid.Length < LeastRows)
        {
            return (null, loading, new JsonObject { ["leftOut"] = $"{paid.Length} rows with claims and an amount; expected at least {LeastRows}" });
        }

        double[] means = [.. paid.Select(row => amount[row] / claims[row])];
        double[] sorted = [.. means];
        Array.Sort(sorted);
        double cap = sorted[(int)(CapShare * (sorted.Length - 1))];
        double[] capped = new double[amount.Length];
        foreach (int row in paid)
        {
            capped[row] = Math.Min(amount[row], cap * claims[row]);
        }

        // Gamma deviance does not grow with the amounts: the penalty is in claims.
        LogLinkRegression model = LogLinkRegression.Fit(coarse, paid, capped, claims, 2, ridge, cancellation);
        double[] eta = model.Predict(coarse);
        double predicted = paid.Sum(row => Math.Exp(eta[row]) * claims[row]);
        double large = paid.Sum(row => amount[row]) / predicted;
        return (model, loading with { LargeClaims = large }, new JsonObject
        {
            ["rows"] = paid.Length,
            ["meanClaim"] = Report.Number(paid.Sum(row => amount[row]) / paid.Sum(row => claims[row]), 2),
            ["cap"] = Report.Number(cap, 2),
            ["largeClaimsFactor"] = Report.Number(large),
        });
    }

    private static double[] Start(int rows, double rate)
    {
        double[] score = new double[rows];
        Array.Fill(score, Math.Log(rate));
        return score;
    }

    private static Action<double[], double[], double[]> Poisson(double[] claims, double[] exposure, int[] rows) => (score, gradient, curvature) =>
        Parallel.For(0, 8, b =>
        {
            for (int i = (int)((long)b * rows.Length / 8); i < (int)((long)(b + 1) * rows.Length / 8); i++)
            {
                int row = rows[i];
                double mean = exposure[row] * Math.Exp(score[row]);
                gradient[row] = mean - claims[row];
                curvature[row] = mean;
            }
        });

    private static double PoissonLoss(double[] claims, double[] exposure, double[] score, int[] rows)
    {
        double loss = 0;
        foreach (int row in rows)
        {
            loss += (exposure[row] * Math.Exp(score[row])) - (claims[row] * score[row]);
        }

        return loss / rows.Length;
    }

    private static (double[] Target, double[] Weight) Only(double[] claims, double[] exposure, int[] rows)
    {
        double[] target = new double[claims.Length];
        double[] weight = new double[claims.Length];
        foreach (int row in rows)
        {
            (target[row], weight[row]) = (claims[row], exposure[row]);
        }

        return (target, weight);
    }

    internal static double Rate(double[] claims, double[] exposure, int[] rows) => rows.Sum(row => claims[row]) / rows.Sum(row => exposure[row]);

    /// <summary>Mean Poisson deviance of claim counts.</summary>
    internal static double Deviance(double[] claims, double[] exposure, double[] rate, int[] rows)
    {
        double sum = 0;
        foreach (int row in rows)
        {
            double mean = exposure[row] * rate[row];
            sum += 2 * ((claims[row] > 0 ? claims[row] * Math.Log(claims[row] / mean) : 0) - (claims[row] - mean));
        }

        return sum / rows.Length;
    }

    private static double Homogeneous(double[] claims, double[] exposure, double rate, int[] rows)
    {
        double[] one = new double[claims.Length];
        Array.Fill(one, rate);
        return Deviance(claims, exposure, one, rows);
    }

    /// <summary>Gini index of the ordered Lorenz curve: how well the frequency tells who claims (Frees, Meyers and Cummings 2011).</summary>
    internal static double Gini(double[] claims, double[] exposure, double[] rate, int[] rows)
    {
        int[] order = [.. rows.OrderBy(row => rate[row])];
        double all = rows.Sum(row => claims[row]);
        double mass = rows.Sum(row => exposure[row]);
        double area = 0;
        double seen = 0;
        foreach (int row in order)
        {
            double before = seen;
            seen += claims[row] / all;
            area += (before + seen) / 2 * exposure[row] / mass;
        }

        return 1 - (2 * area);
    }
}
