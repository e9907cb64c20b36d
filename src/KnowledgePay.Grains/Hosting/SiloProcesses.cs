using KnowledgePay.Storage;
using Orleans.Runtime;

namespace KnowledgePay.Grains.Hosting;

/// <summary>The processes that share this one's store, as the cluster's membership has them.</summary>
public sealed class SiloProcesses(IEngineStore store, ILocalSiloDetails local, IClusterMembershipService membership)
{
    /// <summary>This process's name; null when it has the store to itself.</summary>
    public string? Own => store.IsShared ? local.SiloAddress.ToParsableString() : null;

    /// <summary>Each process by name, and whether it still runs: one that joins or leaves does.</summary>
    public IReadOnlyDictionary<string, bool> IsAlive() =>
        membership.CurrentSnapshot.Members.ToDictionary(member => member.Key.ToParsableString(), member => member.Value.Status != SiloStatus.Dead);
}
