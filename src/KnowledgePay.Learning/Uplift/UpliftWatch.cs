using KnowledgePay.Learning.Risk;

namespace KnowledgePay.Learning.Uplift;

/// <summary>An offer that was shown or held out by lot, whose window is over.</summary>
/// <param name="At">When it was decided.</param>
/// <param name="Predicted">The difference that showing it makes, by the model that serves.</param>
public sealed record WatchedOffer(DateTimeOffset At, OfferCase Case, double Predicted);

/// <summary>Whether showing offers makes the difference that a model says, on offers that it did not learn from.</summary>
/// <param name="Shown">Offers that were.</param>
/// <param name="HeldOut">Offers that were not, by lot.</param>
/// <param name="Predicted">Mean of what the model says of all of them.</param>
/// <param name="Realised">Share of those shown who bought, less that of those held out.</param>
/// <param name="Error">Its standard error.</param>
/// <param name="PredictedSpread">Mean of what the model says of the half that it thinks gain most, less that of the others.</param>
/// <param name="RealisedSpread">Likewise as it came.</param>
/// <param name="SpreadError">Its standard error.</param>
public sealed record UpliftFinding(int Shown, int HeldOut, double Predicted, double Realised, double Error, double PredictedSpread, double RealisedSpread, double SpreadError);

/// <summary>How a model of offers' uplift does since it learned.</summary>
public sealed record UpliftWatch(UpliftFinding? Difference, IReadOnlyList<DriftFinding> Drift, IReadOnlyList<WatchAlarm> Alarms)
{
    /// <summary>All alarms.</summary>
    public static IReadOnlyList<string> Codes { get; } = [OutcomeWatch.Miscalibrated, OutcomeWatch.Weaker, OutcomeWatch.Shifted];

    private const double AlarmingDeviation = 3;

    /// <summary>Of a purchase: a gap that nobody would act upon is no alarm.</summary>
    private const double NegligibleGap = 0.01;

    public static UpliftWatch Of(IReadOnlyList<WatchedOffer> offers, IReadOnlyList<string> features, WatchTerms terms)
    {
        UpliftFinding? difference = Compare([.. offers.Where(one => !(one.At <= terms.Learned))]);
        IReadOnlyList<DriftFinding> drift = PopulationDrift.Between(
            [.. offers.Where(one => terms.IsKnown(one.At))], [.. offers.Where(one => terms.IsRecent(one.At))], OutcomeWatch.FewestCompared,
            one => one.Predicted, [.. features.Select(name => (name, 0))], (one, i) => one.Case.Values[i]);
        return new UpliftWatch(difference, drift, [.. AlarmsOf(difference, drift)]);
    }

    private static UpliftFinding? Compare(WatchedOffer[] since)
    {
        int shown = since.Count(one => one.Case.Shown);
        if (Math.Min(shown, since.Length - shown) < OutcomeWatch.FewestOfEither)
        {
            return null;
        }

        // Ties of what is predicted go by time, so that the halves are halves.
        WatchedOffer[] ordered = [.. since.OrderByDescending(one => one.Predicted).ThenBy(one => one.At)];
        WatchedOffer[] upper = ordered[..(ordered.Length / 2)], lower = ordered[(ordered.Length / 2)..];
        (double all, double error) = Realised(since);
        (double of, double ofError) = Realised(upper);
        (double than, double thanError) = Realised(lower);
        return new UpliftFinding(
            shown, since.Length - shown, since.Average(one => one.Predicted), all, error,
            upper.Average(one => one.Predicted) - lower.Average(one => one.Predicted), of - than, Math.Sqrt((ofError * ofError) + (thanError * thanError)));
    }

    /// <summary>Difference of the shares that bought. Half a purchase either way, so that arms of which all or none bought are not certain.</summary>
    private static (double Difference, double Error) Realised(WatchedOffer[] offers)
    {
        (double Count, double Bought) shown = default, heldOut = default;
        foreach (WatchedOffer one in offers)
        {
            double bought = one.Case.Bought ? 1 : 0;
            if (one.Case.Shown)
            {
                shown = (shown.Count + 1, shown.Bought + bought);
            }
            else
            {
                heldOut = (heldOut.Count + 1, heldOut.Bought + bought);
            }
        }

        double with = (shown.Bought + 0.5) / (shown.Count + 1), without = (heldOut.Bought + 0.5) / (heldOut.Count + 1);
        return (with - without, Math.Sqrt((with * (1 - with) / (shown.Count + 1)) + (without * (1 - without) / (heldOut.Count + 1))));
    }

    private static IEnumerable<WatchAlarm> AlarmsOf(UpliftFinding? difference, IReadOnlyList<DriftFinding> drift)
    {
        if (difference is { } one)
        {
            if (Math.Abs(one.Realised - one.Predicted) > Math.Max(NegligibleGap, AlarmingDeviation * one.Error))
            {
                yield return new WatchAlarm(OutcomeWatch.Miscalibrated, FormattableString.Invariant($"Showing offers raised purchases by {one.Realised:P1} (standard error {one.Error:P1}) where {one.Predicted:P1} was expected."));
            }

            if (one.PredictedSpread - one.RealisedSpread > Math.Max(NegligibleGap, AlarmingDeviation * one.SpreadError))
            {
                yield return new WatchAlarm(OutcomeWatch.Weaker, FormattableString.Invariant($"Those thought to gain most gained {one.RealisedSpread:P1} more than the others (standard error {one.SpreadError:P1}); {one.PredictedSpread:P1} was expected."));
            }
        }

        if (drift.FirstOrDefault(found => found.Name == PopulationDrift.Score && found.Verdict == DriftVerdict.Shifted) is { } shifted)
        {
            yield return new WatchAlarm(OutcomeWatch.Shifted, FormattableString.Invariant($"Whom offers are made to has changed: the population stability index of the expected difference is {shifted.Index:F2}."));
        }
    }
}
