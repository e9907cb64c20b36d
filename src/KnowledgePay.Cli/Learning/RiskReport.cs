using System.Text.Json.Nodes;
using KnowledgePay.Decisions.Scoring;
using KnowledgePay.Learning.Evaluation;
using KnowledgePay.Learning.Explaining;
using KnowledgePay.Learning.Risk;

namespace KnowledgePay.Cli.Learning;

/// <summary>The report beside a risk model.</summary>
internal static class RiskReport
{
    private const int ImportanceRows = 500;
    private const int DependenceRows = 200;
    private const int RobustnessRows = 3000;
    private const int DependenceFeatures = 8;

    public static JsonObject Make(PreparedRisk prepared, RiskTrainingResult result, RiskModel model, RiskTraining settings, double seconds)
    {
        RiskRows sample = prepared.Rows.Take(FoldPlan.Sample(prepared.Rows.Outcomes, ImportanceRows, settings.Seed));
        RiskRows few = prepared.Rows.Take(FoldPlan.Sample(prepared.Rows.Outcomes, DependenceRows, settings.Seed));
        IReadOnlyList<FeatureImportance> importance = GlobalExplanation.Importance(model, sample);
        var report = new JsonObject
        {
            ["kind"] = RiskModelFile.Kind,
            ["algorithm"] = result.Picked.Algorithm,
            ["seed"] = settings.Seed,
            ["label"] = ReportJson.Node(prepared.Label),
            ["features"] = ReportJson.Node(model.Features.Select(feature => feature.Name)),
            ["dataQuality"] = ReportJson.Node(prepared.Quality),
            ["reweighed"] = ReportJson.Node(prepared.Weights),
            ["crossValidation"] = new JsonObject
            {
                ["outOfFold"] = ReportJson.Node(result.OutOfFold),
                ["nested"] = Nested(result.Nested),
                ["note"] = "outOfFold: at the chosen hyper-parameters, each row by models that did not see it; nested: hyper-parameters, calibration and weights chosen without the fold's rows, as auto picks.",
            },
            ["hyperParameters"] = ReportJson.Node(result.Picked.Chosen),
            ["points"] = ReportJson.Node(model.Scale),
            ["baseLogOdds"] = model.Scorer.Base,
            ["importance"] = ReportJson.Node(importance),
            ["partialDependence"] = ReportJson.Node(
                importance.Take(DependenceFeatures).Select(feature => GlobalExplanation.Dependence(model, few, IndexOf(model, feature.Feature)))),
        };
        RiskRows more = prepared.Rows.Take(FoldPlan.Sample(prepared.Rows.Outcomes, RobustnessRows, settings.Seed));
        report["robustness"] = ReportJson.Node(Robustness.Of(model.Scorer, more, importance.Select(feature => feature.Feature), settings.Seed));
        if (model.Scorer.Terms is [(var weight, AdditiveScore card)])
        {
            report["scorecard"] = ReportJson.Node(RiskModels.Card(model, card, weight, prepared.Rows));
        }

        report["seconds"] = Math.Round(seconds, 3);
        return report;
    }

    private static int IndexOf(RiskModel model, string name)
    {
        int index = 0;
        while (model.Features[index].Name != name)
        {
            index++;
        }

        return index;
    }

    private static JsonObject Nested(IReadOnlyDictionary<string, IReadOnlyList<BinaryMetrics>> nested)
    {
        var all = new JsonObject();
        foreach ((string name, IReadOnlyList<BinaryMetrics> folds) in nested)
        {
            all[name] = new JsonObject
            {
                ["auc"] = folds.Average(fold => fold.Auc),
                ["ks"] = folds.Average(fold => fold.Ks),
                ["brier"] = folds.Average(fold => fold.Brier),
                ["logLoss"] = folds.Average(fold => fold.LogLoss),
                ["calibrationError"] = folds.Average(fold => fold.CalibrationError),
                ["folds"] = ReportJson.Node(folds),
            };
        }

        return all;
    }
}
