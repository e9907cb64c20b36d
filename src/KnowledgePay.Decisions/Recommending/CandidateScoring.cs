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
        for (int i = 0; i < candidates.Length; i++)
        {
            collaborativeScale = Math.Max(collaborativeScale, scratch.CellOf(candidates[i].Course).Sum);

            // Kept in the part until the hottest is known.
            float heat = Heat(question.Context.Signals.Course(candidates[i].Course), question.Context.Now.UtcTicks);
            candidates[i].Parts.Trend = heat;
            hottest = Math.Max(hottest, heat);
        }

        NeighbourRow pageRow = question.Page is { } page && question.Audience != Audience.Anyone ? question.Similarity.Row(page.Ordinal) : NeighbourRow.Empty;
        foreach (ref ScoredCourse one in candidates)
        {
            One(question, ref one, collaborativeScale, hottest, pageRow);
        }
    }

    /// <summary>Weight of declared interests: they count most while nothing better is known.</summary>
    public static float InterestWeight(in RankingQuestion question) =>
        question.HasInterests ? question.Settings.InterestWeight * question.Settings.InterestShelf / (question.Settings.InterestShelf + question.Context.Profile.Shelf.Count) : 0f;

    private static void One(in RankingQuestion question, ref ScoredCourse one, float collaborativeScale, float hottest, NeighbourRow pageRow)
    {
        RecommendationSettings settings = question.Settings;
        RecommendationScratch scratch = question.Scratch;
        ItemSimilarity similarity = question.Similarity;
        CourseEntry entry = question.Catalogue.Courses[one.Course]!;
        int degree = similarity.Degree(one.Course);
        ref ScoreParts parts = ref one.Parts;
        if (collaborativeScale > 0)
        {
            parts.Collaborative = settings.CollaborativeWeight * scratch.CellOf(one.Course).Sum / collaborativeScale;
        }

        if (question.Audience == Audience.Person)
        {
            AddText(question, ref one, degree);
            parts.Category = entry.Category >= 0 ? settings.CategoryWeight * Affinity(question.Context.Profile.Categories, entry.Category) : 0f;
            if (question.HasInterests)
            {
                parts.Interest = InterestWeight(question) * Math.Max(Cosine(question, scratch.Interest, one.Course), IsDeclared(question.Context.Profile.Interests!, entry) ? 1f : 0f);
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
                int at = pageRow.Items.AsSpan().IndexOf(one.Course);
                float together = at >= 0 ? pageRow.Weights[at] / pageRow.Weights[0] : 0f;
                float alike = Math.Max(0f, VectorScan.Similarity(question.Catalogue.Vectors, page.Ordinal, one.Course));
                parts.Context = settings.ContextWeight * ((0.6f * together) + (0.4f * alike));
            }
        }

        parts.Trend = hottest > 0 ? settings.TrendWeight * MathF.Log(1f + parts.Trend) / MathF.Log(1f + hottest) : 0f;
        ReadOnlySpan<int> top = similarity.PopularTop(1);
        if (degree > 0 && !top.IsEmpty)
        {
            parts.Popularity = settings.PopularityWeight * Math.Min(1f, MathF.Log(1f + degree) / MathF.Log(1f + Math.Max(1, similarity.Degree(top[0]))));
        }

        if (entry.Course.PublishedAt is { } published && question.Context.Now - published <= TimeSpan.FromDays(settings.NewDays))
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
            one.Parts.Taste = settings.TasteWeight * Math.Max(0f, Cosine(question, question.Scratch.Taste, one.Course));
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

    private static float Cosine(in RankingQuestion question, ReadOnlySpan<float> unit, int ordinal)
    {
        CourseVectors vectors = question.Catalogue.Vectors;
        if ((uint)ordinal >= (uint)vectors.Count)
        {
            return 0f;
        }

        Span<float> vector = stackalloc float[CourseVectors.Dimensions];
        VectorQuantiser.Restore(vectors.Of(ordinal), vectors.Scales[ordinal], vector);
        return System.Numerics.Tensors.TensorPrimitives.Dot(unit, vector);
    }

    /// <summary>Decayed interest now: that of the fortnight, and that of the day thrice.</summary>
    private static float Heat(CourseAggregate? aggregate, long nowTicks)
    {
        if (aggregate is null || (aggregate.TrendDay <= 0 && aggregate.TrendFortnight <= 0))
        {
            return 0f;
        }

        double days = (nowTicks - aggregate.TrendLandmarkTicks) / (double)TimeSpan.TicksPerDay;
        double heat = (aggregate.TrendFortnight * Math.Pow(2, -days / 14)) + (TrendDayShare * aggregate.TrendDay * Math.Pow(2, -days));
        return double.IsFinite(heat) ? (float)Math.Min(heat, 1e9) : 0f;
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

    private static bool IsDeclared(string[] interests, CourseEntry entry)
    {
        foreach (string interest in interests.AsSpan(0, Math.Min(8, interests.Length)))
        {
            if (string.Equals(interest, entry.Course.Category, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }

            foreach (string tag in entry.Course.Tags.IsDefault ? [] : entry.Course.Tags)
            {
                if (string.Equals(interest, tag, StringComparison.OrdinalIgnoreCase))
                {
                    return true;
                }
            }
        }

        return false;
    }
}
