using KnowledgePay.Decisions.Recommending.Models;
using KnowledgePay.Learning.Interactions;
using KnowledgePay.Learning.Items;
using KnowledgePay.Learning.Recommenders;
using KnowledgePay.Learning.Simulation;

namespace KnowledgePay.Learning.Ratings;

/// <summary>Error of predicted ratings on held-out ones.</summary>
public sealed record RatingMetrics(double Rmse, double Mae, long Ratings);

/// <summary>One solver or setting that was tried on held-out ratings.</summary>
public sealed record RatingTrial(string Solver, IReadOnlyDictionary<string, double> Settings, RatingMetrics Metrics);

/// <summary>Learns to predict ratings: by Gibbs sampling, or by Adam with <c>solver</c> 1.</summary>
internal static class RatingLearning
{
    private const double HeldOutShare = 0.1;

    /// <summary>Ratings, below which nothing is held out.</summary>
    private const int FewestToHoldOut = 100;

    public static (RatingPosterior Posterior, List<RatingTrial> Trials) Learn(
        InteractionMatrix matrix, RatingScale scale, ItemFeatures? features, IReadOnlyDictionary<string, double> given, ulong seed, Action<string>? progress)
    {
        RatingTable all = RatingTable.Of(matrix);
        Hyperparameters settings = Usual(all).With(given);
        var trials = new List<RatingTrial>();
        if (all.Count >= FewestToHoldOut)
        {
            var random = SeededRandom.For(seed, 0x526174, 0);
            var held = new bool[matrix.Count];
            for (int k = 0; k < held.Length; k++)
            {
                held[k] = random.Chance(HeldOutShare);
            }

            // A quarter of the sweeps says enough about how good it is.
            Hyperparameters brief = settings.With(new Dictionary<string, double> { ["sweeps"] = Math.Max(20, settings["sweeps"] / 4), ["burnIn"] = settings["burnIn"] / 2 });
            RatingTable part = RatingTable.Of(matrix, k => !held[k]), test = RatingTable.Of(matrix, k => held[k]);
            RatingMetrics metrics = Evaluate(Fit(part, scale, features, brief, seed), test);
            trials.Add(new RatingTrial(settings["solver"] == 0 ? "gibbs" : "adam", brief.Values, metrics));
            progress?.Invoke(FormattableString.Invariant($"ratings {brief}: RMSE {metrics.Rmse:F4} on {metrics.Ratings} held-out ratings"));
        }

        return (Fit(all, scale, features, settings, seed), trials);
    }

    public static RatingMetrics Evaluate(RatingPosterior posterior, RatingTable test)
    {
        double squares = 0, absolute = 0;
        for (int s = 0; s < test.Count; s++)
        {
            double error = posterior.Predict(test.UserOf[s], test.ItemOf[s]) - test.Ratings[s];
            squares += error * error;
            absolute += Math.Abs(error);
        }

        return new RatingMetrics(Math.Sqrt(squares / test.Count), absolute / test.Count, test.Count);
    }

    private static RatingPosterior Fit(RatingTable table, RatingScale scale, ItemFeatures? features, Hyperparameters settings, ulong seed)
    {
        int d = (int)settings["dimensions"];
        if (settings["solver"] == 0)
        {
            int sweeps = Math.Max(2, (int)settings["sweeps"]);
            var gibbs = new RatingSettings(d, sweeps, Math.Clamp((int)settings["burnIn"], 0, sweeps - 1), settings["implicit"] != 0);
            return BayesianFactors.Learn(table, scale, features, gibbs, seed);
        }

        RatingDraw point = AdamFactors.Learn(table, d, (int)settings.Get("epochs", 30), (float)settings.Get("rate", 0.005), (float)settings.Get("decay", 0.06), seed);
        return new RatingPosterior(table.Users, table.Items, d, (float)scale.Least, (float)scale.Greatest, [point]);
    }

    private static Hyperparameters Usual(RatingTable table) =>
        Hyperparameters.Of(("solver", 0), ("dimensions", 12), ("sweeps", table.Count > 2_000_000 ? 100 : 500), ("burnIn", table.Count > 2_000_000 ? 20 : 60), ("implicit", 1));
}
