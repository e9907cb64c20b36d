using KnowledgePay.Contracts.Events;
using KnowledgePay.Decisions.Fraud;
using KnowledgePay.Decisions.Profiles;
using KnowledgePay.Decisions.Projections;

namespace KnowledgePay.Grains.Events;

/// <summary>Takes down what the fraud model says of payments when they are accepted.</summary>
internal static class PaymentRiskCapture
{
    /// <summary>The events with the risk of the payments among them, each as of the events before it.</summary>
    /// <remarks>A payment that comes behind others of its batch is scored on a copy into which those are folded. One of these that turns out to be a repeat was folded twice there: its batch was sent again with others, which is rare, and the score is what the journal then says it was.</remarks>
    /// <param name="profile">As of the last durable event. Is left as it is.</param>
    public static StoredEvent[] Of(StoredEvent[] events, UserProfile profile, StreamServices services)
    {
        int last = services.Models.Fraud is null ? -1 : Array.FindLastIndex(events, e => e.Data is PaymentAttempted);
        if (last < 0 || services.Models.Fraud is not { } model)
        {
            return events;
        }

        var scored = (StoredEvent[])events.Clone();
        UserProfile before = profile;
        var effects = new EffectBuffer();
        for (int i = 0; i <= last; i++)
        {
            if (scored[i].Data is PaymentAttempted payment)
            {
                scored[i] = scored[i] with
                {
                    Facts = scored[i].Facts with { PaymentRisk = model.Score(before, payment, scored[i].Time), PaymentRiskBy = model.Version },
                };
            }

            if (i < last)
            {
                before = ReferenceEquals(before, profile) ? services.Codec.Copy(profile) : before;
                FoldStep.Apply(before, before.Sequence + 1, scored[i], 0, ref effects, services.Logger);
                effects.Clear();
            }
        }

        return scored;
    }
}
