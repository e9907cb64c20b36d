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

    private RungChoice(in PriceLadder ladder, in DemandEstimate demand, double logReference, double shift, double extraSlope, long cost)
    {
        _logReference = logReference;
        _list = ladder.List.MinorUnits;
        _logDeepest = Math.Log(ladder.PriceAt(ladder.Deepest) / _list);
        Intercept = demand.Intercept;
        Slope = demand.Slope;
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

    /// <summary>Log-odds by which the person's demand lies below the course's at every price; at most 0.</summary>
    public double Shift { get; }

    /// <summary>What the person's slope adds to the course's; at least 0.</summary>
    public double ExtraSlope { get; }

    /// <summary>Marginal cost in minor units.</summary>
    public long Cost { get; }

    public static RungChoice Of(
        in PriceLadder ladder, in DemandEstimate demand, in MarketReference market, in PersonalPriceSignals signals, long cost, PricingSettings settings)
    {
        double shift = -((settings.DisinterestWeight * signals.Disinterest) + (settings.StandingWeight * signals.GoodStanding));
        double extra = settings.SensitivityWeight * signals.Sensitivity * demand.Slope;
        return new RungChoice(ladder, demand, market.LogRatio, shift, extra, cost);
    }

    /// <summary>Part of the log-odds that the price itself makes, on the course's curve.</summary>
    public double PricePart(double price) => -Slope * (Math.Log(price / _list) - _logReference);

    /// <summary>Part of the log-odds that the person's price sensitivity makes; at most 0 on the ladder.</summary>
    public double SensitivityPart(double price) => -ExtraSlope * (Math.Log(price / _list) - _logDeepest);

    /// <summary>Purchase probability at a price in minor units.</summary>
    public double Probability(double price) => DemandModel.Probability(Intercept + Shift + PricePart(price) + SensitivityPart(price));

    /// <summary>Expected margin of one quote in minor units: a statistic, not an amount.</summary>
    public double ExpectedMargin(double price) => Probability(price) * (price - Cost);
}
