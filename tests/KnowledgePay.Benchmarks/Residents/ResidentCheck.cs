using System.Diagnostics;
using System.Globalization;
using KnowledgePay.Benchmarks.Worlds;

namespace KnowledgePay.Benchmarks.Residents;

/// <summary>What an active person costs in memory, all told, and how fast people are activated from their snapshots. Prints; judges nothing.</summary>
internal static class ResidentCheck
{
    public const int DefaultPeople = 5_000;
    private const int Courses = 10_000;
    private const int AtOnce = 64;

    public static async Task<int> Run(TextWriter output, int people)
    {
        HostedSilo filled = await HostedSilo.Start(Courses, people).ConfigureAwait(false);
        HostedSilo silo = await filled.Reopen().ConfigureAwait(false);
        await using (silo.ConfigureAwait(false))
        {
            // One is activated before, so that what is made once is there.
            await silo.User(0).View().ConfigureAwait(false);
            long before = Settled();
            long started = Stopwatch.GetTimestamp();
            await Parallel.ForAsync(1, people, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (user, _) => await silo.User(user).GetConsent().ConfigureAwait(false)).ConfigureAwait(false);
            TimeSpan took = Stopwatch.GetElapsedTime(started);
            long after = Settled();
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{people} people of {LearnedHistories.ShortestHistory} to {LearnedHistories.LongestHistory} courses: {(after - before) / (people - 1)} bytes each, {(people - 1) / took.TotalSeconds:F0} activated a second from snapshots"));
        }

        return 0;
    }

    private static long Settled()
    {
        for (int i = 0; i < 3; i++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }

        return GC.GetTotalMemory(forceFullCollection: true);
    }
}
