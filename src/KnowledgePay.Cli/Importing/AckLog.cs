using System.Globalization;
using KnowledgePay.Learning.Files;

namespace KnowledgePay.Cli.Importing;

/// <summary>Notes which lines the server has acknowledged: <c>first,last,accepted,duplicates</c> a batch, written once its answer is here.</summary>
internal sealed class AckLog(string path) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly StreamWriter _writer = new(Open(path)) { AutoFlush = true };

    public void Note(LineBatch batch, long accepted, long duplicates)
    {
        lock (_gate)
        {
            _writer.Write(string.Create(CultureInfo.InvariantCulture, $"{batch.FirstLine},{batch.LastLine},{accepted},{duplicates}\n"));
        }
    }

    public void Dispose() => _writer.Dispose();

    private static FileStream Open(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"--ack-log {path}: expected a file that can be written. {refused.Message}");
        }
    }
}
