using System.Globalization;
using Spectre.Console;

namespace KnowledgePay.Cli.Terminal;

/// <summary>Shows how far a long piece of work is: a bar on a terminal, a plain line every few seconds elsewhere.</summary>
public sealed class ProgressDisplay
{
    private static readonly TimeSpan LineEvery = TimeSpan.FromSeconds(5);

    private readonly CliConsole _console;
    private readonly string _title;
    private readonly ProgressTask? _bar;
    private readonly Lock _gate = new();
    private readonly long _started;
    private long _lastLine;

    private ProgressDisplay(CliConsole console, string title, ProgressTask? bar)
    {
        (_console, _title, _bar) = (console, title, bar);
        _started = _lastLine = console.Time.GetTimestamp();
    }

    /// <summary>Runs <paramref name="work"/> with a display that lives as long as it does.</summary>
    public static async Task<T> Run<T>(CliConsole console, string title, Func<ProgressDisplay, Task<T>> work)
    {
        if (!console.IsTerminal)
        {
            return await work(new ProgressDisplay(console, title, null)).ConfigureAwait(false);
        }

        IAnsiConsole ansi = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(console.Error) });
        return await ansi.Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn())
            .StartAsync(context => work(new ProgressDisplay(console, title, context.AddTask(Markup.Escape(title))))).ConfigureAwait(false);
    }

    /// <summary>Says how far the work is; may be called from any thread.</summary>
    /// <param name="fraction">0–1.</param>
    /// <param name="count">What is done, in <paramref name="unit"/>.</param>
    public void Report(double fraction, long count, string unit)
    {
        lock (_gate)
        {
            double percent = Math.Clamp(fraction, 0, 1) * 100;
            if (_bar is not null)
            {
                _bar.Value = percent;
                _bar.Description = Markup.Escape(string.Create(CultureInfo.InvariantCulture, $"{_title} {count:N0} {unit}"));
                return;
            }

            if (_console.Time.GetElapsedTime(_lastLine) < LineEvery)
            {
                return;
            }

            _lastLine = _console.Time.GetTimestamp();
            double seconds = _console.Time.GetElapsedTime(_started).TotalSeconds;
            _console.Error.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{_title}: {percent:F0} %, {count} {unit} in {seconds:F0} s ({count / seconds:F0}/s)"));
        }
    }
}
