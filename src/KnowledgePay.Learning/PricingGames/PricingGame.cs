using KnowledgePay.Decisions.Pricing;
using KnowledgePay.Learning.Simulation;

namespace KnowledgePay.Learning.PricingGames;

/// <summary>What a policy earned in a scenario. Amounts in minor units; margins are revenue less the marginal cost.</summary>
/// <param name="Revenue">What visitors paid.</param>
/// <param name="ExpectedMargin">Sum over rounds of what the price quoted earns in expectation, so that luck does not tell policies apart.</param>
/// <param name="OracleMargin">As above, of the best rung for somebody who knows the demand of the day.</param>
/// <param name="ListMargin">As above, at the list price.</param>
/// <param name="RegretByRound">Oracle less policy, in expectation, at or above 0.</param>
/// <param name="RoundsByRung">How often each rung was quoted.</param>
public sealed record PricingOutcome(
    long Sales, long Revenue, long Margin, double ExpectedMargin, double ExpectedRevenue, double OracleMargin, double OracleRevenue, double ListMargin,
    double[] RegretByRound, long[] RoundsByRung, double MeanPrice);

/// <summary>Plays a pricing policy against a market: a round is a visitor.</summary>
public static class PricingGame
{
    public const int MostRounds = 5_000_000;

    private static readonly DateTimeOffset FirstDay = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    /// <summary>What a policy may be called, for messages.</summary>
    public const string PoliciesExpected = PricingPolicies.Expected;

    /// <exception cref="Files.InputException">There is no such policy.</exception>
    public static PricingOutcome Play(PricingScenario scenario, string policyName, int rounds, ulong seed, Action<double>? report = null, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rounds, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rounds, MostRounds);
        PriceLadder ladder = PriceLadder.Of(
            scenario.Price(scenario.ListPrice), scenario.FloorPrice is { } f ? scenario.Price(f) : null, scenario.MarginalCost is { } c ? scenario.Price(c) : null, PricingSettings.Default);
        IPricingPolicy policy = PricingPolicies.Of(policyName, scenario, ladder, rounds, seed);
        SeededRandom visitors = SeededRandom.For(seed, 0x9D1CE, 1);
        long cost = scenario.MarginalCost ?? 0;
        long[] competitor = [.. scenario.Competitors.Select(other => other.Price)];
        long[] told = new long[competitor.Length];
        var waiting = new Queue<Waiting>();
        double[] regret = new double[rounds];
        long[] byRung = new long[PriceLadder.Rungs];
        long sales = 0, revenue = 0, margin = 0;
        double expected = 0, expectedRevenue = 0, oracle = 0, oracleRevenue = 0, list = 0, priceSum = 0;
        Demand demand = default;
        (long Price, double Margin) best = default;
        double dayPrices = 0;
        for (int round = 0; round < rounds; round++)
        {
            int day = round / scenario.VisitorsPerDay;
            DateTimeOffset now = FirstDay.AddDays(day);
            bool isNewDay = round % scenario.VisitorsPerDay == 0;
            if (isNewDay)
            {
                cancellation.ThrowIfCancellationRequested();
                report?.Invoke((double)round / rounds);
                MoveCompetitors(scenario, competitor, day, dayPrices / scenario.VisitorsPerDay);
                for (int i = 0; i < competitor.Length; i++)
                {
                    // Prices are observed when they change and once a week, as a market monitor does.
                    if (day >= scenario.Competitors[i].FromDay && (competitor[i] != told[i] || day % 7 == 0))
                    {
                        told[i] = competitor[i];
                        policy.Observe(scenario.Competitors[i].Name, competitor[i], now);
                    }
                }

                dayPrices = 0;
                demand = Demand.Of(scenario, competitor, day);
                best = Best(ladder, demand, cost);
            }

            (int rung, long price) = policy.Choose(round, now);
            if (isNewDay)
            {
                Serve(waiting, scenario, demand, day, policy, rung, price, cost, now, ref sales, ref revenue, ref margin);
            }

            double probability = demand.Probability(price);
            double earned = probability * (price - cost);
            double oracleProbability = demand.Probability(best.Price);
            regret[round] = best.Margin - earned;
            expected += earned;
            expectedRevenue += probability * price;
            oracle += best.Margin;
            oracleRevenue += oracleProbability * best.Price;
            list += demand.Probability(scenario.ListPrice) * (scenario.ListPrice - cost);
            priceSum += price;
            dayPrices += price;
            byRung[rung]++;

            // The same draws whatever the policy, so that policies meet the same visitors.
            double tolerance = visitors.NextDouble();
            bool strategic = visitors.NextDouble() < scenario.StrategicShare;
            bool would = tolerance < probability;
            if (would && strategic && scenario.PatienceDays > 0)
            {
                waiting.Enqueue(new Waiting(tolerance, price, day));
                policy.Observe(rung, false, now);
                continue;
            }

            policy.Observe(rung, would, now);
            if (would)
            {
                sales++;
                revenue += price;
                margin += price - cost;
            }
        }

