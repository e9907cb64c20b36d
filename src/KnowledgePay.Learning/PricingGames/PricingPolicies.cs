using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Contracts.People;
using KnowledgePay.Decisions;
using KnowledgePay.Decisions.Catalogue;
using KnowledgePay.Decisions.Pricing;
using KnowledgePay.Decisions.Profiles;
using KnowledgePay.Decisions.Projections;
using KnowledgePay.Learning.Files;
using KnowledgePay.Learning.Simulation;

namespace KnowledgePay.Learning.PricingGames;

/// <summary>Chooses rungs and sees what is bought.</summary>
internal interface IPricingPolicy
{
    /// <returns>An allowed rung of the ladder and its price in minor units.</returns>
    (int Rung, long Price) Choose(int round, DateTimeOffset now);

    void Observe(int rung, bool bought, DateTimeOffset now);

    /// <summary>A price that a competitor asks from now on.</summary>
    void Observe(string competitor, long price, DateTimeOffset now);
}

internal static class PricingPolicies
{
    public const string Expected = "engine, list, explore-then-commit, thompson, or fixed-R with the rung R of the price ladder (a discount of 5·R %)";

    /// <exception cref="InputException">There is no such policy.</exception>
    public static IPricingPolicy Of(string name, PricingScenario scenario, in PriceLadder ladder, int rounds, ulong seed)
    {
        SeededRandom random = SeededRandom.For(seed, 0x9D1CE, 2);
        if (name.StartsWith("fixed-", StringComparison.Ordinal) && int.TryParse(name.AsSpan(6), out int rung))
        {
            return ladder.IsAllowed(rung) ? new FixedRung(ladder, rung) : throw new InputException($"--policy '{name}': rung {rung} is not allowed; expected 0 to {ladder.Deepest}.");
        }

        return name switch
        {
            "engine" => new EnginePolicy(scenario),
            "list" => new FixedRung(ladder, 0),
            "explore-then-commit" => new ExploreThenCommit(ladder, scenario.MarginalCost ?? 0, rounds),
            "thompson" => new ThompsonLadder(ladder, scenario.MarginalCost ?? 0, random),
            _ => throw new InputException($"--policy '{name}': expected {Expected}."),
        };
    }
}

/// <summary>The engine as it prices on a page: <see cref="Pricer"/> with the course's live quote counts and market prices, for strangers who consent.</summary>
internal sealed class EnginePolicy : IPricingPolicy
{
    private readonly LiveSignals _signals = new();
    private readonly CatalogueSnapshot _catalogue;
    private readonly PricingScenario _scenario;
    private readonly UserProfile _stranger = new() { Consent = new Consent { Personalisation = true, PersonalPricing = true } };

    public EnginePolicy(PricingScenario scenario)
    {
        _scenario = scenario;
        _catalogue = new CatalogueSnapshot(
            1, [new CourseEntry { Ordinal = 0, Course = scenario.Course(), Category = 0, Concepts = [] }], CourseVectors.Empty, ["simulated"], [], []);
    }

    public (int Rung, long Price) Choose(int round, DateTimeOffset now)
    {
        var context = new DecisionContext
        {
            DecisionId = "d",
            UserId = "u",
            Profile = _stranger,
            Catalogue = _catalogue,
            Signals = _signals,
            Now = now,
            Seed = (ulong)round,
        };
        PriceDecision decision = Pricer.Decide(context, new PriceRequest { UserId = "u", CourseId = "course" }, PricingSettings.Default).Value
            ?? throw new InvalidOperationException("The engine gave no price.");
        return (decision.Rung, decision.Price.MinorUnits);
    }

    public void Observe(int rung, bool bought, DateTimeOffset now)
    {
        _signals.Apply(new ProjectionEffect { Kind = EffectKind.PriceQuoted, Course = 0, Value = rung, TimeTicks = now.UtcTicks });
        if (bought)
        {
            _signals.Apply(new ProjectionEffect { Kind = EffectKind.OrderPlaced, Course = 0, Value = rung, TimeTicks = now.UtcTicks });
        }
    }

    public void Observe(string competitor, long price, DateTimeOffset now) => _signals.Apply(new ProjectionEffect
    {
        Kind = EffectKind.MarketPriceObserved,
        Course = 0,
        Competitor = competitor,
        Amount = _scenario.Price(price),
        TimeTicks = now.UtcTicks,
    });
}

