using System.Collections.Immutable;
using KnowledgePay.Decisions.Credit;
using KnowledgePay.Decisions.Scoring;
using KnowledgePay.Learning.Calibration;
using KnowledgePay.Learning.Evaluation;

namespace KnowledgePay.Learning.Risk;

/// <summary>A loan: what was known when it was decided on, and how it went.</summary>
/// <param name="Values">One for each <see cref="CreditAttribute"/>, NaN for a missing one.</param>
/// <param name="Groups">Groups of the person that must be treated alike, as kind and name (<c>gender</c>, <c>female</c>). They are looked at and never learned from.</param>
public sealed record CreditCase(double[] Values, bool IsBad, IReadOnlyList<(string Kind, string Name)> Groups);

/// <summary>A learned card and what is known of it.</summary>
/// <param name="Held">On loans that the card's points were not learned from (cross-validation).</param>
/// <param name="Expert">The expert card on the same loans.</param>
/// <param name="Groups">Of the held-out scores.</param>
public sealed record LearnedCreditScorecard(
    CreditScorecard Card, BinaryMetrics Held, BinaryMetrics Expert, IReadOnlyList<GroupOutcome> Groups, IReadOnlyDictionary<string, double> Chosen, int Folds);

/// <summary>Learns a credit scorecard of the engine's own shape: the same attributes and reasons, bins and points from how loans went.</summary>
/// <remarks>
/// Monotone bins of highest information value whose direction is the field's (more missed instalments never give points), weights of evidence, a ridge logistic regression with coefficients above zero,
/// calibrated by Platt's method on cross-validated margins, then rounded to points on the scale of <see cref="CreditScorecard"/>.
/// </remarks>
public static class CreditScorecardTraining
{
    /// <summary>Loans of either outcome that are needed.</summary>
    public const int FewestOfEither = 30;

    /// <summary>Score from which a machine may say yes; groups are compared there.</summary>
    private static readonly int PassScore = CreditPolicy.Default.Bands.Where(band => !band.NeedsReview).Min(band => band.MinimumScore);

    /// <summary>By attribute: +1 when a higher value may only be riskier, −1 when it may only be safer.</summary>
    private static readonly int[] Directions = [-1, -1, -1, 1, 1, 1, 1, -1, 1, 1, -1, -1, 1, -1];

    /// <exception cref="ArgumentException">There are too few loans of one outcome.</exception>
    public static LearnedCreditScorecard Train(IReadOnlyList<CreditCase> cases, ulong seed, CancellationToken cancellation)
    {
        int bad = cases.Count(one => one.IsBad);
        if (Math.Min(bad, cases.Count - bad) < FewestOfEither)
        {
            throw new ArgumentException($"There are {cases.Count - bad} loans that went well and {bad} that did not; expected at least {FewestOfEither} of each.", nameof(cases));
        }

        RiskFeature[] features = [.. CreditScorecard.V1.Attributes.Select(attribute => new RiskFeature(attribute.Name, null))];
        byte[] outcomes = [.. cases.Select(one => one.IsBad ? (byte)1 : (byte)0)];
        var rows = new RiskRows(features, [.. cases.SelectMany(one => one.Values)], outcomes);
        RiskTask task = RiskTask.Of(rows, Directions, [], seed, cancellation);
        FittedTerm fitted = new ScorecardLearner().Fit(task);
        PlattScaling platt = PlattScaling.Fit(fitted.OutOfFold, task.Tuning.Outcomes);
        CreditScorecard card = Card((AdditiveScore)fitted.Term, platt);

        double[] held = [.. fitted.OutOfFold.Select(margin => LogOddsModel.Probability(platt.LogOdds(margin)))];
        var expert = new double[task.Tuning.Rows];
        Span<int> points = stackalloc int[CreditScorecard.AttributeCount];
        for (int row = 0; row < expert.Length; row++)
        {
            expert[row] = CreditScorecard.ProbabilityOfDefault(CreditScorecard.V1.Score(task.Tuning.Row(row), points));
        }

        int[] sample = FoldPlan.Sample(outcomes, RiskTask.TuningRowsMax, seed);
        return new LearnedCreditScorecard(
            card,
            BinaryMetrics.Of(held, task.Tuning.Outcomes),
            BinaryMetrics.Of(expert, task.Tuning.Outcomes),
            GroupOutcome.Of([.. sample.Select(row => cases[row].Groups)], held, task.Tuning.Outcomes, CreditScorecard.ProbabilityOfDefault(PassScore)),
            fitted.Chosen,
            task.Folds.Folds);
    }

    /// <summary>Points for each bin so that their sum is the calibrated log-odds on the card's scale, up to rounding; no bin has fewer than 0.</summary>
    private static CreditScorecard Card(AdditiveScore score, PlattScaling platt)
    {
        double factor = CreditScorecard.PointsToDouble / Math.Log(2);
        double start = CreditScorecard.BaseScore - (factor * (Math.Log(CreditScorecard.OddsAtBase) + platt.Intercept + (platt.Slope * score.Intercept)));
        int basePoints = (int)Math.Round(start);
        var attributes = ImmutableArray.CreateBuilder<ScoreAttribute>(CreditScorecard.AttributeCount);
        foreach (ScoreAttribute model in CreditScorecard.V1.Attributes)
        {
            AdditiveFunction? function = score.Functions.SingleOrDefault(one => one.Feature == (int)model.Attribute);
            (List<ScoreBin> bins, int missing) = function is null ? ([new ScoreBin(double.PositiveInfinity, 0)], 0) : Bins(function, -factor * platt.Slope);
            int least = Math.Min(missing, bins.Min(bin => bin.Points));
            basePoints += least;
            attributes.Add(new ScoreAttribute
            {
                Attribute = model.Attribute,
                Name = model.Name,
                ReasonCode = model.ReasonCode,
                Bins = [.. bins.Select(bin => bin with { Points = bin.Points - least })],
                MissingPoints = missing - least,
            });
        }

        return new CreditScorecard("learned", basePoints, attributes.MoveToImmutable());
    }

    private static (List<ScoreBin> Bins, int Missing) Bins(AdditiveFunction function, double scale)
    {
        ReadOnlySpan<double> byCode = function.ByCode, bounds = function.Coding!.Bounds;
        var bins = new List<ScoreBin>();
        for (int code = 1; code <= bounds.Length + 1; code++)
        {
            // A fine bin ends with its bound, a card's bin before it.
            double below = code <= bounds.Length ? Math.BitIncrement(bounds[code - 1]) : double.PositiveInfinity;
            int points = (int)Math.Round(scale * byCode[code]);
            if (bins.Count > 0 && bins[^1].Points == points)
            {
                bins[^1] = new ScoreBin(below, points);
            }
            else
            {
                bins.Add(new ScoreBin(below, points));
            }
        }

        return (bins, (int)Math.Round(scale * byCode[0]));
    }
}
