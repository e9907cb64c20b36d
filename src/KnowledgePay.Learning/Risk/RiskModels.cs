using KnowledgePay.Decisions.Scoring;
using KnowledgePay.Learning.Explaining;
using KnowledgePay.Learning.Tables;

namespace KnowledgePay.Learning.Risk;

/// <summary>One line of a points scorecard.</summary>
/// <param name="Feature">The characteristic.</param>
/// <param name="Attribute">The values of the bin.</param>
/// <param name="Points">What it adds to the score; more is less risk.</param>
/// <param name="ReasonPoints">How far it lies below the characteristic's mean: what is compared to name reasons.</param>
/// <param name="Rows">Training rows in it.</param>
/// <param name="Rate">Share of the positive outcome among them.</param>
/// <param name="LogOdds">What it adds in log-odds of the positive outcome.</param>
public sealed record ScorecardLine(string Feature, string Attribute, double Points, double ReasonPoints, int Rows, double Rate, double LogOdds);

/// <summary>Models as they are kept and read by people.</summary>
public static class RiskModels
{
    public static RiskModel Of(PreparedRisk prepared, RiskTrainingResult result, PointsScale scale, Table table)
    {
        RiskRows rows = prepared.Rows;
        return new RiskModel(
            result.Picked.Algorithm,
            prepared.Label,
            rows.Features,
            FeatureMarginal.Of(rows),
            result.Picked.Model,
            scale,
            [.. table.Columns.Select(column => column.Name).Where(name => name != prepared.Label.Column && !rows.Features.Any(feature => feature.Name == name))])
        {
            ScoreQuantiles = Twentieths(result.Picked.OutOfFoldLogOdds),
        };
    }

    private static double[] Twentieths(IReadOnlyList<double> values)
    {
        double[] sorted = [.. values.Order()];
        return [.. Enumerable.Range(0, 21).Select(i => sorted[(int)((sorted.Length - 1L) * i / 20)])];
    }

    /// <summary>A scorecard's points: each characteristic carries an equal share of the scale's offset (Siddiqi 2006, chapter 6).</summary>
    /// <param name="weight">The weight of <paramref name="card"/> in the model.</param>
    public static IReadOnlyList<ScorecardLine> Card(RiskModel model, AdditiveScore card, double weight, RiskRows rows)
    {
        var lines = new List<ScorecardLine>();
        AdditiveFunction[] functions = [.. card.Functions.Where(function => function.Coding is not null)];
        if (functions.Length < card.Functions.Count || functions.Length == 0)
        {
            return lines;
        }

        double constant = model.Scorer.Intercept + (weight * card.Intercept);
        double share = model.Scale.Points(constant) / functions.Length;
        foreach (AdditiveFunction function in functions)
        {
            FeatureCoding coding = function.Coding!;
            var counts = new int[coding.Codes];
            var positives = new int[coding.Codes];
            for (int row = 0; row < rows.Rows; row++)
            {
                byte code = coding.Code(rows.Value(row, function.Feature));
                counts[code]++;
                positives[code] += rows.Outcomes[row];
            }

            foreach (int[] codes in Bins(function, counts))
            {
                double logOdds = weight * function.ByCode[codes[0]];
                double points = share - (model.Scale.Factor * logOdds);
                int all = codes.Sum(code => counts[code]);
                lines.Add(new ScorecardLine(
                    model.Features[function.Feature].Name,
                    Attribute(model.Features[function.Feature], coding, codes),
                    points,
                    model.Scale.Factor * (logOdds - (weight * function.Mean)),
                    all,
                    (double)codes.Sum(code => positives[code]) / all,
                    logOdds));
            }
        }

        return lines;
    }

    /// <summary>Codes that add the same: of a number those in a row, of a category all.</summary>
    private static List<int[]> Bins(AdditiveFunction function, int[] counts)
    {
        var bins = new List<List<int>>();
        for (int code = 0; code < counts.Length; code++)
        {
            if (counts[code] == 0)
            {
                continue;
            }

            double value = function.ByCode[code];
            List<int>? own = code == 0 ? null
                : function.Coding!.IsCategorical ? bins.Find(bin => bin[0] != 0 && function.ByCode[bin[0]] == value)
                : bins.Count > 0 && bins[^1][0] != 0 && function.ByCode[bins[^1][0]] == value ? bins[^1] : null;
            if (own is null)
            {
                bins.Add(own = []);
            }

            own.Add(code);
        }

        return [.. bins.Select(bin => bin.ToArray())];
    }

    private static string Attribute(RiskFeature feature, FeatureCoding coding, int[] codes)
    {
        if (codes[0] == 0)
        {
            return "missing";
        }

        if (coding.IsCategorical)
        {
            var levels = new List<string>();
            for (int level = 0; level < coding.LevelCodes.Length && levels.Count <= 20; level++)
            {
                if (codes.Contains(coding.LevelCodes[level]))
                {
                    levels.Add(levels.Count == 20 ? "…" : FeatureText.Of(feature, level));
                }
            }

            return string.Join(" | ", levels);
        }

        string low = codes[0] <= 1 ? "-∞" : FeatureText.Of(feature, coding.Bounds[codes[0] - 2]);
        return codes[^1] > coding.Bounds.Length ? $"({low}, ∞)" : $"({low}, {FeatureText.Of(feature, coding.Bounds[codes[^1] - 1])}]";
    }
}
