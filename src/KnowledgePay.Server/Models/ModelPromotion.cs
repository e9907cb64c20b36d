using KnowledgePay.Contracts;

namespace KnowledgePay.Server.Models;

/// <summary>Makes a version the one that serves, when it passes its gate.</summary>
public sealed class ModelPromotion(ModelStore models, ModelTrainings trainings, ChampionModels champions, TimeProvider time)
{
    /// <summary>The promoted version; or a conflict, and nothing changed, when it does worse on what it did not see than what serves without it.</summary>
    public async Task<Answer<ModelVersion>> Promote(ModelVersion version, string by, CancellationToken cancellation)
    {
        if (version.Status == ModelStatus.Champion)
        {
            return version;
        }

        if (trainings.Of(version.Kind)?.Gate(version) is { } reason)
        {
            return Problem.Conflict("gate-failed", "The version does not pass its gate.", reason);
        }

        ModelVersion promoted = await models.Promote(version, by, time.GetUtcNow(), cancellation);
        // This silo serves it with the answer; the others follow within a second.
        await champions.Refresh(cancellation);
        return promoted;
    }
}
