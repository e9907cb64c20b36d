using System.Globalization;
using KnowledgePay.Contracts;

namespace KnowledgePay.Server.Models;

/// <summary>Makes a version the one that serves, when it passes its gate.</summary>
public sealed class ModelPromotion(ModelStore models, ChampionModels champions, TimeProvider time)
{
    /// <summary>The promoted version; or a conflict, and nothing changed, when it ranks worse than popularity on what it did not see.</summary>
    public async Task<Answer<ModelVersion>> Promote(ModelVersion version, string by, CancellationToken cancellation)
    {
        if (version.Status == ModelStatus.Champion)
        {
            return version;
        }

        if (version.Metrics is null || version.Baseline is null)
        {
            return Refused("Nothing could be held out of the data that it was learned from, so that nothing is known of how well it ranks.");
        }

        if (version.Metrics.Ndcg < version.Baseline.Ndcg)
        {
            return Refused(string.Create(
                CultureInfo.InvariantCulture,
                $"Its NDCG@{version.Metrics.Cut} on the held-out part is {version.Metrics.Ndcg:F4}; popularity alone has {version.Baseline.Ndcg:F4} there."));
        }

        ModelVersion promoted = await models.Promote(version, by, time.GetUtcNow(), cancellation);
        // This silo serves it with the answer; the others follow within a second.
        await champions.Refresh(cancellation);
        return promoted;
    }

    private static Problem Refused(string detail) => Problem.Conflict("gate-failed", "The version does not pass its gate.", detail);
}
