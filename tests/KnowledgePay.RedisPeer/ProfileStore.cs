using System.Buffers.Binary;
using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Decisions.Profiles;
using Orleans.Serialization;
using StackExchange.Redis;

namespace KnowledgePay.RedisPeer;

/// <summary>People's profiles and decision records in Redis: one value a person, the sequence of its last event in the first eight bytes, records in a stream.</summary>
/// <remarks>A change is written by a script that does nothing when somebody else changed the profile since it was read; the record goes with it.</remarks>
internal sealed class ProfileStore(IDatabase redis, Serializer<UserProfile> profiles, Serializer<DecisionRecord> records)
{
    private const int SequenceBytes = sizeof(long);
    private const string ChangeScript =
        "if redis.call('GETRANGE', KEYS[1], 0, 7) ~= ARGV[1] then return 0 end redis.call('SET', KEYS[1], ARGV[2]) redis.call('XADD', KEYS[2], '*', 'r', ARGV[3]) return 1";

    private static readonly RedisKey Log = "decisions";

    // EVALSHA: the script's text does not travel with each call.
    private readonly byte[] _change = redis.Multiplexer.GetServers()[0].ScriptLoad(ChangeScript);

    public Task Put(string user, UserProfile profile) => redis.StringSetAsync(KeyOf(user), Pack(profile));

    /// <summary>An empty profile for somebody never seen.</summary>
    public async Task<UserProfile> Get(string user)
    {
        using Lease<byte>? stored = await redis.StringGetLeaseAsync(KeyOf(user)).ConfigureAwait(false);
        return stored is { Length: > SequenceBytes } ? profiles.Deserialize(stored.Memory[SequenceBytes..])! : new UserProfile();
    }

    /// <summary>False when the profile is another one by now.</summary>
    public async Task<bool> Change(string user, long sequenceRead, UserProfile changed, DecisionRecord record)
    {
        byte[] before = new byte[SequenceBytes];
        BinaryPrimitives.WriteInt64LittleEndian(before, sequenceRead);
        RedisResult done = await redis.ScriptEvaluateAsync(_change, [KeyOf(user), Log], [before, Pack(changed), records.SerializeToArray(record)]).ConfigureAwait(false);
        return (int)done == 1;
    }

    /// <summary>Nobody waits for the record of a decision that changed nothing.</summary>
    public void Record(DecisionRecord record) => redis.StreamAdd(Log, "r", records.SerializeToArray(record), flags: CommandFlags.FireAndForget);

    private static RedisKey KeyOf(string user) => "p:" + user;

    private byte[] Pack(UserProfile profile)
    {
        byte[] body = profiles.SerializeToArray(profile);
        byte[] packed = new byte[SequenceBytes + body.Length];
        BinaryPrimitives.WriteInt64LittleEndian(packed, profile.Sequence);
        body.CopyTo(packed, SequenceBytes);
        return packed;
    }
}
