namespace KnowledgePay.Decisions.Pricing;

/// <summary>A course's demand as one person's, and the rung that it makes best.</summary>
/// <remarks>
/// The person's curve is the course's, lowered by <see cref="Shift"/> and made steeper by <see cref="ExtraSlope"/> around the deepest allowed
/// price. Both take the more from the purchase probability the higher the price is, in relative terms, so that the best price never rises
/// with any signal (the ratio of the two curves falls in the price; Topkis 1998, 2.8).
/// </remarks>
public readonly struct RungChoice
{
    private readonly double _logReference;
    private readonly double _logDeepest;
    private readonly double _list;

    private RungChoice(in PriceLadder ladder, in DemandEstimate demand, in PriceExperiment experiment, double logReference, double shift, double extraSlope, long cost)
    {
        _logReference = logReference;
        _list = ladder.List.MinorUnits;
        _logDeepest = Math.Log(ladder.PriceAt(ladder.Deepest) / _list);
        Intercept = demand.Intercept;
        Slope = demand.Slope;
        Experiment = experiment;
        Shift = shift;
        ExtraSlope = extraSlope;
        Cost = cost;
        double best = double.NegativeInfinity;
        for (int rung = 0; rung <= ladder.Deepest; rung++)
        {
            if (ladder.IsAllowed(rung))
            {
                double margin = ExpectedMargin(ladder.PriceAt(rung));
                if (margin >= best)
                {
                    // Equal margins: the lower price, which is the later rung.
                    best = margin;
                    Rung = rung;
                }
            }
        }

        int next = ladder.Deepest + 1;
        IsBound = Rung == ladder.Deepest && next < PriceLadder.Rungs && ExpectedMargin(_list * (1 - (0.05 * next))) > best;
    }

    /// <summary>The allowed rung with the largest expected margin; among equals the cheapest.</summary>
    public int Rung { get; }

    /// <summary>True when the margin would be larger still below the lowest allowed price.</summary>
    public bool IsBound { get; }

    public double Intercept { get; }

    public double Slope { get; }

    /// <summary>Today's draw, the same for everybody.</summary>
    public PriceExperiment Experiment { get; }

    /// <summary>Log-odds by which the person's demand lies below the course's at every price; at most 0.</summary>
    public double Shift { get; }

    /// <summary>What the person's slope adds to the course's; at least 0.</summary>
    public double ExtraSlope { get; }

    /// <summary>Marginal cost in minor units.</summary>
    public long Cost { get; }

    public static RungChoice Of(
        in PriceLadder ladder, in DemandEstimate demand, in PriceExperiment experiment, in MarketReference market, in PersonalPriceSignals signals, long cost, PricingSettings settings)
    {
        double shift = -((settings.DisinterestWeight * signals.Disinterest) + (settings.StandingWeight * signals.GoodStanding));
        double extra = settings.SensitivityWeight * signals.Sensitivity * (demand.Slope + experiment.SlopeShift);
        return new RungChoice(ladder, demand, experiment, market.LogRatio, shift, extra, cost);
    }

    /// <summary>Part of the log-odds that the price itself makes, on the course's curve.</summary>
    public double PricePart(double price) => -Slope * (Math.Log(price / _list) - _logReference);

    /// <summary>Part of the log-odds that the person's price sensitivity makes; at most 0 on the ladder.</summary>
    public double SensitivityPart(double price) => -ExtraSlope * (Math.Log(price / _list) - _logDeepest);

    /// <summary>Part of the log-odds that today's draw makes.</summary>
    public double ExperimentPart(double price) =>
        Experiment.InterceptShift - (Experiment.SlopeShift * (Math.Log(price / _list) - _logReference));

    /// <summary>Purchase probability at a price in minor units.</summary>
    public double Probability(double price)
    {
        // The sum of the parts, with one logarithm.
        double log = Math.Log(price / _list);
        double course = Intercept + Experiment.InterceptShift - ((Slope + Experiment.SlopeShift) * (log - _logReference));
        return DemandModel.Probability(course + Shift - (ExtraSlope * (log - _logDeepest)));
    }

    /// <summary>Expected margin of one quote in minor units: a statistic, not an amount.</summary>
    public double ExpectedMargin(double price) => Probability(price) * (price - Cost);
}
