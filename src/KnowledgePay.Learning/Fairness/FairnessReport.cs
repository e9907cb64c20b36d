namespace KnowledgePay.Learning.Fairness;

/// <summary>A figure with its 95 % bootstrap interval.</summary>
public sealed record Estimate(double Value, double Low, double High);

/// <summary>How well scores of a group are calibrated.</summary>
/// <param name="CalibrationError">Expected calibration error over ten bins of equal count.</param>
public sealed record GroupCalibration(double MeanScore, double PositiveRate, double CalibrationError);

/// <summary>One group's figures; a rate without a row to count is NaN.</summary>
/// <param name="ImpactRatio">Its selection rate to that of the group with the highest.</param>
/// <param name="Small">Too few rows, or too few of a label, to say much.</param>
public sealed record GroupFigures(
    string Group,
    int Rows,
    bool Small,
    double SelectionRate,
    double BaseRate,
    double TruePositiveRate,
    double FalsePositiveRate,
    double Precision,
    double Accuracy,
    double BalancedAccuracy,
    double ImpactRatio,
    GroupCalibration? Calibration);

/// <summary>How far groups are apart.</summary>
/// <param name="DemographicParityDifference">Highest less lowest selection rate.</param>
/// <param name="DisparateImpact">Lowest selection rate to the highest.</param>
/// <param name="PassesFourFifths">Whether <paramref name="DisparateImpact"/> is 0.8 or more (29 CFR 1607.4 D).</param>
/// <param name="EqualOpportunityDifference">Highest less lowest true positive rate.</param>
/// <param name="EqualisedOddsDifference">The larger of the differences of true and of false positive rates.</param>
public sealed record FairnessMetrics(
    string Lowest, string Highest, Estimate DemographicParityDifference, Estimate DisparateImpact, bool PassesFourFifths, Estimate EqualOpportunityDifference, Estimate EqualisedOddsDifference);

/// <summary>An attribute, or an intersection of several.</summary>
/// <param name="All">Over all groups.</param>
/// <param name="WithoutSmallGroups">The same without them; null when there are none, or fewer than two groups would be left.</param>
public sealed record AttributeFairness(string Protected, IReadOnlyList<GroupFigures> Groups, FairnessMetrics All, FairnessMetrics? WithoutSmallGroups, IReadOnlyList<string> Warnings);
