namespace KnowledgePay.Grains.Hosting;

/// <summary>Whether this silo can serve, and its gauges.</summary>
public interface IEngineStatus
{
    /// <summary>True once the store is open, the catalogue loaded and the projections have caught up with the journal, until the process is to end.</summary>
    bool IsReady { get; }

    /// <summary>True when the process is to end: it still answers, but is to be sent nothing more.</summary>
    bool IsDraining { get; }

    /// <summary>False while the store refuses writes; decisions go on from memory.</summary>
    bool IsStoreAvailable { get; }

    /// <summary>Journal entries that the projections have yet to see.</summary>
    long ProjectionLag { get; }
}
