using Microsoft.Extensions.Options;

namespace KnowledgePay.Storage.Sqlite;

/// <summary>Finds every wrong setting at start, each with its name, its value and what was expected.</summary>
public sealed class SqliteStoreOptionsValidator : IValidateOptions<SqliteStoreOptions>
{
    public ValidateOptionsResult Validate(string? name, SqliteStoreOptions options)
    {
        var wrong = new List<string>();
        if (string.IsNullOrWhiteSpace(options.DataDirectory))
        {
            wrong.Add("DataDirectory is empty; expected a folder.");
        }

        SettingChecks.MasterKey(wrong, options.MasterKey);
        SettingChecks.PreviousMasterKeys(wrong, options.PreviousMasterKeys);
        SettingChecks.InRange(wrong, nameof(options.BusyTimeout), options.BusyTimeout, TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(1));
        SettingChecks.InRange(wrong, nameof(options.Readers), options.Readers, 1, 64);
        SettingChecks.InRange(wrong, nameof(options.QueuedReads), options.QueuedReads, 1, 10_000_000);
        SettingChecks.InRange(wrong, nameof(options.WriterCacheMebibytes), options.WriterCacheMebibytes, 1, 65_536);
        SettingChecks.InRange(wrong, nameof(options.CheckpointPages), options.CheckpointPages, 100, 1_000_000);
        SettingChecks.InRange(wrong, nameof(options.CachedKeys), options.CachedKeys, 0, 100_000_000);
        SettingChecks.Limits(wrong, options.GroupCommit);
        SettingChecks.Limits(wrong, options.DecisionChunks);
        return wrong.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(wrong);
    }
}
