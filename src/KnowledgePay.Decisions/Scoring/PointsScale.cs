namespace KnowledgePay.Decisions.Scoring;

/// <summary>Log-odds as points: <see cref="BasePoints"/> at <see cref="BaseOdds"/> good to one bad, and <see cref="PointsToDouble"/> more each time the odds of good double. More points are less risk.</summary>
/// <remarks>Siddiqi, Credit Risk Scorecards, 2006, chapter 6.</remarks>
public sealed record PointsScale(double BasePoints = 600, double BaseOdds = 50, double PointsToDouble = 20)
{
    public double Factor => PointsToDouble / Math.Log(2);

    /// <param name="logOddsOfBad">ln(p / (1 − p)) of the bad outcome.</param>
    public double Points(double logOddsOfBad) => BasePoints - (Factor * (Math.Log(BaseOdds) + logOddsOfBad));
}
