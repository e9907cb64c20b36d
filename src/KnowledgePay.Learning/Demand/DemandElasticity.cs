using System.Text.Json.Nodes;
using KnowledgePay.Learning.Files;
using KnowledgePay.Learning.ModelFiles;
using KnowledgePay.Learning.Tables;

namespace KnowledgePay.Learning.Demand;

/// <summary>One group's demand: ln(quantity) = <see cref="Intercept"/> + <see cref="Elasticity"/>·ln(price).</summary>
/// <param name="Elasticity">Change of quantity in per cent for one per cent more in price, the group's own leaning on that of all by how uncertain it is.</param>
/// <param name="OwnElasticity">From the group's rows alone; NaN when its price never changes.</param>
public sealed record GroupDemand(string Group, int Rows, double Intercept, double Elasticity, double OwnElasticity, double OwnStandardError);

/// <summary>Price elasticity by log-log regression within groups: what a group's level is does not count, only how its quantity moves with its price (the fixed-effects estimator).</summary>
public sealed class DemandElasticity
{
    public const string Kind = "demand";
    private const int Format = 1;
    private const int LeastRows = 3;

    private DemandElasticity(double elasticity, double standardError, IReadOnlyList<GroupDemand> groups) =>
        (Elasticity, StandardError, Groups) = (elasticity, standardError, groups);

    /// <summary>Of all groups together.</summary>
    public double Elasticity { get; }

    /// <summary>Robust to rows of a group going together, when there are 10 groups or more; else to unequal variances (White 1980).</summary>
    public double StandardError { get; }

    public IReadOnlyList<GroupDemand> Groups { get; }

    /// <exception cref="InputException">A price or quantity is missing or not above 0 (with line and column), or the price never changes within a group.</exception>
    public static (DemandElasticity Model, JsonObject Report) Learn(Table table, string price, string quantity, IReadOnlyList<string> group)
    {
        NumericColumn prices = table.RequireNumeric(price, "--price");
        NumericColumn quantities = table.RequireNumeric(quantity, "--quantity");
        TableColumn[] by = [.. group.Select(name => table.Require(name, "--group"))];
        var keys = new Dictionary<string, int>(StringComparer.Ordinal);
        int[] keyOf = new int[table.Rows];
        double[] x = new double[table.Rows];
        double[] y = new double[table.Rows];
        for (int row = 0; row < table.Rows; row++)
        {
            x[row] = prices[row] is > 0 ? Math.Log(prices[row]) : throw table.Wrong(row, price, "expected a price above 0.");
            y[row] = quantities[row] is > 0 ? Math.Log(quantities[row]) : throw table.Wrong(row, quantity, "expected a quantity above 0.");
            string key = string.Join(" · ", by.Select(column => Text(column, row)));
            if (!keys.TryGetValue(key, out keyOf[row]))
            {
                keys.Add(key, keyOf[row] = keys.Count);
            }
        }

        if (table.Rows < LeastRows)
        {
            throw new InputException($"{table.File}: {table.Rows} rows; expected at least {LeastRows}.");
        }

        var sums = new Moments[keys.Count];
        for (int row = 0; row < table.Rows; row++)
        {
            ref Moments sum = ref sums[keyOf[row]];
            sum.Count++;
            sum.X += x[row];
            sum.Y += y[row];
        }

        for (int row = 0; row < table.Rows; row++)
        {
            ref Moments sum = ref sums[keyOf[row]];
            double dx = x[row] - (sum.X / sum.Count);
            double dy = y[row] - (sum.Y / sum.Count);
            sum.Xx += dx * dx;
            sum.Xy += dx * dy;
            sum.Yy += dy * dy;
        }

        double sxx = sums.Sum(sum => sum.Xx);
        if (!(sxx > 1e-12))
        {
            throw new InputException($"{table.File}: '{price}' never changes{(group.Count > 0 ? " within a group" : "")}; expected prices that vary.");
        }

        double elasticity = sums.Sum(sum => sum.Xy) / sxx;
        double[] scores = new double[keys.Count];
        double white = 0;
        double squares = 0;
        for (int row = 0; row < table.Rows; row++)
        {
            Moments sum = sums[keyOf[row]];
            double dx = x[row] - (sum.X / sum.Count);
            double residual = y[row] - (sum.Y / sum.Count) - (elasticity * dx);
            scores[keyOf[row]] += dx * residual;
            white += dx * residual * (dx * residual);
            squares += residual * residual;
        }

        bool clustered = keys.Count >= 10;
        double standardError = Math.Sqrt(clustered ? scores.Sum(s => s * s) * keys.Count / (keys.Count - 1) : white) / sxx;
        var model = new DemandElasticity(elasticity, standardError, Shrink(keys, sums, elasticity));
        double total = sums.Sum(sum => sum.Yy);
        return (model, new JsonObject
        {
            ["kind"] = Kind,
            ["dataQuality"] = new JsonObject { ["rows"] = table.Rows, ["groups"] = keys.Count, ["groupsWithoutPriceChange"] = sums.Count(sum => !(sum.Xx > 1e-12)) },
            ["elasticity"] = elasticity,
            ["standardError"] = standardError,
            ["standardErrorIs"] = clustered ? "clustered by group" : "robust to unequal variances",
            ["interval95"] = new JsonArray(elasticity - (1.96 * standardError), elasticity + (1.96 * standardError)),
            ["validation"] = new JsonObject
            {
                ["withinR2"] = Report.Number(1 - (squares / total)),
                ["residualDeviation"] = Report.Number(Math.Sqrt(squares / Math.Max(1, table.Rows - keys.Count - 1))),
            },
            ["hyperParameters"] = new JsonObject { ["form"] = "log-log, fixed effects by group", ["group"] = Report.Texts(group) },
            ["groups"] = new JsonArray([.. model.Groups.OrderByDescending(g => g.Rows).Take(200).Select(g => new JsonObject
            {
                ["group"] = g.Group,
                ["rows"] = g.Rows,
                ["elasticity"] = Report.Number(g.Elasticity),
                ["ownElasticity"] = Report.Number(g.OwnElasticity),
                ["ownStandardError"] = Report.Number(g.OwnStandardError),
            })]),
        });
    }

