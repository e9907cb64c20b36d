using System.Numerics.Tensors;
using KnowledgePay.Decisions.Catalogue;
using KnowledgePay.Decisions.Recommending.Models;

namespace KnowledgePay.Decisions.Recommending;

/// <summary>Collects the courses that are worth a full score, each once and only admissible ones.</summary>
internal static class CandidateGathering
{
    private const int FewestCollaborative = 128;
    private const int FewestLearned = 64;
    private const int FewestNear = 48;
    private const int FewestPopular = 48;
    private const int HottestForPerson = 24;
    private const int FreshestTried = 24;
    private const int FewestOfConcept = 6;
    private const int MostOfConceptRead = 96;
    private const int MostOfCategoryRead = 4096;
    private const int MostOfRule = 64;
    private const int MostTriedForRule = 4096;

    public static void Gather(in RankingQuestion question)
    {
        int count = question.Count;
        AddRuled(question);
        if (question.Audience == Audience.Person)
        {
            AddCollaborative(question, Math.Max(FewestCollaborative, 3 * count));
            AddLearned(question, Math.Max(FewestLearned, 3 * count));
            if (question.Settings.LeadsWeight > 0)
            {
                question.Scratch.LearningOrder.Gather(question);
            }
        }

        if (question.Page is { } page && question.Audience != Audience.Anyone)
        {
            foreach (int neighbour in question.Similarity.Row(page.Ordinal).Items)
            {
                Offer(question, neighbour);
            }

            foreach (int near in PageNeighbours.Of(question.Catalogue.Vectors, page.Ordinal))
            {
                Offer(question, near);
            }
        }

        if (question.Audience == Audience.Person)
        {
            AddNear(question, Math.Max(FewestNear, count));
            foreach (int concept in question.Scratch.Concepts.Strongest)
            {
                AddMostTaken(question, question.Catalogue.Graph.Teaching(concept), MostOfConceptRead, FewestOfConcept);
            }
        }

        if (question.Page is { Category: >= 0 })
        {
            AddMostTaken(question, question.Catalogue.InCategory(question.Page.Category), MostOfCategoryRead, Math.Max(FewestPopular, count));
        }

        foreach (int popular in question.Similarity.PopularTop(Math.Max(FewestPopular, 2 * count)))
        {
            Offer(question, popular);
        }

        int hottest = question.Audience is Audience.Person or Audience.Page ? HottestForPerson : Math.Max(FewestPopular, 2 * count);
        foreach (int hot in question.Context.Signals.TrendingTop(hottest, question.Context.Now.UtcTicks))
        {
            Offer(question, hot);
        }

        if (question.Region != Projections.RegionMix.None)
        {
            foreach (int regional in question.Context.Signals.RegionalTop(question.Region, question.Context.Now.UtcTicks, out _))
            {
                Offer(question, regional);
            }
        }

        foreach (int fresh in question.Catalogue.Freshest.AsSpan(0, Math.Min(FreshestTried, question.Catalogue.Freshest.Length)))
        {
            Offer(question, fresh);
        }

        Fill(question);
    }

    /// <summary>Takes a course among the candidates if it may be in the answer and there is room.</summary>
    /// <returns>Whether it was taken now.</returns>
    public static bool Offer(in RankingQuestion question, int ordinal)
    {
        RecommendationScratch scratch = question.Scratch;
        if ((uint)ordinal >= (uint)question.Catalogue.Courses.Length || scratch.CandidateCount == RecommendationScratch.MostCandidates || !scratch.MarkGathered(ordinal))
        {
            return false;
        }

        scratch.Seen++;
        if (!question.IsAdmissible(ordinal))
        {
            return false;
        }

        scratch.Candidates[scratch.CandidateCount++] = new ScoredCourse { Course = ordinal, NearestAnchor = -1 };
        return true;
    }

    /// <summary>What rules lift or pin must be there to be lifted: of few courses all, of many half of those that most people took and half of the newest.</summary>
    private static void AddRuled(in RankingQuestion question)
    {
        foreach (RankingRuleEntry pin in question.Rules.Pins)
        {
            AddRuled(question, pin.Courses);
        }

        foreach (RankingRuleEntry boost in question.Rules.Boosts)
        {
            if (boost.Rule.Weight > 0)
            {
                AddRuled(question, boost.Courses);
            }
        }
    }

    private static void AddRuled(in RankingQuestion question, CourseSet courses)
    {
        // So many rules can hold at once that together they would leave no room for anything else.
        int room = Math.Min(MostOfRule, (RecommendationScratch.MostCandidates / 2) - question.Scratch.CandidateCount);
        int offered = 0;
        if (courses.Count <= MostOfRule)
        {
            for (int course = courses.Next(0); course >= 0 && offered < room; course = courses.Next(course + 1), offered++)
            {
                Offer(question, course);
            }

            return;
        }

        int tried = 0;
        foreach (int popular in question.Similarity.ByDegree)
        {
            if (offered >= room / 2 || ++tried > MostTriedForRule)
            {
                break;
            }

            if (courses.Contains(popular))
            {
                Offer(question, popular);
                offered++;
            }
        }

        for (int course = courses.Before(question.Catalogue.Courses.Length); course >= 0 && offered < room; course = courses.Before(course), offered++)
        {
            Offer(question, course);
        }
    }

