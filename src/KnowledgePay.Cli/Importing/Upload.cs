using System.Globalization;
using KnowledgePay.Cli.CommandLine;
using KnowledgePay.Cli.Terminal;
using KnowledgePay.Client.Wire;
using KnowledgePay.Learning.Files;

namespace KnowledgePay.Cli.Importing;

/// <summary>What the server said about a batch.</summary>
internal readonly record struct BatchReceipt(long Accepted, long Duplicates, IReadOnlyList<RejectedLine> Rejected);

/// <summary>Sends batches with several requests in flight and adds up what became of them.</summary>
internal sealed class Upload(CliConsole console, InputFile file, string unit, AckLog? ackLog)
{
    private const int RejectedShown = 20;

    private readonly Lock _gate = new();
    private readonly List<(long Line, string Reason)> _rejected = [];
    private long _accepted;
    private long _duplicates;
    private long _rejectedCount;

    /// <summary>Sends all; prints the totals; returns the exit code.</summary>
    /// <exception cref="InputException">The file is wrong; what came before the error was sent.</exception>
    public async Task<int> Run(IEnumerable<LineBatch> batches, int parallel, Func<LineBatch, CancellationToken, Task<BatchReceipt>> send, CancellationToken cancellation)
    {
        long started = console.Time.GetTimestamp();
        await ProgressDisplay.Run(console, $"import {Path.GetFileName(file.Name)}", async display =>
        {
            var limits = new ParallelOptions { MaxDegreeOfParallelism = parallel, CancellationToken = cancellation };

            // A batch that is on its way when another fails is finished: the outer token is the only one that stops it.
            await Parallel.ForEachAsync(batches, limits, async (batch, _) =>
            {
                BatchReceipt receipt = await send(batch, cancellation).ConfigureAwait(false);
                ackLog?.Note(batch, receipt.Accepted, receipt.Duplicates);
                display.Report(file.FractionRead, Add(batch, receipt), unit);
            }).ConfigureAwait(false);
            return 0;
        }).ConfigureAwait(false);

        double seconds = console.Time.GetElapsedTime(started).TotalSeconds;
        Print(seconds);
        return _rejectedCount == 0 ? KpayCommandLine.Done : KpayCommandLine.WrongInput;
    }

    private long Add(LineBatch batch, BatchReceipt receipt)
    {
        lock (_gate)
        {
            _accepted += receipt.Accepted;
            _duplicates += receipt.Duplicates;
            _rejectedCount += receipt.Rejected.Count;
            foreach (RejectedLine line in receipt.Rejected)
            {
                _rejected.Add((batch.LineOf(line.Index), line.Describe()));
            }

            // The first of the file are shown, and batches come back in any order.
            if (_rejected.Count > RejectedShown)
            {
                _rejected.Sort();
                _rejected.RemoveRange(RejectedShown, _rejected.Count - RejectedShown);
            }

            return _accepted + _duplicates + _rejectedCount;
        }
    }

    private void Print(double seconds)
    {
        _rejected.Sort();
        foreach ((long line, string reason) in _rejected)
        {
            console.Error.WriteLine($"{file.Name}:{line}:1: rejected by the server: {reason}");
        }

        if (_rejectedCount > _rejected.Count)
        {
            console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"… and {_rejectedCount - _rejected.Count} more."));
        }

        long all = _accepted + _duplicates + _rejectedCount;
        console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"accepted   {_accepted}"));
        console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"duplicates {_duplicates}"));
        console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"rejected   {_rejectedCount}"));
        console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"seconds    {seconds:F2}"));
        console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{unit}/s   {all / Math.Max(seconds, 1e-9):F0}"));
    }
}
