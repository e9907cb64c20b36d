namespace KnowledgePay.Storage;

/// <summary>Checks of the settings that stores have in common: each wrong one with its name, its value and what was expected.</summary>
internal static class SettingChecks
{
    public const int MasterKeyBytes = 32;

    public static void InRange<T>(List<string> wrong, string name, T value, T least, T most)
        where T : IComparable<T>
    {
        if (value.CompareTo(least) < 0 || value.CompareTo(most) > 0)
        {
            wrong.Add($"{name} is {value}; expected {least} to {most}.");
        }
    }

    public static void MasterKey(List<string> wrong, string? key)
    {
        Span<byte> bytes = stackalloc byte[MasterKeyBytes];
        if (key is not null && !(Convert.TryFromBase64String(key, bytes, out int written) && written == MasterKeyBytes))
        {
            // The value itself is a secret and stays out of the message.
            wrong.Add($"MasterKey is not {MasterKeyBytes} bytes as base64 ({key.Length} characters were given).");
        }
    }

    public static void PreviousMasterKeys(List<string> wrong, IReadOnlyList<string> keys)
    {
        for (int i = 0; i < keys.Count; i++)
        {
            int before = wrong.Count;
            MasterKey(wrong, keys[i]);
            if (wrong.Count > before)
            {
                wrong[^1] = $"PreviousMasterKeys[{i}]: {wrong[^1]}";
            }
        }
    }

    public static void Limits(List<string> wrong, GroupCommitLimits commit)
    {
        InRange(wrong, "GroupCommit.RowsPerCommit", commit.RowsPerCommit, 1, 1_000_000);
        InRange(wrong, "GroupCommit.BytesPerCommit", commit.BytesPerCommit, 1, 1L << 40);
        InRange(wrong, "GroupCommit.QueuedOperations", commit.QueuedOperations, 1, 10_000_000);
        InRange(wrong, "GroupCommit.QueuedBytes", commit.QueuedBytes, 1, 1L << 40);
        InRange(wrong, "GroupCommit.GatherTime", commit.GatherTime, TimeSpan.Zero, TimeSpan.FromSeconds(1));
        InRange(wrong, "GroupCommit.SlowCommit", commit.SlowCommit, TimeSpan.FromMilliseconds(1), TimeSpan.MaxValue);
    }

    public static void Limits(List<string> wrong, DecisionChunkLimits chunks)
    {
        InRange(wrong, "DecisionChunks.Records", chunks.Records, 1, 65_536);
        InRange(wrong, "DecisionChunks.Bytes", chunks.Bytes, 1, 64 << 20);
        InRange(wrong, "DecisionChunks.Age", chunks.Age, TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(1));
        InRange(wrong, "DecisionChunks.FillTimeout", chunks.FillTimeout, TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(1));
        InRange(wrong, "DecisionChunks.RetryDelay", chunks.RetryDelay, TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(1));
        InRange(wrong, "DecisionChunks.WaitingChunks", chunks.WaitingChunks, 1, 1_000_000);
        InRange(wrong, "DecisionChunks.WaitingBytes", chunks.WaitingBytes, 1, 1L << 40);
    }
}