    /// <summary>score(i) = (Σ over the history j of T_ji) / C_i^g, g = 0.6·h/(h + 8): the longer the history, the less a course gains by being everybody's neighbour.</summary>
    private static void AddCollaborative(in RankingQuestion question, int most)
    {
        RecommendationScratch scratch = question.Scratch;
        ItemSimilarity similarity = question.Similarity;
        int courses = question.Catalogue.Courses.Length;
        foreach (int source in question.History)
        {
            NeighbourRow row = similarity.Row(source);
            int[] items = row.Items;
            float[] weights = row.Weights;
            for (int k = 0; k < items.Length && k < weights.Length; k++)
            {
                // A course that this silo's catalogue does not have yet may already have been taken elsewhere.
                if ((uint)items[k] < (uint)courses)
                {
                    scratch.Accumulate(items[k], weights[k]);
                }
            }
        }

        if (scratch.Touched.IsEmpty)
        {
            return;
        }

        float exponent = similarity.Kernel == SimilarityKernel.Residual
            ? ItemSimilarity.InflowExponentFor(similarity.People) * question.History.Length / (question.History.Length + 8f)
            : 0f;
        ReadOnlySpan<float> logs = similarity.LogInflows;
        Span<ulong> keys = scratch.Keys;
        var largest = new LargestKeys(keys[..LargestKeys.RoomFor(most)], most);
        foreach (int target in scratch.Touched)
        {
            ref float sum = ref scratch.SumOf(target);
            if (exponent > 0 && (uint)target < (uint)logs.Length)
            {
                sum *= MathF.Exp(-exponent * logs[target]);
            }

            if (!scratch.IsOwned(target))
            {
                largest.Add(sum, target);
            }
        }

        int n = largest.Finish();
        float best = 0f;
        foreach (ulong key in keys[..n])
        {
            best = Math.Max(best, Selection.ScoreOf(key));
            Offer(question, Selection.IdOf(key));
        }

        Want(question, keys[..n], 0f, best);
    }

    /// <summary>The learned model's best. Its scores have no scale of their own: the best becomes 1, the mean of all and what is below it 0.</summary>
    private static void AddLearned(in RankingQuestion question, int most)
    {
        RecommendationScratch scratch = question.Scratch;
        if (question.Context.Learned is not { } learned || question.History.IsEmpty)
        {
            return;
        }

        ReadOnlySpan<HistoryEntry> history = learned.HistoryOf(question.Catalogue, question.History, scratch.LearnedHistory);
        if (history.IsEmpty)
        {
            return;
        }

        ReadOnlySpan<int> courses = learned.Courses(question.Catalogue);
        if (scratch.Keys.Length < courses.Length)
        {
            scratch.Keys = new ulong[courses.Length];
        }

        Span<ulong> keys = scratch.Keys;
        int n = learned.IsShortlisted
            ? ShortlistLearned(question, learned, history, courses, most, keys)
            : ScoreLearned(question, learned, history, courses, most, keys);
        Selection.MoveLargestFirst(keys[..n], most);
        n = Math.Min(n, most);
        float best = float.NegativeInfinity;
        foreach (ulong key in keys[..n])
        {
            best = Math.Max(best, Selection.ScoreOf(key));
            Offer(question, Selection.IdOf(key));
        }

        scratch.LearnedScale = best > scratch.LearnedFloor ? 1f / (best - scratch.LearnedFloor) : 0f;
        Want(question, keys[..n], scratch.LearnedFloor, best);
    }

    /// <summary>Notes what of the best the person is not ready for.</summary>
    private static void Want(in RankingQuestion question, ReadOnlySpan<ulong> keys, float floor, float best)
    {
        if (question.Settings.LeadsWeight == 0 || best <= floor)
        {
            return;
        }

        foreach (ulong key in keys)
        {
            if (Selection.ScoreOf(key) > floor && question.IsBlocked(Selection.IdOf(key)))
            {
                question.Scratch.LearningOrder.Want(Selection.IdOf(key), question.Settings.LeadsWeight * (Selection.ScoreOf(key) - floor) / (best - floor));
            }
        }
    }

    /// <summary>Keys of those of the model's items that it scores highest and the person does not own.</summary>
    private static int ScoreLearned(
        in RankingQuestion question, LearnedRecommender learned, ReadOnlySpan<HistoryEntry> history, ReadOnlySpan<int> courses, int most, Span<ulong> keys)
    {
        RecommendationScratch scratch = question.Scratch;
        if (scratch.LearnedScores.Length < learned.Items)
        {
            scratch.LearnedScores = new float[learned.Items];
        }

        float[] scores = scratch.LearnedScores;
        learned.Score(history, scores);
        var largest = new LargestKeys(keys[..LargestKeys.RoomFor(most)], most);
        int n = 0;
        double sum = 0;
        for (int item = 0; item < courses.Length; item++)
        {
            if (courses[item] >= 0 && !scratch.IsOwned(courses[item]) && float.IsFinite(scores[item]))
            {
                sum += scores[item];
                n++;
                largest.Add(scores[item], courses[item]);
            }
        }

        scratch.LearnedFloor = (float)(sum / Math.Max(1, n));
        return largest.Finish();
    }

