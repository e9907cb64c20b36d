namespace KnowledgePay.Decisions.Projections;

public sealed partial class LiveSignals
{
    /// <summary>Courses that the ranking holds.</summary>
    public const int TrendingKept = 1024;

    /// <summary>Effects after which a ranking is stale, whatever the writer's tick does.</summary>
    public const int TrendingStaleEffects = 4096;

    /// <summary>Age after which a ranking is stale when anything was applied since.</summary>
    public const long TrendingStaleTicks = 5 * TimeSpan.TicksPerSecond;

    private const double HeatDayShare = 3;
    private const double HeatAtMost = 1e9;

    /// <summary>Interest is told apart to a 4096th of a logarithm: silos add the same effects in another order, and what differs in the last digits only must tie.</summary>
    private const float HeatSteps = 4096;

    private readonly Lock _rankingTurn = new();
    private Ranking? _ranking;

    /// <summary>Ordinals of the courses with the most interest now, strongest first, at most <paramref name="count"/> (and <see cref="TrendingKept"/>).</summary>
    /// <remarks>
    /// Answers from the last ranking. Where the writer's tick calls <see cref="RefreshTrending"/> every second no reader ever ranks;
    /// without it, the reader that finds the ranking stale makes the next one (about 3 ms for 100,000 courses) while the others go on with the last.
    /// </remarks>
    public ReadOnlySpan<int> TrendingTop(int count, long nowTicks)
    {
        int[] ranked = RankingAt(nowTicks).Courses;
        return ranked.AsSpan(0, Math.Clamp(count, 0, ranked.Length));
    }

    /// <summary>log(1 + interest), by ordinal, as of the last ranking: interest decayed at a fortnight, and that of the day thrice. Courses past the end have 0.</summary>
    internal ReadOnlySpan<float> LogHeats(long nowTicks) => RankingAt(nowTicks).LogHeats;

    private Ranking RankingAt(long nowTicks)
    {
        Ranking? ranking = Volatile.Read(ref _ranking);
        if (ranking is null)
        {
            lock (_rankingTurn)
            {
                ranking = _ranking ?? Rank(nowTicks);
                Volatile.Write(ref _ranking, ranking);
            }
        }
        else if (IsStale(ranking, nowTicks) && _rankingTurn.TryEnter())
        {
            try
            {
                ranking = Rank(nowTicks);
                Volatile.Write(ref _ranking, ranking);
            }
            finally
            {
                _rankingTurn.Exit();
            }
        }

        return ranking;
    }

    /// <summary>Ranks anew when anything was applied since the last ranking.</summary>
    public void RefreshTrending(long nowTicks)
    {
        lock (_rankingTurn)
        {
            if (_ranking is null || _ranking.Effects != EffectsApplied)
            {
                Volatile.Write(ref _ranking, Rank(nowTicks));
            }
        }
    }

    private bool IsStale(Ranking ranking, long nowTicks)
    {
        long since = EffectsApplied - ranking.Effects;
        return since >= TrendingStaleEffects || (since > 0 && nowTicks - ranking.Ticks >= TrendingStaleTicks);
    }

    /// <remarks>
    /// Between two effects the order of two courses can change only slowly (their two half-lives), so a quiet engine keeps its ranking.
    /// A course whose landmark is being moved while it is read may stand wrong once, until the next ranking; that happens every 64 days.
    /// </remarks>
    private Ranking Rank(long nowTicks)
    {
        long effects = EffectsApplied;
        CourseAggregate?[] courses = Volatile.Read(ref _courses);
        float[] heats = new float[courses.Length];
        var strongest = new PriorityQueue<int, (double Rate, int Order)>(TrendingKept);
        for (int ordinal = 0; ordinal < courses.Length; ordinal++)
        {
            double day = courses[ordinal]?.TrendDayAt(nowTicks) ?? 0;
            double fortnight = courses[ordinal]?.TrendFortnightAt(nowTicks) ?? 0;
            double heat = fortnight + (HeatDayShare * day);
            heats[ordinal] = heat > 0 && double.IsFinite(heat) ? MathF.Round(MathF.Log(1f + (float)Math.Min(heat, HeatAtMost)) * HeatSteps) / HeatSteps : 0f;
            double rate = CourseAggregate.TrendRate(day, fortnight);
            if (rate > 0 && double.IsFinite(rate))
            {
                // Of equals the lower ordinal stands first, so that the ranking is a function of the counts.
                if (strongest.Count < TrendingKept)
                {
                    strongest.Enqueue(ordinal, (rate, -ordinal));
                }
                else
                {
                    strongest.EnqueueDequeue(ordinal, (rate, -ordinal));
                }
            }
        }

        int[] ranked = new int[strongest.Count];
        for (int i = ranked.Length - 1; i >= 0; i--)
        {
            ranked[i] = strongest.Dequeue();
        }

        return new Ranking(ranked, heats, effects, nowTicks);
    }

    private sealed record Ranking(int[] Courses, float[] LogHeats, long Effects, long Ticks);
}
