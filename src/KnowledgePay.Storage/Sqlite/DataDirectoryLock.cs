using System.Globalization;
using System.Text;

namespace KnowledgePay.Storage.Sqlite;

/// <summary>Holds a data directory for one process: its journal has one writer. The operating system releases it when the process dies.</summary>
internal sealed class DataDirectoryLock : IDisposable
{
    public const string Name = "engine.lock";

    private readonly FileStream _file;

    private DataDirectoryLock(FileStream file) => _file = file;

    /// <exception cref="InvalidOperationException">Another process, or another store in this one, has the directory open.</exception>
    public static DataDirectoryLock Take(string directory)
    {
        string path = Path.Combine(directory, Name);
        try
        {
            var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            file.SetLength(0);
            file.Write(Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture)));
            file.Flush();
            return new DataDirectoryLock(file);
        }
        catch (IOException failure)
        {
            throw new InvalidOperationException($"The data directory {directory} is in use by another process (or cannot be locked: {failure.Message}). Stop that process, or use another directory.", failure);
        }
    }

    public void Dispose() => _file.Dispose();
}
