namespace KnowledgePay.Decisions.Projections;

public sealed partial class LiveSignals
{
    /// <summary>Courses that the ranking of a region holds.</summary>
    public const int RegionalKept = 64;

    /// <summary>What a region takes changes slowly, and looking through all courses' regions takes some ten milliseconds for 100,000 of them.</summary>
    private const long RegionalStaleTicks = TimeSpan.TicksPerMinute;

    private readonly Lock _regionalTurn = new();
    private RegionalRanking? _regional;

    /// <summary>Ordinals of the courses that most people of a region took, most first, at most <see cref="RegionalKept"/>; none for a region of which nobody took any.</summary>
    /// <param name="takings">Courses that people of the region took, all told.</param>
    internal ReadOnlySpan<int> RegionalTop(byte region, long nowTicks, out long takings)
    {
        RegionalRanking? ranking = Volatile.Read(ref _regional);
        if (ranking is null)
        {
            lock (_regionalTurn)
            {
                ranking = _regional ??= RankRegions(nowTicks);
            }
        }
        else if (nowTicks - ranking.Ticks >= 2 * RegionalStaleTicks && ranking.Effects != EffectsApplied && _regionalTurn.TryEnter())
        {
            // Nobody's tick has seen to it.
            try
            {
                ranking = RankRegions(nowTicks);
                Volatile.Write(ref _regional, ranking);
            }
            finally
            {
                _regionalTurn.Exit();
            }
        }

        takings = ranking.Takings[region];
        return ranking.Courses[region];
    }

    /// <summary>Ranks regions anew when that was long ago and anything was applied since.</summary>
    public void RefreshRegions(long nowTicks)
    {
        lock (_regionalTurn)
        {
            if (_regional is null || (_regional.Effects != EffectsApplied && nowTicks - _regional.Ticks >= RegionalStaleTicks))
            {
                Volatile.Write(ref _regional, RankRegions(nowTicks));
            }
        }
    }

    private RegionalRanking RankRegions(long nowTicks)
    {
        long effects = EffectsApplied;
        CourseAggregate?[] courses = Volatile.Read(ref _courses);
        var most = new PriorityQueue<int, (long Count, int Order)>?[byte.MaxValue + 1];
        long[] takings = new long[most.Length];
        for (int ordinal = 0; ordinal < courses.Length; ordinal++)
        {
            foreach (long one in courses[ordinal]?.RegionMix ?? [])
            {
                byte region = RegionMix.RegionOf(one);
                takings[region] += RegionMix.CountOf(one);
                PriorityQueue<int, (long, int)> queue = most[region] ??= new PriorityQueue<int, (long, int)>(RegionalKept + 1);
                // Of equals the lower ordinal stands first, so that the ranking is a function of the counts.
                queue.Enqueue(ordinal, (RegionMix.CountOf(one), -ordinal));
                if (queue.Count > RegionalKept)
                {
                    queue.Dequeue();
                }
            }
        }

        int[][] ranked = new int[most.Length][];
        for (int region = 0; region < ranked.Length; region++)
        {
            ranked[region] = new int[most[region]?.Count ?? 0];
            for (int i = ranked[region].Length - 1; i >= 0; i--)
            {
                ranked[region][i] = most[region]!.Dequeue();
            }
        }

        return new RegionalRanking(ranked, takings, effects, nowTicks);
    }

    private sealed record RegionalRanking(int[][] Courses, long[] Takings, long Effects, long Ticks);
}
