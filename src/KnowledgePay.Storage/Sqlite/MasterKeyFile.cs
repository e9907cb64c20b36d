using System.Security.Cryptography;

namespace KnowledgePay.Storage.Sqlite;

/// <summary>Where the master key comes from: the configuration, else a file that only its owner can read.</summary>
internal static class MasterKeyFile
{
    public const string Name = "master.key";

    /// <param name="mayCreate">False when keys exist already, which a new master key could not open.</param>
    public static byte[] Load(string directory, string? configured, bool mayCreate)
    {
        if (configured is not null)
        {
            return Convert.FromBase64String(configured);
        }

        string path = Path.Combine(directory, Name);
        if (File.Exists(path))
        {
            return Parse(path, File.ReadAllText(path).Trim());
        }

        if (!mayCreate)
        {
            throw new InvalidOperationException($"{path} is missing, but keys exist that it alone opens. Restore the file, or configure the master key.");
        }

        byte[] key = RandomNumberGenerator.GetBytes(SettingChecks.MasterKeyBytes);
        string partial = path + ".new";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (var file = new FileStream(partial, options))
        {
            file.Write(System.Text.Encoding.ASCII.GetBytes(Convert.ToBase64String(key)));
            file.Flush(flushToDisk: true);
        }

        File.Move(partial, path);
        return key;
    }

    private static byte[] Parse(string path, string text)
    {
        byte[] key = new byte[SettingChecks.MasterKeyBytes];
        return Convert.TryFromBase64String(text, key, out int written) && written == key.Length
            ? key
            : throw new InvalidDataException($"{path} does not hold {key.Length} bytes as base64.");
    }
}
