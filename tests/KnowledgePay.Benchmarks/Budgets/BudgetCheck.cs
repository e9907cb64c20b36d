using System.Globalization;
using KnowledgePay.Benchmarks.Decisions;
using KnowledgePay.Benchmarks.Silo;
using KnowledgePay.Benchmarks.Worlds;
using KnowledgePay.Contracts.Events;
using KnowledgePay.Decisions.Profiles;
using KnowledgePay.Decisions.Projections;

namespace KnowledgePay.Benchmarks.Budgets;

/// <summary>Measures allocated bytes an operation and compares them with their budgets: the same on every machine, where a time is not.</summary>
internal static class BudgetCheck
{
    private const int Courses = 10_000;
    private const int People = 300;
    private const int WarmUp = 2_000;
    private const int Measured = 4_000;
    private const int InFlight = 16;
    private const int TypesShown = 14;

    public static async Task<int> Run(TextWriter output)
    {
        List<Figure> figures = [.. Pure(), .. await InSilo().ConfigureAwait(false)];
        output.WriteLine("operation                  bytes/op     budget");
        foreach (Figure figure in figures)
        {
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{figure.Name,-24} {figure.Bytes,10:F0} {figure.Budget,10}{(figure.IsOver ? "  over" : "")}"));
        }

        int over = figures.Count(figure => figure.IsOver);
        output.WriteLine(over == 0 ? "all within budget" : string.Create(CultureInfo.InvariantCulture, $"{over} over budget"));
        return over == 0 ? 0 : 1;
    }

    private static IEnumerable<Figure> Pure()
    {
        var world = new DecisionWorld(Courses, People, new DateTimeOffset(2026, 6, 1, 12, 0, 0, TimeSpan.Zero));
        StoredEvent viewed = world.Stored("view", world.Now, new CourseViewed { CourseId = "c7", Seconds = 30 });
        var effects = new EffectBuffer();
        return
        [
            new("pure recommend", OnThread(turn => DecisionBenchmarks.RecommendOne(world, turn)), AllocationBudgets.PureRecommend),
            new("pure price", OnThread(turn => DecisionBenchmarks.PriceOne(world, turn)), AllocationBudgets.PurePrice),
            new("pure credit", OnThread(turn => DecisionBenchmarks.CreditOne(world, turn)), AllocationBudgets.PureCredit),
            new("pure offers", OnThread(turn => DecisionBenchmarks.OffersOne(world, turn)), AllocationBudgets.PureOffers),
            new("pure fold", OnThread(turn => DecisionBenchmarks.FoldOne(world, viewed, turn, ref effects)), AllocationBudgets.PureFold),
        ];
    }

    /// <summary>Prints which types an operation in the silo allocates: where to look when a budget is over.</summary>
    public static async Task<int> Types(TextWriter output)
    {
        HostedSilo silo = await HostedSilo.Start(Courses, People).ConfigureAwait(false);
        await using (silo.ConfigureAwait(false))
        {
            using var types = new AllocatedTypes();
            async Task Print(string operation, Task measuring)
            {
                await measuring.ConfigureAwait(false);
                types.Print(output, operation, TypesShown);
                types.Clear();
            }

            types.Clear();
            await Print("recommend", InProcess(turn => SiloBenchmarks.RecommendOne(silo, turn))).ConfigureAwait(false);
            await Print("price", InProcess(turn => SiloBenchmarks.PriceOne(silo, turn))).ConfigureAwait(false);
            await Print("event", InProcess(turn => SiloBenchmarks.EventOne(silo, turn))).ConfigureAwait(false);
        }

        return 0;
    }

    private static async Task<IEnumerable<Figure>> InSilo()
    {
        HostedSilo silo = await HostedSilo.Start(Courses, People).ConfigureAwait(false);
        await using (silo.ConfigureAwait(false))
        {
            return
            [
                new("silo recommend", await InProcess(turn => SiloBenchmarks.RecommendOne(silo, turn)).ConfigureAwait(false), AllocationBudgets.SiloRecommend),
                new("silo price", await InProcess(turn => SiloBenchmarks.PriceOne(silo, turn)).ConfigureAwait(false), AllocationBudgets.SiloPrice),
                new("silo event", await InProcess(turn => SiloBenchmarks.EventOne(silo, turn)).ConfigureAwait(false), AllocationBudgets.SiloEvent),
            ];
        }
    }

    private static double OnThread<T>(Func<int, T> operation)
    {
        for (int turn = 0; turn < WarmUp; turn++)
        {
            operation(turn);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int turn = WarmUp; turn < WarmUp + Measured; turn++)
        {
            operation(turn);
        }

        return (GC.GetAllocatedBytesForCurrentThread() - before) / (double)Measured;
    }

    /// <summary>Everything that the process allocates meanwhile counts: records, journal, projections, timers. The least of three rounds, as background work only adds.</summary>
    private static async Task<double> InProcess<T>(Func<int, ValueTask<T>> operation)
    {
        int turn = 0;
        await Round(WarmUp).ConfigureAwait(false);
        double least = double.PositiveInfinity;
        for (int round = 0; round < 3; round++)
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            await Round(Measured).ConfigureAwait(false);
            least = Math.Min(least, (GC.GetTotalAllocatedBytes(precise: true) - before) / (double)Measured);
        }

        return least;

        Task Round(int count)
        {
            int end = turn + count;
            async Task Work()
            {
                for (int mine; (mine = Interlocked.Increment(ref turn)) <= end;)
                {
                    await operation(mine).ConfigureAwait(false);
                }
            }

            return Task.WhenAll(Enumerable.Range(0, InFlight).Select(_ => Task.Run(Work)));
        }
    }

    private readonly record struct Figure(string Name, double Bytes, int Budget)
    {
        public bool IsOver => Bytes > Budget;
    }
}