/// <summary>Always the same price.</summary>
internal sealed class FixedRung(PriceLadder ladder, int rung) : IPricingPolicy
{
    public (int Rung, long Price) Choose(int round, DateTimeOffset now) => (rung, ladder.PriceAt(rung));

    public void Observe(int rung, bool bought, DateTimeOffset now)
    {
    }

    public void Observe(string competitor, long price, DateTimeOffset now)
    {
    }
}

/// <summary>Tries the rungs in turn for rounds^(2/3)·rungs^(1/3) rounds, then keeps the one that earned most (Lattimore and Szepesvári 2020, chapter 6).</summary>
internal sealed class ExploreThenCommit : IPricingPolicy
{
    private readonly PriceLadder _ladder;
    private readonly long _cost;
    private readonly int[] _rungs;
    private readonly int _explore;
    private readonly int[] _shown = new int[PriceLadder.Rungs];
    private readonly int[] _bought = new int[PriceLadder.Rungs];
    private int _committed = -1;

    public ExploreThenCommit(PriceLadder ladder, long cost, int rounds)
    {
        (_ladder, _cost) = (ladder, cost);
        _rungs = [.. Enumerable.Range(0, ladder.Deepest + 1).Where(r => ladder.IsAllowed(r))];
        _explore = (int)Math.Min(rounds, Math.Pow(rounds, 2.0 / 3) * Math.Cbrt(_rungs.Length));
    }

    public (int Rung, long Price) Choose(int round, DateTimeOffset now)
    {
        if (round >= _explore && _committed < 0)
        {
            _committed = _rungs.MaxBy(r => _shown[r] == 0 ? 0 : (double)_bought[r] / _shown[r] * (_ladder.PriceAt(r) - _cost));
        }

        int rung = _committed >= 0 ? _committed : _rungs[round % _rungs.Length];
        return (rung, _ladder.PriceAt(rung));
    }

    public void Observe(int rung, bool bought, DateTimeOffset now)
    {
        _shown[rung]++;
        _bought[rung] += bought ? 1 : 0;
    }

    public void Observe(string competitor, long price, DateTimeOffset now)
    {
    }
}

/// <summary>Thompson sampling with a Beta posterior of its own for each rung: no demand curve, each round a draw (Russo et al. 2018).</summary>
internal sealed class ThompsonLadder(PriceLadder ladder, long cost, SeededRandom random) : IPricingPolicy
{
    private readonly int[] _shown = new int[PriceLadder.Rungs];
    private readonly int[] _bought = new int[PriceLadder.Rungs];

    public (int Rung, long Price) Choose(int round, DateTimeOffset now)
    {
        int best = 0;
        double most = double.NegativeInfinity;
        for (int rung = 0; rung <= ladder.Deepest; rung++)
        {
            if (ladder.IsAllowed(rung))
            {
                double margin = Beta(1 + _bought[rung], 1 + _shown[rung] - _bought[rung]) * (ladder.PriceAt(rung) - cost);
                if (margin > most)
                {
                    (most, best) = (margin, rung);
                }
            }
        }

        return (best, ladder.PriceAt(best));
    }

    public void Observe(int rung, bool bought, DateTimeOffset now)
    {
        // A buyer who waited may buy at a rung without a showing of its own.
        _shown[rung]++;
        _bought[rung] += bought ? 1 : 0;
    }

    public void Observe(string competitor, long price, DateTimeOffset now)
    {
    }

    private double Beta(double a, double b)
    {
        double x = Gamma(a);
        return x / (x + Gamma(b));
    }

    /// <summary>Marsaglia and Tsang (2000), for a shape of 1 or more.</summary>
    private double Gamma(double shape)
    {
        double d = shape - (1.0 / 3);
        double c = 1 / Math.Sqrt(9 * d);
        while (true)
        {
            double x = random.Normal();
            double v = 1 + (c * x);
            if (v > 0)
            {
                v = v * v * v;
                if (Math.Log(1 - random.NextDouble()) < (0.5 * x * x) + d - (d * v) + (d * Math.Log(v)))
                {
                    return d * v;
                }
            }
        }
    }
}
