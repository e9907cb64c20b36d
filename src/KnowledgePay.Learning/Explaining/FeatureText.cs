using System.Globalization;
using KnowledgePay.Learning.Risk;

namespace KnowledgePay.Learning.Explaining;

/// <summary>A feature's value as people write it.</summary>
public static class FeatureText
{
    public static string Of(RiskFeature feature, double value) =>
        double.IsNaN(value) ? string.Empty
        : feature.Levels is { } levels ? value >= 0 && value < levels.Count ? levels[(int)value] : "(not seen in training)"
        : value.ToString("R", CultureInfo.InvariantCulture);
}