    public void Write(string directory) => BinaryPart.Write(directory, Kind, Format, writer =>
    {
        writer.Write(Elasticity);
        writer.Write(StandardError);
        writer.Write(Groups.Count);
        foreach (GroupDemand group in Groups)
        {
            writer.Write(group.Group);
            writer.Write(group.Rows);
            writer.Write(group.Intercept);
            writer.Write(group.Elasticity);
            writer.Write(group.OwnElasticity);
            writer.Write(group.OwnStandardError);
        }
    });

    public static DemandElasticity Read(string directory) => BinaryPart.Read(directory, Kind, Format, (reader, _) =>
    {
        double elasticity = reader.ReadDouble();
        double standardError = reader.ReadDouble();
        var groups = new GroupDemand[reader.ReadCount(37)];
        for (int i = 0; i < groups.Length; i++)
        {
            groups[i] = new GroupDemand(reader.ReadString(), reader.ReadInt32(), reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble());
        }

        return new DemandElasticity(elasticity, standardError, groups);
    });

    /// <summary>Each group's elasticity drawn towards that of all, by how far the groups differ beyond chance (DerSimonian and Laird 1986).</summary>
    private static GroupDemand[] Shrink(Dictionary<string, int> keys, Moments[] sums, double pooled)
    {
        double[] own = new double[sums.Length];
        double[] variance = new double[sums.Length];
        double q = 0, w = 0, w2 = 0;
        int usable = 0;
        for (int g = 0; g < sums.Length; g++)
        {
            Moments sum = sums[g];
            own[g] = sum.Xx > 1e-12 ? sum.Xy / sum.Xx : double.NaN;
            double residual = Math.Max(sum.Yy - (own[g] * sum.Xy), 0);
            variance[g] = sum.Xx > 1e-12 && sum.Count > 2 ? residual / (sum.Count - 2) / sum.Xx : double.PositiveInfinity;
            if (double.IsFinite(variance[g]) && variance[g] > 0)
            {
                double weight = 1 / variance[g];
                q += weight * (own[g] - pooled) * (own[g] - pooled);
                w += weight;
                w2 += weight * weight;
                usable++;
            }
        }

        double between = usable > 1 ? Math.Max(0, (q - (usable - 1)) / (w - (w2 / w))) : 0;
        return [.. keys.Select(pair =>
        {
            int g = pair.Value;
            double share = double.IsFinite(variance[g]) ? between / (between + variance[g]) : 0;
            double elasticity = double.IsNaN(share) || share == 0 ? pooled : (share * own[g]) + ((1 - share) * pooled);
            return new GroupDemand(
                pair.Key, sums[g].Count, (sums[g].Y - (elasticity * sums[g].X)) / sums[g].Count, elasticity, own[g], Math.Sqrt(variance[g]));
        })];
    }

    private static string Text(TableColumn column, int row) => column switch
    {
        CategoricalColumn names => names.Text(row) ?? "",
        NumericColumn numbers => numbers[row].ToString("R", System.Globalization.CultureInfo.InvariantCulture),
        _ => "",
    };

    private struct Moments
    {
        public int Count;
        public double X;
        public double Y;
        public double Xx;
        public double Xy;
        public double Yy;
    }
}
