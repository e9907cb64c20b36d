using System.Diagnostics;

namespace KnowledgePay.Cluster.Tests;

/// <summary>A process's wall clock, set by a test while the process runs (libfaketime). Its monotonic clock goes on as it is, as when somebody sets a machine's time.</summary>
public sealed class FakedClock : IDisposable
{
    private const string Library = "libfaketime.so.1";

    private readonly string _file;

    private FakedClock(string library)
    {
        _file = Path.GetTempFileName();
        Shift(TimeSpan.Zero);
        Settings = new Dictionary<string, string>
        {
            ["LD_PRELOAD"] = library,
            ["FAKETIME_TIMESTAMP_FILE"] = _file,
            ["FAKETIME_CACHE_DURATION"] = "1",
            ["FAKETIME_DONT_FAKE_MONOTONIC"] = "1",
            // Without it the library spins in waits on the monotonic clock, which are all of .NET's.
            ["FAKETIME_FORCE_MONOTONIC_FIX"] = "0",
        };
    }

    /// <summary>What a process is started with to live by this clock.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; }

    /// <summary>A clock that is right so far, or skips the test where the library is not installed.</summary>
    public static FakedClock Create()
    {
        string? library = Directory.Exists("/usr/lib")
            ? Directory.EnumerateFiles("/usr/lib", Library, new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 3, IgnoreInaccessible = true }).FirstOrDefault()
            : null;
        if (library is null)
        {
            Assert.Skip($"{Library} is not installed (Debian's package faketime).");
        }

        return new FakedClock(library);
    }

    /// <summary>How far the clock is from the machine's from now on; the process sees it within a second.</summary>
    public void Shift(TimeSpan shift) => File.WriteAllText(_file, $"{(shift < TimeSpan.Zero ? "" : "+")}{(long)shift.TotalSeconds}\n");

    /// <summary>Waits until a silo answers by it, and says how long that took.</summary>
    public static async Task<TimeSpan> Seen(SiloProcess silo, TimeSpan shift) => await Calls.Until(async () =>
    {
        using HttpResponseMessage answer = await silo.Http.GetAsync("/health/ready");
        TimeSpan? seen = answer.Headers.Date - DateTimeOffset.UtcNow;
        return (seen is { } s && (s - shift).Duration() < TimeSpan.FromSeconds(10), $"{silo.Name}'s clock is {seen} from ours, not {shift}");
    });

    public void Dispose() => File.Delete(_file);
}
