using KnowledgePay.Decisions.Scoring;
using KnowledgePay.Learning.Binning;
using KnowledgePay.Learning.Numerics;
using KnowledgePay.Learning.Trees;

namespace KnowledgePay.Learning.Risk;

/// <summary>Logistic regression with an L2 penalty: standardised numbers held within their 0.5 and 99.5 % quantiles, an indicator for each level and for missing.</summary>
/// <remarks>A number of few values may count by value instead of by slope; cross-validation says which.</remarks>
internal sealed class LogisticLearner : AdditiveLearner<LogisticSettings>
{
    private const int RowsMax = 200_000;

    public override string Algorithm => "logistic";

    protected override IReadOnlyList<PathPoint> Path => [new(0.3), new(1), new(3), new(10), new(30), new(100)];

    protected override IReadOnlyList<LogisticSettings> Candidates(RiskRows data) => [new(0), new(12)];

    protected override IEnumerable<KeyValuePair<string, double>> Describe(LogisticSettings settings) => [new("valuesCountedOneByOneMax", settings.FewValues)];

    protected override IReadOnlyList<AdditiveScore> FitPath(RiskRows data, LogisticSettings settings, RiskTask task, IReadOnlyList<PathPoint> points)
    {
        data = data.Rows <= RowsMax ? data : data.Take(FoldPlan.Sample(data.Outcomes, RowsMax, task.Seed));
        CodedColumns columns = FineBinning.Code(data, task.Specials, task.Seed);
        var design = new List<DesignColumn>();
        for (int feature = 0; feature < columns.Features; feature++)
        {
            AddColumns(design, data, columns, feature, settings);
        }

        int width = design.Count;
        var x = new double[data.Rows * width];
        for (int i = 0; i < width; i++)
        {
            DesignColumn column = design[i];
            double[] numbers = Numbers(data, columns, column.Feature);
            for (int row = 0; row < data.Rows; row++)
            {
                x[(row * width) + i] = (column.Value(numbers[row], columns.Codes[column.Feature][row]) - column.Mean) / column.Deviation;
            }
        }

        var path = new List<AdditiveScore>();
        double[]? beta = null;

        // From the strongest penalty to the weakest, each from the one before.
        foreach (PathPoint point in points.OrderByDescending(point => point.Ridge))
        {
            beta = RidgeLogistic.Fit(x, width, data.Outcomes, point.Ridge, beta);
            path.Add(Score(data, columns, design, beta));
        }

        path.Reverse();
        return path;
    }

    private static void AddColumns(List<DesignColumn> design, RiskRows data, CodedColumns columns, int feature, LogisticSettings settings)
    {
        FeatureCoding coding = columns.Codings[feature];
        var counts = new int[coding.Codes];
        foreach (byte code in columns.Codes[feature])
        {
            counts[code]++;
        }

        int present = counts.Skip(1).Count(count => count > 0);
        bool byCode = coding.IsCategorical ? !columns.Ordered[feature] : present <= settings.FewValues;
        for (int code = 0; code < counts.Length; code++)
        {
            if (counts[code] > 0 && counts[code] < data.Rows && (code == 0 || byCode))
            {
                double share = (double)counts[code] / data.Rows;
                design.Add(new DesignColumn(feature, code, default, share, Math.Sqrt(share * (1 - share))));
            }
        }

        if (byCode || present < 2)
        {
            return;
        }

        double[] values = Numbers(data, columns, feature);
        double[] sorted = [.. values.Where(value => !double.IsNaN(value))];
        Array.Sort(sorted);
        var range = (Lowest: sorted[(int)(0.005 * (sorted.Length - 1))], Highest: sorted[(int)Math.Ceiling(0.995 * (sorted.Length - 1))]);
        if (range.Highest <= range.Lowest)
        {
            range = (sorted[0], sorted[^1]);
        }

        double mean = sorted.Average(value => Math.Clamp(value, range.Lowest, range.Highest));
        double variance = sorted.Average(value => Math.Pow(Math.Clamp(value, range.Lowest, range.Highest) - mean, 2));
        if (variance > 0)
        {
            design.Add(new DesignColumn(feature, -1, range, mean, Math.Sqrt(variance)));
        }
    }

    /// <summary>The number itself, or the code of a category that is coded by its risk.</summary>
    private static double[] Numbers(RiskRows data, CodedColumns columns, int feature)
    {
        var values = new double[data.Rows];
        for (int row = 0; row < values.Length; row++)
        {
            byte code = columns.Codes[feature][row];
            values[row] = !columns.Codings[feature].IsCategorical ? data.Value(row, feature) : code == 0 ? double.NaN : code;
        }

        return values;
    }

    private static AdditiveScore Score(RiskRows data, CodedColumns columns, List<DesignColumn> design, double[] beta)
    {
        double intercept = beta[0];
        var functions = new List<AdditiveFunction>();
        foreach (IGrouping<int, (DesignColumn Column, double Weight)> own in design.Select((column, i) => (Column: column, Weight: beta[i + 1] / column.Deviation)).GroupBy(pair => pair.Column.Feature))
        {
            int feature = own.Key;
            FeatureCoding coding = columns.Codings[feature];
            intercept -= own.Sum(pair => pair.Weight * pair.Column.Mean);
            if (!coding.IsCategorical && own.FirstOrDefault(pair => pair.Column.Code < 0) is { Column: { } line, Weight: var slope })
            {
                double missing = own.Where(pair => pair.Column.Code == 0).Sum(pair => pair.Weight) + (slope * line.Mean);
                double mean = 0;
                for (int row = 0; row < data.Rows; row++)
                {
                    double value = data.Value(row, feature);
                    mean += double.IsNaN(value) ? missing : slope * Math.Clamp(value, line.Range.Lowest, line.Range.Highest);
                }

                functions.Add(AdditiveFunction.Line(feature, slope, line.Range, missing, mean / data.Rows));
                continue;
            }

            var byCode = new double[coding.Codes];
            for (int code = 0; code < byCode.Length; code++)
            {
                byCode[code] = own.Sum(pair => pair.Weight * pair.Column.Value(code == 0 ? double.NaN : code, (byte)code));
            }

            double average = columns.Codes[feature].Average(code => byCode[code]);
            functions.Add(AdditiveFunction.Table(feature, coding, byCode, average));
        }

        return new AdditiveScore(intercept, functions);
    }

    /// <param name="Code">Of an indicator; −1 for a number.</param>
    /// <param name="Range">Of a number.</param>
    private sealed record DesignColumn(int Feature, int Code, (double Lowest, double Highest) Range, double Mean, double Deviation)
    {
        /// <summary>A missing number counts as the mean; its indicator says the rest.</summary>
        public double Value(double number, byte code) =>
            Code >= 0 ? (code == Code ? 1 : 0)
            : double.IsNaN(number) ? Mean
            : Math.Clamp(number, Range.Lowest, Range.Highest);
    }
}

/// <param name="FewValues">A number of at most so many values counts value by value.</param>
internal sealed record LogisticSettings(int FewValues);
