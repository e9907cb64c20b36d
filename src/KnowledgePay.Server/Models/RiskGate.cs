using System.Globalization;
using KnowledgePay.Learning.Evaluation;
using KnowledgePay.Learning.Risk;

namespace KnowledgePay.Server.Models;

/// <summary>What a model of risk has to show before it serves: it orders what it did not see as well as what serves without it, its probabilities come true, and no group fares much worse than another.</summary>
internal static class RiskGate
{
    /// <summary>The least ratio of two groups' pass rates: the four-fifths rule (US Uniform Guidelines on Employee Selection Procedures, 1978), used for lending by custom.</summary>
    private const double LeastPassRatio = 0.8;

    /// <summary>Mean distance of probabilities from what came true beyond which limits and rates would be off.</summary>
    private const double MostCalibrationError = 0.05;

    public static HoldoutMetrics Metrics(BinaryMetrics held, int people, IReadOnlyList<GroupOutcome> groups) => new(null, null, null, people)
    {
        AreaUnderCurve = Math.Round(held.Auc, 6),
        CalibrationError = Math.Round(held.CalibrationError, 6),
        LeastPassRatio = GroupOutcome.PassRatio(groups),
    };

    /// <param name="cases">What it scores, as <c>loans</c>.</param>
    /// <param name="baseline">What serves without it, as <c>the expert card</c>.</param>
    public static string? Of(ModelVersion version, string cases, string baseline)
    {
        if (version.Metrics is not { AreaUnderCurve: { } auc, CalibrationError: { } off } metrics || version.Baseline?.AreaUnderCurve is not { } served)
        {
            return $"Nothing is known of how well it does on {cases} that it did not see.";
        }

        return auc < served
            ? string.Create(CultureInfo.InvariantCulture, $"Its area under the curve on held-out {cases} is {auc:F4}; {baseline} has {served:F4} there.")
            : off > MostCalibrationError
                ? string.Create(CultureInfo.InvariantCulture, $"Its probabilities are off by {off:F4} on average; at most {MostCalibrationError} is allowed.")
                : metrics.LeastPassRatio is { } ratio && ratio < LeastPassRatio
                    ? string.Create(CultureInfo.InvariantCulture, $"The group that passes least often passes {ratio:F2} times as often as another of its kind; at least {LeastPassRatio} is asked (report: groups).")
                    : null;
    }
}
