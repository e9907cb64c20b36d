using Microsoft.Extensions.Options;

namespace KnowledgePay.Storage.Sqlite;

/// <summary>Finds every wrong setting at start, each with its name, its value and what was expected.</summary>
public sealed class SqliteStoreOptionsValidator : IValidateOptions<SqliteStoreOptions>
{
    public const int MasterKeyBytes = 32;

    public ValidateOptionsResult Validate(string? name, SqliteStoreOptions options)
    {
        var wrong = new List<string>();
        if (string.IsNullOrWhiteSpace(options.DataDirectory))
        {
            wrong.Add("DataDirectory is empty; expected a folder.");
        }

        if (options.MasterKey is { } key && !IsKey(key))
        {
            // The value itself is a secret and stays out of the message.
            wrong.Add($"MasterKey is not {MasterKeyBytes} bytes as base64 ({key.Length} characters were given).");
        }

        InRange(wrong, nameof(options.BusyTimeout), options.BusyTimeout, TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(1));
        InRange(wrong, nameof(options.Readers), options.Readers, 1, 64);
        InRange(wrong, nameof(options.QueuedReads), options.QueuedReads, 1, 10_000_000);
        InRange(wrong, nameof(options.WriterCacheMebibytes), options.WriterCacheMebibytes, 1, 65_536);
        InRange(wrong, nameof(options.CheckpointPages), options.CheckpointPages, 100, 1_000_000);
        InRange(wrong, nameof(options.CachedKeys), options.CachedKeys, 0, 100_000_000);

        GroupCommitLimits commit = options.GroupCommit;
        InRange(wrong, "GroupCommit.RowsPerCommit", commit.RowsPerCommit, 1, 1_000_000);
        InRange(wrong, "GroupCommit.BytesPerCommit", commit.BytesPerCommit, 1, 1L << 40);
        InRange(wrong, "GroupCommit.QueuedOperations", commit.QueuedOperations, 1, 10_000_000);
        InRange(wrong, "GroupCommit.QueuedBytes", commit.QueuedBytes, 1, 1L << 40);
        InRange(wrong, "GroupCommit.GatherTime", commit.GatherTime, TimeSpan.Zero, TimeSpan.FromSeconds(1));
        InRange(wrong, "GroupCommit.SlowCommit", commit.SlowCommit, TimeSpan.FromMilliseconds(1), TimeSpan.MaxValue);

        DecisionChunkLimits chunks = options.DecisionChunks;
        InRange(wrong, "DecisionChunks.Records", chunks.Records, 1, 65_536);
        InRange(wrong, "DecisionChunks.Bytes", chunks.Bytes, 1, 64 << 20);
        InRange(wrong, "DecisionChunks.Age", chunks.Age, TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(1));
        InRange(wrong, "DecisionChunks.FillTimeout", chunks.FillTimeout, TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(1));
        InRange(wrong, "DecisionChunks.RetryDelay", chunks.RetryDelay, TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(1));
        InRange(wrong, "DecisionChunks.WaitingChunks", chunks.WaitingChunks, 1, 1_000_000);
        InRange(wrong, "DecisionChunks.WaitingBytes", chunks.WaitingBytes, 1, 1L << 40);

        return wrong.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(wrong);
    }

    private static bool IsKey(string text)
    {
        Span<byte> bytes = stackalloc byte[MasterKeyBytes];
        return Convert.TryFromBase64String(text, bytes, out int written) && written == MasterKeyBytes;
    }

    private static void InRange<T>(List<string> wrong, string name, T value, T least, T most)
        where T : IComparable<T>
    {
        if (value.CompareTo(least) < 0 || value.CompareTo(most) > 0)
        {
            wrong.Add($"{name} is {value}; expected {least} to {most}.");
        }
    }
}
