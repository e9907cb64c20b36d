using KnowledgePay.Decisions.Catalogue;

namespace KnowledgePay.Decisions.Recommending;

/// <summary>From scored candidates to a list: diverse, and now and then with something untried.</summary>
internal static class Reranking
{
    private const int SmallestPool = 40;
    private const int LargestPool = 256;
    private const int MostExplorable = 256;

    /// <summary>
    /// Maximal marginal relevance: each slot goes to the candidate with the highest λ·score − (1 − λ)·(likeness to the nearest course above it), scores scaled to 1.
    /// A slot that a ranking rule pins goes to the best of that rule's candidates first.
    /// Fills <c>Chosen</c> with candidate indices; what is left of the pool stays in <c>Pool</c>, best first, −1 where taken. Returns the list's length.
    /// </summary>
    public static int Rank(in RankingQuestion question)
    {
        RecommendationScratch scratch = question.Scratch;
        Span<ScoredCourse> candidates = scratch.Candidates.AsSpan(0, scratch.CandidateCount);
        ReadOnlySpan<int> degrees = question.Similarity.Degrees;
        Span<ulong> keys = scratch.Order.AsSpan(0, candidates.Length);
        for (int i = 0; i < candidates.Length; i++)
        {
            keys[i] = Selection.Key(candidates[i].Score, i);
        }

        int pool = Selection.SortLargestFirst(keys, Math.Clamp(3 * question.Count, SmallestPool, LargestPool));
        for (int p = 0; p < pool; p++)
        {
            scratch.Pool[p] = Selection.IdOf(keys[p]);
            scratch.Redundancy[p] = 0f;
        }

        BreakTies(candidates, scratch.Pool.AsSpan(0, pool), degrees);
        float top = pool > 0 ? candidates[scratch.Pool[0]].Score : 0f;
        int pins = Pin(question, candidates, pool, out int free);
        int count = Math.Min(question.Count, free + pins);
        float lambda = question.Settings.DiversityLambda;
        float scale = top > 0 ? lambda / top : 0f;
        for (int slot = 0; slot < count; slot++)
        {
            if (scratch.Pinned[slot] < 0 && free == 0)
            {
                MovePinUp(scratch, slot);
            }

            if (scratch.Pinned[slot] >= 0)
            {
                scratch.Chosen[slot] = scratch.Pinned[slot];
                candidates[scratch.Chosen[slot]].Parts.PinnedTo = slot + 1;
                if (lambda < 1f && slot + 1 < count)
                {
                    NoteLikeness(question, candidates, candidates[scratch.Chosen[slot]].Course, pool);
                }

                continue;
            }

            int best = -1;
            float bestValue = float.NegativeInfinity;
            for (int p = 0; p < pool; p++)
            {
                if (scratch.Pool[p] < 0)
                {
                    continue;
                }

                float value = (scale * candidates[scratch.Pool[p]].Score) - ((1f - lambda) * scratch.Redundancy[p]);
                if (value > bestValue)
                {
                    bestValue = value;
                    best = p;
                }
            }

            int chosen = scratch.Pool[best];
            scratch.Chosen[slot] = chosen;
            scratch.Pool[best] = -1;
            free--;
            if (lambda < 1f && slot + 1 < count)
            {
                NoteLikeness(question, candidates, candidates[chosen].Course, pool);
            }
        }

        scratch.PoolCount = pool;
        return count;
    }

    /// <summary>Finds for each pinning rule the best of its candidates that no rule before it took, and takes it out of the pool. Returns how many there are.</summary>
    /// <param name="free">Candidates that the pool still has.</param>
    private static int Pin(in RankingQuestion question, ReadOnlySpan<ScoredCourse> candidates, int pool, out int free)
    {
        RecommendationScratch scratch = question.Scratch;
        Span<int> pinned = scratch.Pinned.AsSpan(0, question.Count);
        pinned.Fill(-1);
        free = pool;
        int pins = 0;
        foreach (RankingRuleEntry rule in question.Rules.Pins)
        {
            int slot = (rule.Rule.Position ?? 1) - 1;
            while (slot < pinned.Length && pinned[slot] >= 0)
            {
                slot++;
            }

            int best = slot < pinned.Length ? BestOf(rule, candidates, pinned) : -1;
            if (best < 0)
            {
                continue;
            }

            pinned[slot] = best;
            pins++;
            int at = scratch.Pool.AsSpan(0, pool).IndexOf(best);
            if (at >= 0)
            {
                scratch.Pool[at] = -1;
                free--;
            }
        }

        return pins;
    }

    private static int BestOf(RankingRuleEntry rule, ReadOnlySpan<ScoredCourse> candidates, ReadOnlySpan<int> taken)
    {
        int best = -1;
        for (int i = 0; i < candidates.Length; i++)
        {
            if (rule.Courses.Contains(candidates[i].Course) && (best < 0 || candidates[i].Score > candidates[best].Score) && !taken.Contains(i))
            {
                best = i;
            }
        }

        return best;
    }

    /// <summary>Where nothing else is left to fill a slot before a pinned one, the list ends with what is pinned.</summary>
    private static void MovePinUp(RecommendationScratch scratch, int slot)
    {
        int next = Array.FindIndex(scratch.Pinned, slot + 1, candidate => candidate >= 0);
        (scratch.Pinned[slot], scratch.Pinned[next]) = (scratch.Pinned[next], -1);
    }