        return new PricingOutcome(sales, revenue, margin, expected, expectedRevenue, oracle, oracleRevenue, list, regret, byRung, priceSum / rounds);
    }

    /// <summary>Those who wait look at the day's price: they buy when it has come down enough, or when their patience ends and it still suits them.</summary>
    private static void Serve(
        Queue<Waiting> waiting, PricingScenario scenario, in Demand demand, int day, IPricingPolicy policy, int rung, long price, long cost, DateTimeOffset now,
        ref long sales, ref long revenue, ref long margin)
    {
        for (int left = waiting.Count; left > 0; left--)
        {
            Waiting visitor = waiting.Dequeue();
            bool suits = visitor.Tolerance < demand.Probability(price);
            bool cheap = price <= visitor.SeenPrice * (1 - scenario.AwaitedDiscount);
            if (suits && (cheap || day - visitor.Day >= scenario.PatienceDays))
            {
                sales++;
                revenue += price;
                margin += price - cost;
                policy.Observe(rung, true, now);
            }
            else if (day - visitor.Day < scenario.PatienceDays)
            {
                waiting.Enqueue(visitor);
            }
        }
    }

    private static void MoveCompetitors(PricingScenario scenario, long[] prices, int day, double ourMean)
    {
        for (int i = 0; i < prices.Length; i++)
        {
            Competitor other = scenario.Competitors[i];
            if (day > other.FromDay && other.Undercut > 0 && ourMean > 0)
            {
                prices[i] = Math.Max(Math.Min(other.Price, (long)(ourMean * (1 - other.Undercut))), Math.Max(other.LowestPrice, 1));
            }
        }
    }

    private static (long Price, double Margin) Best(in PriceLadder ladder, in Demand demand, long cost)
    {
        (long Price, double Margin) best = (0, double.NegativeInfinity);
        for (int rung = 0; rung <= ladder.Deepest; rung++)
        {
            if (ladder.IsAllowed(rung))
            {
                long price = ladder.PriceAt(rung);
                double margin = demand.Probability(price) * (price - cost);
                best = margin > best.Margin ? (price, margin) : best;
            }
        }

        return best;
    }

    private readonly record struct Waiting(double Tolerance, long SeenPrice, int Day);

    private readonly record struct Demand(double Intercept, double Slope, double LogReference)
    {
        public double Probability(long price) => DemandModel.Probability(Intercept - (Slope * (Math.Log(price) - LogReference)));

        public static Demand Of(PricingScenario scenario, long[] competitor, int day)
        {
            (double intercept, double slope) = (scenario.Intercept, scenario.Slope);
            foreach (DemandChange change in scenario.Changes)
            {
                if (day >= change.Day)
                {
                    (intercept, slope) = (change.Intercept, change.Slope);
                }
            }

            long cheapest = long.MaxValue;
            for (int i = 0; i < competitor.Length; i++)
            {
                cheapest = day >= scenario.Competitors[i].FromDay ? Math.Min(cheapest, competitor[i]) : cheapest;
            }

            double pull = cheapest == long.MaxValue ? 0 : scenario.CompetitorPull;
            double reference = ((1 - pull) * Math.Log(scenario.ListPrice)) + (pull == 0 ? 0 : pull * Math.Log(cheapest));
            return new Demand(intercept, slope, reference);
        }
    }
}
