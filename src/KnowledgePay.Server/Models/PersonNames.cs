using KnowledgePay.Grains.Events;
using KnowledgePay.Storage;

namespace KnowledgePay.Server.Models;

/// <summary>Who the people behind streams are.</summary>
internal static class PersonNames
{
    /// <summary>User ids by stream; those who were erased, and streams of nobody, are left out.</summary>
    public static async Task<Dictionary<long, string>> Of(IEngineStore store, IEnumerable<long> streams, CancellationToken cancellation)
    {
        var names = new Dictionary<long, string>();
        foreach (long stream in streams)
        {
            if ((await store.Keys.Resolve(stream, cancellation))?.Name is { } name && StreamNames.IsUser(name))
            {
                names[stream] = StreamNames.IdOf(name);
            }
        }

        return names;
    }
}