    /// <summary>With the settings' rate, puts (for a person who lets the list be theirs) a fresh or rarely taken course into one slot. Returns the chance with which a course in a contested slot keeps it.</summary>
    public static double Explore(in RankingQuestion question, ref int ranked)
    {
        RecommendationSettings settings = question.Settings;
        RecommendationScratch scratch = question.Scratch;
        // What a rule has pinned is not up for anything else.
        int contested = 0;
        for (int slot = settings.ExplorationFreeSlots; slot < ranked; slot++)
        {
            contested += scratch.Pinned[slot] < 0 ? 1 : 0;
        }

        if (contested <= 0 || settings.ExplorationRate <= 0 || question.Audience != Audience.Person)
        {
            return 1;
        }

        // Whether the dice say so is known first, so that nineteen answers in twenty only ask whether there is anything to explore.
        var dice = new SplitMix(question.Context.Seed);
        bool explores = dice.NextUnit() < settings.ExplorationRate;
        int n = Explorable(question, ranked, explores ? MostExplorable : 1);
        if (n == 0)
        {
            return 1;
        }

        if (explores)
        {
            int course = (int)scratch.Order[dice.Next(n)];
            int slot = settings.ExplorationFreeSlots;
            for (int passed = dice.Next(contested); passed > 0 || scratch.Pinned[slot] >= 0; slot++)
            {
                passed -= scratch.Pinned[slot] < 0 ? 1 : 0;
            }

            int at = IndexOf(scratch, course);
            scratch.Candidates[at].Parts.Explore = 1f;
            scratch.Candidates[at].Propensity = settings.ExplorationRate / (double)n;
            scratch.Chosen[slot] = at;
            for (int p = 0; p < scratch.PoolCount; p++)
            {
                if (scratch.Pool[p] == at)
                {
                    scratch.Pool[p] = -1;
                }
            }
        }

        return 1 - (settings.ExplorationRate / (double)contested);
    }

    /// <summary>Admissible courses outside the list, half of them the freshest, half those that fewest people took; written to <c>Order</c>.</summary>
    private static int Explorable(in RankingQuestion question, int ranked, int most)
    {
        Span<ulong> found = question.Scratch.Order;
        int n = 0;
        foreach (int fresh in question.Catalogue.Freshest)
        {
            if (n >= (most + 1) / 2)
            {
                break;
            }

            Try(question, ranked, fresh, found, ref n);
        }

        ReadOnlySpan<int> byDegree = question.Similarity.ByDegree;
        int tried = Math.Min(byDegree.Length, MostExplorable);
        for (int i = 0; i < tried && n < most; i++)
        {
            Try(question, ranked, byDegree[byDegree.Length - 1 - i], found, ref n);
        }

        return n;
    }

    private static void Try(in RankingQuestion question, int ranked, int course, Span<ulong> found, ref int n)
    {
        if (!question.IsAdmissible(course) || found[..n].Contains((ulong)course))
        {
            return;
        }

        RecommendationScratch scratch = question.Scratch;
        for (int i = 0; i < ranked; i++)
        {
            if (scratch.Candidates[scratch.Chosen[i]].Course == course)
            {
                return;
            }
        }

        found[n++] = (ulong)course;
    }

    private static int IndexOf(RecommendationScratch scratch, int course)
    {
        for (int i = 0; i < scratch.CandidateCount; i++)
        {
            if (scratch.Candidates[i].Course == course)
            {
                return i;
            }
        }

        // Not among the candidates: it takes the room after them, or that of the last when there is none.
        int at = Math.Min(scratch.CandidateCount, RecommendationScratch.MostCandidates);
        scratch.CandidateCount = Math.Min(at + 1, RecommendationScratch.MostCandidates);
        scratch.Candidates[at] = new ScoredCourse { Course = course, NearestAnchor = -1 };
        return at;
    }

    /// <summary>Equal scores: the course that more people took, then the lower ordinal. Keys tie by place among the candidates, which is no order to rank by.</summary>
    private static void BreakTies(ReadOnlySpan<ScoredCourse> candidates, Span<int> pool, ReadOnlySpan<int> degrees)
    {
        for (int p = 1; p < pool.Length; p++)
        {
            int moving = pool[p];
            int place = p;
            while (place > 0 && candidates[pool[place - 1]].Score == candidates[moving].Score && Precedes(candidates[moving].Course, candidates[pool[place - 1]].Course, degrees))
            {
                pool[place] = pool[place - 1];
                place--;
            }

            pool[place] = moving;
        }
    }

    private static bool Precedes(int a, int b, ReadOnlySpan<int> degrees)
    {
        int byA = (uint)a < (uint)degrees.Length ? degrees[a] : 0;
        int byB = (uint)b < (uint)degrees.Length ? degrees[b] : 0;
        return byA != byB ? byA > byB : a < b;
    }

    private static void NoteLikeness(in RankingQuestion question, ReadOnlySpan<ScoredCourse> candidates, int chosen, int pool)
    {
        RecommendationScratch scratch = question.Scratch;
        CatalogueSnapshot catalogue = question.Catalogue;
        int category = catalogue.Facts[chosen].Category;
        float same = question.Settings.SameCategorySimilarity;
        for (int p = 0; p < pool; p++)
        {
            if (scratch.Pool[p] < 0)
            {
                continue;
            }

            int course = candidates[scratch.Pool[p]].Course;
            float likeness = Math.Max(0f, VectorScan.Similarity(catalogue.Vectors, chosen, course));
            if (category >= 0 && catalogue.Facts[course].Category == category)
            {
                likeness = Math.Min(1f, likeness + same);
            }

            scratch.Redundancy[p] = Math.Max(scratch.Redundancy[p], likeness);
        }
    }
}
