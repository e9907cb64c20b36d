using System.Globalization;

namespace KnowledgePay.Cli.Importing;

/// <summary>Notes which lines the server has acknowledged: <c>first,last,accepted,duplicates</c> a batch, written once its answer is here.</summary>
internal sealed class AckLog(string path) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly StreamWriter _writer = new(new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read)) { AutoFlush = true };

    public void Note(LineBatch batch, long accepted, long duplicates)
    {
        lock (_gate)
        {
            _writer.Write(string.Create(CultureInfo.InvariantCulture, $"{batch.FirstLine},{batch.LastLine},{accepted},{duplicates}\n"));
        }
    }

    public void Dispose() => _writer.Dispose();
}
