using System.Text.Json.Nodes;
using KnowledgePay.Learning.ModelFiles;
using KnowledgePay.Learning.Tables;

namespace KnowledgePay.Learning.Premium;

/// <summary>The parts of the portfolio's mean premium, for the report.</summary>
internal static class PremiumParts
{
    public static JsonObject Of(PremiumModel model, Table table, double[] exposure, JsonObject? severity)
    {
        double[] frequency = model.Frequency(table);
        double mass = exposure.Sum();
        double mean = Enumerable.Range(0, table.Rows).Sum(row => frequency[row] * exposure[row]) / mass;
        var parts = new JsonObject { ["meanFrequency"] = Report.Number(mean) };
        if (severity is null)
        {
            parts["note"] = "no amounts were given (--amount): frequency alone";
            return parts;
        }

        parts["severity"] = severity;
        if (model.HasSeverity)
        {
            double[] claim = model.MeanClaim(table);
            double pure = Enumerable.Range(0, table.Rows).Sum(row => frequency[row] * claim[row] * exposure[row]) / mass;
            double charged = model.Loading.Charged(pure);
            parts["perUnitOfExposure"] = new JsonObject
            {
                ["pure"] = Report.Number(pure, 4),
                ["safety"] = Report.Number(pure * model.Loading.Safety, 4),
                ["expenses"] = Report.Number(charged * model.Loading.Expenses, 4),
                ["profit"] = Report.Number(charged * model.Loading.Profit, 4),
                ["charged"] = Report.Number(charged, 4),
            };
        }

        return parts;
    }
}
