using System.Collections.Frozen;
using KnowledgePay.Contracts.Events;
using KnowledgePay.Decisions.Credit;
using KnowledgePay.Decisions.Profiles;
using KnowledgePay.Decisions.Scoring;

namespace KnowledgePay.Decisions.Fraud;

/// <summary>A learned model of how likely a payment is to be charged back, and what that means on the scale of the rolling risk.</summary>
public sealed class FraudModel
{
    /// <summary>Odds of a chargeback, over those of all payments, at which the rolling risk is one half: where its high band begins.</summary>
    public const double LiftAtHalf = 9;

    private readonly LogOddsModel _scorer;
    private readonly CurrencyScale _scale;
    private readonly FrozenDictionary<string, int> _methods;
    private readonly int _unseenMethod;
    private readonly double _halfway;

    /// <param name="version">What stored events call it.</param>
    /// <param name="scorer">Log-odds of a chargeback by <see cref="PaymentAttributes"/>.</param>
    /// <param name="methods">Names of ways to pay, by their number in a row.</param>
    /// <param name="baseLogOdds">Log-odds of a chargeback over all payments that it was learned from.</param>
    /// <exception cref="ArgumentException">The scorer reads another number of attributes.</exception>
    public FraudModel(string version, LogOddsModel scorer, IReadOnlyList<string> methods, double baseLogOdds, CurrencyScale scale)
    {
        if (scorer.Features != PaymentAttributes.Count)
        {
            throw new ArgumentException($"The model reads {scorer.Features} attributes; expected {PaymentAttributes.Count}.", nameof(scorer));
        }

        Version = version;
        (_scorer, _scale) = (scorer, scale);
        _methods = methods.Index().ToFrozenDictionary(one => one.Item, one => one.Index, StringComparer.Ordinal);
        Methods = methods;
        _unseenMethod = methods.Count;
        _halfway = baseLogOdds + Math.Log(LiftAtHalf);
    }

    public string Version { get; }

    /// <summary>Names of ways to pay, by their number in a row; one number more is for any other.</summary>
    public IReadOnlyList<string> Methods { get; }

    /// <summary>The payment's risk on the rolling scale, 0 to 1; allocates nothing.</summary>
    /// <param name="profile">As it was before the payment.</param>
    public float Score(UserProfile profile, PaymentAttempted payment, DateTimeOffset at)
    {
        Span<double> row = stackalloc double[PaymentAttributes.Count];
        PaymentAttributes.Read(profile, payment, at, _methods.GetValueOrDefault(payment.Method, _unseenMethod), _scale, row);
        return Score(row);
    }

    /// <summary>The same of attributes that were read already.</summary>
    public float Score(ReadOnlySpan<double> row) => ScoreOf(_scorer.LogOdds(row));

    /// <summary>How likely the payment of these attributes is to be charged back, 0 to 1.</summary>
    public double Probability(ReadOnlySpan<double> row) => LogOddsModel.Probability(_scorer.LogOdds(row));

    /// <summary>o ⁄ (o + 9·o₀) for a payment of odds o where all payments have odds o₀: 0.1 for a payment like any other, 0.5 for one nine times as likely to be charged back.</summary>
    /// <remarks>A probability would hardly ever leave the low band, chargebacks being rare; what rules and cards ask is how much worse than others a payment looks.</remarks>
    public float ScoreOf(double logOdds) => (float)LogOddsModel.Probability(logOdds - _halfway);
}
