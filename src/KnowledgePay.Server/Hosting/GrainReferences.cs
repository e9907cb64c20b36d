using KnowledgePay.Contracts.Grains;

namespace KnowledgePay.Server.Hosting;

/// <summary>Keeps references to the grains that were called lately: making one costs as much as the call.</summary>
/// <remarks>A fixed table with one slot a hash, so that it neither grows nor locks; a slot that is taken is overwritten.</remarks>
public sealed class GrainReferences(IGrainFactory factory)
{
    private const int Slots = 1 << 16;

    private readonly UserSlot?[] _users = new UserSlot?[Slots];

    public IUserGrain User(string id)
    {
        ref UserSlot? slot = ref _users[(uint)string.GetHashCode(id.AsSpan()) & (Slots - 1)];
        UserSlot? seen = Volatile.Read(ref slot);
        if (seen is not null && seen.Id == id)
        {
            return seen.Grain;
        }

        IUserGrain grain = factory.GetGrain<IUserGrain>(id);
        Volatile.Write(ref slot, new UserSlot(id, grain));
        return grain;
    }

    public ICourseGrain Course(string id) => factory.GetGrain<ICourseGrain>(id);

    public IProductGrain Product(string partnerId, string productId) => factory.GetGrain<IProductGrain>($"{partnerId}/{productId}");

    private sealed record UserSlot(string Id, IUserGrain Grain);
}