    /// <summary>Keys of those of the model's items that it finds highest.</summary>
    private static int ShortlistLearned(
        in RankingQuestion question, LearnedRecommender learned, ReadOnlySpan<HistoryEntry> history, ReadOnlySpan<int> courses, int most, Span<ulong> keys)
    {
        RecommendationScratch scratch = question.Scratch;
        scratch.BeginShortlist(learned, history.Length, ShortlistKey.Of(question, most));
        if (!learned.Memory.Recall(scratch))
        {
            Shortlist list = scratch.ReadShortlist();
            double sum = list.Sum();
            foreach (HistoryEntry entry in history)
            {
                sum -= list.Score(entry.Item);
            }

            scratch.LearnedFloor = (float)(sum / Math.Max(1, learned.Items - history.Length));
            scratch.Found.Clear();
            list.Collect(most + history.Length, ref scratch.Found);
            foreach (int item in scratch.Found.Items)
            {
                int course = courses[item];
                if (course >= 0 && !scratch.IsOwned(course))
                {
                    scratch.AskLearned(course, item);
                }
            }

            scratch.AnswerLearned(areListed: true);
            scratch.HasNewLearned = true;
        }

        int n = 0;
        foreach (int course in scratch.Listed)
        {
            keys[n++] = Selection.Key(scratch.LearnedOf(course), course);
        }

        return n;
    }

    /// <summary>Courses whose vectors lie nearest to the person's taste, last courses and interests, all in one query.</summary>
    private static void AddNear(in RankingQuestion question, int most)
    {
        RecommendationScratch scratch = question.Scratch;
        RecommendationSettings settings = question.Settings;
        Span<float> query = scratch.Query;
        query.Clear();
        if (question.HasTaste)
        {
            TensorPrimitives.MultiplyAdd(scratch.Taste, settings.TasteWeight, query, query);
        }

        if (question.HasInterests)
        {
            TensorPrimitives.MultiplyAdd(scratch.Interest, CandidateScoring.InterestWeight(question), query, query);
        }

        foreach (int anchor in question.Anchors)
        {
            AddVector(question, anchor, settings.ColdTextWeight / question.Anchors.Length, query);
        }

        // What the person owns lies nearest of all and is of no use here.
        most = Math.Min(scratch.Matches.Length, most + question.History.Length);
        foreach (int course in (question.Context.Memory ?? scratch.Memory).Nearest(question.Catalogue.Vectors, query, most, scratch.Matches))
        {
            Offer(question, course);
        }
    }

    private static void AddVector(in RankingQuestion question, int ordinal, float weight, Span<float> query)
    {
        CourseVectors vectors = question.Catalogue.Vectors;
        if ((uint)ordinal < (uint)vectors.Count)
        {
            VectorQuantiser.Restore(vectors.Of(ordinal), vectors.Scales[ordinal] * weight, question.Scratch.Vector);
            TensorPrimitives.Add(query, question.Scratch.Vector, query);
        }
    }

    /// <summary>Of the last of some courses those that most people have and nothing else brought.</summary>
    private static void AddMostTaken(in RankingQuestion question, ReadOnlySpan<int> members, int read, int most)
    {
        members = members[Math.Max(0, members.Length - read)..];
        RecommendationScratch scratch = question.Scratch;
        ReadOnlySpan<int> degrees = question.Similarity.Degrees;
        Span<ulong> keys = scratch.Keys;
        int n = 0;
        foreach (int member in members)
        {
            if (!scratch.IsOwned(member) && !scratch.IsGathered(member))
            {
                keys[n++] = Selection.Key((uint)member < (uint)degrees.Length ? degrees[member] : 0, member);
            }
        }

        // The person may not be ready for some.
        int tried = Selection.SortLargestFirst(keys[..n], 2 * most);
        int taken = 0;
        for (int i = 0; i < tried && taken < most; i++)
        {
            taken += Offer(question, Selection.IdOf(keys[i])) ? 1 : 0;
        }
    }

    /// <summary>When all of that is too little: by popularity, then the rest of the catalogue, newest first.</summary>
    private static void Fill(in RankingQuestion question)
    {
        RecommendationScratch scratch = question.Scratch;
        foreach (int popular in question.Similarity.ByDegree)
        {
            if (scratch.CandidateCount >= question.Count)
            {
                return;
            }

            Offer(question, popular);
        }

        for (int ordinal = question.Catalogue.Courses.Length - 1; ordinal >= 0 && scratch.CandidateCount < question.Count; ordinal--)
        {
            Offer(question, ordinal);
        }
    }
}
