namespace KnowledgePay.Learning.Fairness;

/// <summary>Decisions of one group by what was true: the confusion matrix.</summary>
/// <param name="TruePositives">Favourable decision, positive label.</param>
/// <param name="FalsePositives">Favourable decision, negative label.</param>
/// <param name="FalseNegatives">Unfavourable decision, positive label.</param>
/// <param name="TrueNegatives">Unfavourable decision, negative label.</param>
public readonly record struct GroupCounts(int TruePositives, int FalsePositives, int FalseNegatives, int TrueNegatives)
{
    public int Rows => TruePositives + FalsePositives + FalseNegatives + TrueNegatives;

    /// <summary>Share of favourable decisions.</summary>
    public double SelectionRate => Share(TruePositives + FalsePositives, Rows);

    /// <summary>Share of positive labels.</summary>
    public double BaseRate => Share(TruePositives + FalseNegatives, Rows);

    public double TruePositiveRate => Share(TruePositives, TruePositives + FalseNegatives);

    public double FalsePositiveRate => Share(FalsePositives, FalsePositives + TrueNegatives);

    /// <summary>Share of positive labels among favourable decisions.</summary>
    public double Precision => Share(TruePositives, TruePositives + FalsePositives);

    public double Accuracy => Share(TruePositives + TrueNegatives, Rows);

    /// <summary>Mean of the shares of positive and of negative labels that were decided rightly.</summary>
    public double BalancedAccuracy => (TruePositiveRate + 1 - FalsePositiveRate) / 2;

    public static GroupCounts operator +(GroupCounts a, GroupCounts b) => new(
        a.TruePositives + b.TruePositives, a.FalsePositives + b.FalsePositives, a.FalseNegatives + b.FalseNegatives, a.TrueNegatives + b.TrueNegatives);

    public GroupCounts With(bool favourable, bool positive) => this + new GroupCounts(
        favourable && positive ? 1 : 0, favourable && !positive ? 1 : 0, !favourable && positive ? 1 : 0, !favourable && !positive ? 1 : 0);

    private static double Share(int part, int whole) => whole == 0 ? double.NaN : (double)part / whole;
}
