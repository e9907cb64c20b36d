using System.Collections.Concurrent;

namespace KnowledgePay.Grains.Users;

/// <summary>The activations of this silo, for callers in the same process: a direct call costs neither a message nor a change of threads.</summary>
/// <remarks>
/// An activation that gets no messages looks idle to Orleans and would be collected, so that it is handed out for a while after a message only:
/// a person who is called all the time is still called by a message once a minute.
/// </remarks>
public sealed class LocalUsers(TimeProvider time)
{
    private static readonly TimeSpan TrustedFor = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, UserGrain> _users = new(StringComparer.Ordinal);
    private readonly long _trustedTicks = (long)(TrustedFor.TotalSeconds * time.TimestampFrequency);

    /// <summary>The person's activation, when it is here and was called by a message lately; else the grain is to be called.</summary>
    public UserGrain? Find(string userId) =>
        _users.TryGetValue(userId, out UserGrain? user) && !user.IsRetired && time.GetTimestamp() - Volatile.Read(ref user.CalledAt) < _trustedTicks ? user : null;

    /// <summary>Tells that the grain was called by a message just now.</summary>
    public void Called(string userId)
    {
        if (_users.TryGetValue(userId, out UserGrain? user))
        {
            Volatile.Write(ref user.CalledAt, time.GetTimestamp());
        }
    }

    internal void Add(string userId, UserGrain user)
    {
        Volatile.Write(ref user.CalledAt, time.GetTimestamp());
        _users[userId] = user;
    }

    internal void Remove(string userId, UserGrain user) => _users.TryRemove(new KeyValuePair<string, UserGrain>(userId, user));
}
