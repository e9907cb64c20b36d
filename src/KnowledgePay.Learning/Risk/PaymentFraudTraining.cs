using KnowledgePay.Decisions.Credit;
using KnowledgePay.Decisions.Fraud;
using KnowledgePay.Decisions.Profiles;
using KnowledgePay.Decisions.Scoring;
using KnowledgePay.Learning.Evaluation;
using KnowledgePay.Learning.Files;

namespace KnowledgePay.Learning.Risk;

/// <summary>A payment that went through: what was known just before it, and how it ended.</summary>
/// <param name="Values">By <see cref="PaymentAttribute"/>; the method as its place among the names.</param>
/// <param name="Stood">The rolling risk that it left the person with, by whatever scored it then.</param>
/// <param name="Groups">The person's groups, as kind and name (<c>gender</c>, <c>female</c>). They are looked at and never learned from.</param>
public sealed record PaymentCase(double[] Values, bool IsChargedBack, float Stood, IReadOnlyList<(string Kind, string Name)> Groups);

/// <summary>A learned fraud model and what is known of it.</summary>
/// <param name="Held">On payments that the predicting models had not seen (cross-validation).</param>
/// <param name="StoodAuc">Area under the curve on the same payments of the rolling risk as it stood after each.</param>
/// <param name="Groups">Who stays out of the high band, by the held-out scores.</param>
public sealed record LearnedFraudModel(
    RiskModel Model, BinaryMetrics Held, double StoodAuc, IReadOnlyList<GroupOutcome> Groups, IReadOnlyDictionary<string, IReadOnlyDictionary<string, double>> Chosen);

/// <summary>Learns how likely a payment is to be charged back: <see cref="RiskTrainer"/> on <see cref="PaymentAttributes"/>, monotone where the field is.</summary>
public static class PaymentFraudTraining
{
    /// <summary>Payments of either outcome that are needed.</summary>
    public const int FewestOfEither = 30;

    /// <param name="methods">Names of the ways to pay.</param>
    /// <exception cref="ArgumentException">There are too few payments of one outcome.</exception>
    public static LearnedFraudModel Train(
        IReadOnlyList<PaymentCase> cases, IReadOnlyList<string> methods, string algorithm, ulong seed, Action<double>? progress = null, CancellationToken cancellation = default)
    {
        int bad = cases.Count(one => one.IsChargedBack);
        if (Math.Min(bad, cases.Count - bad) < FewestOfEither)
        {
            throw new ArgumentException($"There are {cases.Count - bad} payments that stood and {bad} that were charged back; expected at least {FewestOfEither} of each.", nameof(cases));
        }

        RiskFeature[] features = [.. PaymentAttributes.Names.Select((name, i) => new RiskFeature(name, i == (int)PaymentAttribute.Method ? methods : null))];
        byte[] outcomes = [.. cases.Select(one => one.IsChargedBack ? (byte)1 : (byte)0)];
        var rows = new RiskRows(features, [.. cases.SelectMany(one => one.Values)], outcomes);
        RiskTrainingResult result = RiskTrainer.Train(rows, new RiskTraining { Algorithm = algorithm, Seed = seed, Monotone = PaymentAttributes.Directions }, (_, share) => progress?.Invoke(share), cancellation);
        var model = new RiskModel(
            result.Picked.Algorithm,
            new OutcomeLabel("outcome", "chargedBack", "what is to be prevented"),
            features,
            FeatureMarginal.Of(rows),
            result.Picked.Model,
            new PointsScale(BaseOdds: Math.Exp(-rows.LogOdds)),
            []);
        int[] sample = FoldPlan.Sample(outcomes, RiskTask.TuningRowsMax, seed);
        byte[] sampled = [.. sample.Select(row => outcomes[row])];
        FraudModel scored = Serving(model, "held");
        double[] risks = [.. result.Picked.OutOfFoldLogOdds.Select(logOdds => (double)scored.ScoreOf(logOdds))];
        return new LearnedFraudModel(
            model,
            result.Picked.OutOfFold,
            BinaryMetrics.AucOf([.. sample.Select(row => (double)cases[row].Stood)], sampled),
            GroupOutcome.Of([.. sample.Select(row => cases[row].Groups)], risks, sampled, RiskBands.HighFrom),
            result.Picked.Chosen);
    }

    /// <summary>The model as payments are scored by it.</summary>
    /// <exception cref="InputException">The model reads other attributes than these.</exception>
    public static FraudModel Serving(RiskModel model, string version, CurrencyScale? scale = null) =>
        model.Features.Select(feature => feature.Name).SequenceEqual(PaymentAttributes.Names, StringComparer.Ordinal) && model.Features[(int)PaymentAttribute.Method].Levels is { } methods
            ? new FraudModel(version, model.Scorer, methods, -Math.Log(model.Scale.BaseOdds), scale ?? CurrencyScale.Default)
            : throw new InputException("The stored model reads other attributes of a payment than this program knows.");
}
