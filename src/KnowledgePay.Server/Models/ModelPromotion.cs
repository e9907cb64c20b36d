using KnowledgePay.Contracts;

namespace KnowledgePay.Server.Models;

/// <summary>Makes a version the one that serves, when it passes its gate.</summary>
public sealed class ModelPromotion(ModelStore models, ModelTrainings trainings, ChampionModels champions, TimeProvider time)
{
    /// <summary>Operators who must say so before a version serves that does not pass its gate.</summary>
    public const int OperatorsToOverride = 2;

    /// <summary>
    /// The promoted version; or a conflict, and nothing changed, when it does worse on what it did not see than what serves without it. With a reason the operator overrides the gate: the first one's
    /// is kept and the version stays as it is, the second one's promotes it.
    /// </summary>
    /// <param name="by">Id of the key that asks.</param>
    /// <param name="overrideReason">Why the gate should not count; null to keep it.</param>
    public async Task<Answer<ModelVersion>> Promote(ModelVersion version, string by, string? overrideReason, CancellationToken cancellation)
    {
        if (version.Status == ModelStatus.Champion)
        {
            return version;
        }

        if (trainings.Of(version.Kind)?.Gate(version) is { } failed)
        {
            if (overrideReason is null)
            {
                return Problem.Conflict("gate-failed", "The version does not pass its gate.", failed + $" {OperatorsToOverride} operators may override this, each with a reason (overrideReason).");
            }

            if (version.Overrides?.Any(one => one.By == by) == true)
            {
                return Problem.Conflict("override-needs-another", "Another operator must say so too.", $"This key has overridden the gate already; {OperatorsToOverride} different ones must.");
            }

            version = await models.Override(version, new GateOverride(by, time.GetUtcNow(), overrideReason), cancellation);
            if (version.Overrides!.DistinctBy(one => one.By).Count() < OperatorsToOverride)
            {
                return version;
            }
        }

        ModelVersion promoted = await models.Promote(version, by, time.GetUtcNow(), cancellation);
        // This silo serves it with the answer; the others follow within a second.
        await champions.Refresh(cancellation);
        return promoted;
    }
}
