using KnowledgePay.Decisions.Catalogue;
using KnowledgePay.Decisions.Profiles;
using KnowledgePay.Decisions.Projections;

namespace KnowledgePay.Decisions.Recommending;

/// <summary>Gives every candidate its parts, each 0–1 times its weight.</summary>
internal static class CandidateScoring
{
    private const float TrendDayShare = 3f;

    public static void Score(in RankingQuestion question)
    {
        RecommendationScratch scratch = question.Scratch;
        Span<ScoredCourse> candidates = scratch.Candidates.AsSpan(0, scratch.CandidateCount);
        float collaborativeScale = 0f, hottest = 0f;
        var cooling = new Cooling(question.Context.Now.UtcTicks);
        foreach (ref ScoredCourse one in candidates)
        {
            collaborativeScale = Math.Max(collaborativeScale, scratch.SumOf(one.Course));

            // Kept in the part until the hottest is known.
            one.Parts.Trend = cooling.Heat(question.Context.Signals.Course(one.Course));
            hottest = Math.Max(hottest, one.Parts.Trend);
        }

        ReadOnlySpan<int> top = question.Similarity.PopularTop(1);
        var scales = new ScoreScales(
            collaborativeScale > 0 ? question.Settings.CollaborativeWeight / collaborativeScale : 0f,
            hottest > 0 ? question.Settings.TrendWeight / MathF.Log(1f + hottest) : 0f,
            top.IsEmpty ? 0f : question.Settings.PopularityWeight / MathF.Log(1f + Math.Max(1, question.Similarity.Degree(top[0]))),
            InterestWeight(question),
            question.Page is { } page && question.Audience != Audience.Anyone ? question.Similarity.Row(page.Ordinal) : NeighbourRow.Empty);
        foreach (ref ScoredCourse one in candidates)
        {
            One(question, ref one, scales);
        }
    }

    /// <summary>Weight of declared interests: they count most while nothing better is known.</summary>
    public static float InterestWeight(in RankingQuestion question) =>
        question.HasInterests ? question.Settings.InterestWeight * question.Settings.InterestShelf / (question.Settings.InterestShelf + question.Context.Profile.Shelf.Count) : 0f;

    private static void One(in RankingQuestion question, ref ScoredCourse one, in ScoreScales scales)
    {
        RecommendationSettings settings = question.Settings;
        RecommendationScratch scratch = question.Scratch;
        ItemSimilarity similarity = question.Similarity;
        CourseFacts entry = question.Catalogue.Facts[one.Course];
        int degree = similarity.Degree(one.Course);
        ref ScoreParts parts = ref one.Parts;
        parts.Collaborative = scales.Collaborative * scratch.SumOf(one.Course);

        if (question.Audience == Audience.Person)
        {
            AddText(question, ref one, degree);
            parts.Category = entry.Category >= 0 ? settings.CategoryWeight * Affinity(question.Context.Profile.Categories, entry.Category) : 0f;
            if (question.HasInterests)
            {
                parts.Interest = scales.Interest * (IsDeclared(question, one.Course) ? 1f : Math.Max(0f, scratch.InterestCodes.Cosine(question.Catalogue.Vectors, one.Course)));
            }
        }

        if (question.Page is { } page)
        {
            if (entry.Category >= 0 && entry.Category == page.Category)
            {
                // For a list that may not be personal the page's category is all there is to go by.
                parts.Category = question.Audience == Audience.Anyone ? settings.ContextWeight : Math.Max(parts.Category, settings.CategoryWeight);
            }

            if (question.Audience != Audience.Anyone)
            {
                int at = scales.PageRow.Items.AsSpan().IndexOf(one.Course);
                float together = at >= 0 ? scales.PageRow.Weights[at] / scales.PageRow.Weights[0] : 0f;
                float alike = Math.Max(0f, VectorScan.Similarity(question.Catalogue.Vectors, page.Ordinal, one.Course));
                parts.Context = settings.ContextWeight * ((0.6f * together) + (0.4f * alike));
            }
        }

        parts.Trend = scales.Trend * MathF.Log(1f + parts.Trend);
        parts.Popularity = degree > 0 ? Math.Min(settings.PopularityWeight, scales.Popularity * MathF.Log(1f + degree)) : 0f;
        if (entry.PublishedTicks > 0 && question.Audience is (Audience.Person or Audience.Page) && question.Context.Now.UtcTicks - entry.PublishedTicks <= settings.NewDays * TimeSpan.TicksPerDay)
        {
            parts.New = settings.NewWeight;
        }

        one.Score = parts.Sum;
    }

    private static void AddText(in RankingQuestion question, ref ScoredCourse one, int degree)
    {
        RecommendationSettings settings = question.Settings;
        if (question.HasTaste)
        {
            one.Parts.Taste = settings.TasteWeight * Math.Max(0f, question.Scratch.TasteCodes.Cosine(question.Catalogue.Vectors, one.Course));
        }

        float nearest = 0f;
        foreach (int anchor in question.Anchors)
        {
            float near = VectorScan.Similarity(question.Catalogue.Vectors, anchor, one.Course);
            if (near > nearest)
            {
                nearest = near;
                one.NearestAnchor = anchor;
            }
        }

        float cold = settings.ColdPeople / (settings.ColdPeople + degree);
        one.Parts.Text = nearest * (settings.TextWeight + ((settings.ColdTextWeight - settings.TextWeight) * cold));
    }

    private static float Affinity(TermAffinities affinities, int term)
    {
        int at = affinities.Terms.AsSpan().IndexOf(term);
        if (at < 0)
        {
            return 0f;
        }

        float strongest = System.Numerics.Tensors.TensorPrimitives.Max<float>(affinities.Weights);
        return strongest > 0 ? Math.Clamp(affinities.Weights[at] / strongest, 0f, 1f) : 0f;
    }

    private static bool IsDeclared(in RankingQuestion question, int ordinal)
    {
        ReadOnlySpan<ulong> declared = question.Scratch.InterestLabels;
        foreach (ulong label in question.Catalogue.Courses[ordinal]!.Labels)
        {
            if (declared.Contains(label))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>What each raw part is multiplied with: the weight over the largest raw part among the candidates.</summary>
    private readonly record struct ScoreScales(float Collaborative, float Trend, float Popularity, float Interest, NeighbourRow PageRow);

    /// <summary>Decayed interest now: that of the fortnight, and that of the day thrice.</summary>
    private struct Cooling(long nowTicks)
    {
        private long _landmark;
        private double _fortnight;
        private double _day;

        public float Heat(CourseAggregate? aggregate)
        {
            if (aggregate is null || (aggregate.TrendDay <= 0 && aggregate.TrendFortnight <= 0))
            {
                return 0f;
            }

            // Nearly all aggregates have the same landmark, so that the powers are taken once.
            if (aggregate.TrendLandmarkTicks != _landmark || _fortnight == 0)
            {
                _landmark = aggregate.TrendLandmarkTicks;
                _fortnight = ForwardDecay.Growth(nowTicks, _landmark, ForwardDecay.FortnightHalfLife);
                _day = ForwardDecay.Growth(nowTicks, _landmark, ForwardDecay.DayHalfLife);
            }

            double heat = (aggregate.TrendFortnight * _fortnight) + (TrendDayShare * aggregate.TrendDay * _day);
            return double.IsFinite(heat) ? (float)Math.Min(heat, 1e9) : 0f;
        }
    }
}
