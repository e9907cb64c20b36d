using System.ComponentModel.DataAnnotations;
using System.Runtime.InteropServices;
using KnowledgePay.Contracts.Events;
using StableHash = KnowledgePay.Decisions.Profiles.StableHash;

namespace KnowledgePay.Server.Models;

/// <summary>What a course that somebody took counts in learning, by what came of it. A course that was only taken counts 1.</summary>
public sealed class TakingSignalOptions
{
    public const string Section = "KnowledgePay:Models:Signals";

    /// <summary>Factor for one that was completed, 0.05 to 10.</summary>
    [Range(0.05, 10)]
    public double Completed { get; set; } = 1.2;

    /// <summary>How much stars move: the factor is 1 + this · (stars − 3)/2, with the latest stars. 0 to 0.75.</summary>
    [Range(0, 0.75)]
    public double Stars { get; set; } = 0.25;

    /// <summary>Factor for one whose money was given or charged back, 0.05 to 10: below 1 it counts against the course.</summary>
    [Range(0.05, 10)]
    public double Refunded { get; set; } = 0.2;
}

/// <summary>Sums up what came of each course that somebody took, while the journal is read.</summary>
public sealed class TakingSignals(TakingSignalOptions options)
{
    private readonly HashSet<(long Person, int Course)> _completed = [];
    private readonly HashSet<(long Person, int Course)> _refunded = [];
    private readonly Dictionary<(long Person, int Course), float> _stars = [];
    private readonly Dictionary<(long Person, ulong Payment), int> _paid = [];

    /// <param name="courseOf">The number of a course.</param>
    public void Hear(long person, EventData data, Func<string, int> courseOf)
    {
        switch (data)
        {
            case CourseCompleted completed:
                _completed.Add((person, courseOf(completed.CourseId)));
                break;
            case CourseRated rated:
                CollectionsMarshal.GetValueRefOrAddDefault(_stars, (person, courseOf(rated.CourseId)), out _) = (float)rated.Stars;
                break;
            case OrderPlaced order:
                _paid[(person, StableHash.Of(order.PaymentId))] = courseOf(order.CourseId);
                break;
            case PaymentRefunded refund:
                GiveBack(person, refund.PaymentId);
                break;
            case PaymentChargedBack back:
                GiveBack(person, back.PaymentId);
                break;
        }
    }

    /// <summary>Everything that does not count 1.</summary>
    public IEnumerable<((long Person, int Course) Of, float Factor)> All =>
        _completed.Union(_refunded).Union(_stars.Keys).Select(key => (key, FactorOf(key))).Where(one => one.Item2 != 1);

    private float FactorOf((long, int) key)
    {
        double factor = _completed.Contains(key) ? options.Completed : 1;
        if (_stars.TryGetValue(key, out float stars))
        {
            factor *= 1 + (options.Stars * (stars - 3) / 2);
        }

        return (float)(_refunded.Contains(key) ? factor * options.Refunded : factor);
    }

    /// <summary>A payment counts for the course that was ordered with it here; of others it is not known which course it was for.</summary>
    private void GiveBack(long person, string payment)
    {
        if (_paid.TryGetValue((person, StableHash.Of(payment)), out int course))
        {
            _refunded.Add((person, course));
        }
    }
}
