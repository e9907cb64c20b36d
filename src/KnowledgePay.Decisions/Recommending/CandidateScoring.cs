using KnowledgePay.Decisions.Catalogue;
using KnowledgePay.Decisions.Profiles;
using KnowledgePay.Decisions.Projections;
using KnowledgePay.Decisions.Recommending.Models;

namespace KnowledgePay.Decisions.Recommending;

/// <summary>Gives every candidate its parts, each 0–1 times its weight.</summary>
internal static class CandidateScoring
{
    public static void Score(in RankingQuestion question)
    {
        RecommendationScratch scratch = question.Scratch;
        Span<ScoredCourse> candidates = scratch.Candidates.AsSpan(0, scratch.CandidateCount);
        ReadOnlySpan<float> heats = question.Context.Signals.LogHeats(question.Context.Now.UtcTicks);
        float collaborativeScale = 0f, hottest = 0f;
        foreach (ref ScoredCourse one in candidates)
        {
            collaborativeScale = Math.Max(collaborativeScale, scratch.SumOf(one.Course));
            hottest = Math.Max(hottest, (uint)one.Course < (uint)heats.Length ? heats[one.Course] : 0f);
        }

        RecommendationSettings settings = question.Settings;
        ReadOnlySpan<int> top = question.Similarity.PopularTop(1);
        Queries(question, out int taste, out int anchors, out int page);
        TermAffinities categories = question.Context.Profile.Categories;
        float strongest = categories.Weights.Length > 0 ? System.Numerics.Tensors.TensorPrimitives.Max<float>(categories.Weights) : 0f;
        float learnedShare = scratch.LearnedScale > 0 ? question.Context.Learned!.Share : 0f;
        var scales = new ScoreScales
        {
            Collaborative = collaborativeScale > 0 ? settings.CollaborativeWeight * (1f - learnedShare) / collaborativeScale : 0f,
            Learned = settings.CollaborativeWeight * learnedShare * scratch.LearnedScale,
            LearnedItems = learnedShare > 0 ? question.Context.Learned!.ItemsOf(question.Catalogue) : [],
            Trend = hottest > 0 ? settings.TrendWeight / hottest : 0f,
            Popularity = top.IsEmpty ? 0f : settings.PopularityWeight / MathF.Log(1f + Math.Max(1, question.Similarity.Degree(top[0]))),
            Crowd = top.IsEmpty || collaborativeScale == 0
                ? 0f
                : settings.CrowdWeight * (1f - learnedShare) * MathF.Pow(0.5f, question.History.Length / settings.CrowdShelf) / Math.Max(1, question.Similarity.Degree(top[0])),
            Interest = InterestWeight(question),
            Category = strongest > 0 ? settings.CategoryWeight / strongest : 0f,
            PageRow = question.Page is { } asking && question.Audience != Audience.Anyone ? question.Similarity.Row(asking.Ordinal) : NeighbourRow.Empty,
            NewSince = question.Audience is Audience.Person or Audience.Page
                ? question.Context.Now.UtcTicks - (long)(settings.NewDays * TimeSpan.TicksPerDay)
                : long.MaxValue,
            Heats = heats,
            Taste = taste,
            Anchors = anchors,
            Page = page,
        };
        foreach (ref readonly ScoredCourse one in candidates)
        {
            if ((uint)one.Course < (uint)scales.LearnedItems.Length && scales.LearnedItems[one.Course] is var item and >= 0)
            {
                scratch.AskLearned(one.Course, item);
            }
        }

        scratch.AnswerLearned(areListed: false);
        foreach (ref ScoredCourse one in candidates)
        {
            One(question, ref one, scales);
        }

        if (scratch.HasNewLearned)
        {
            question.Context.Learned!.Memory.Keep(scratch);
        }

        if (question.Audience == Audience.Person && (settings.CompletionWeight > 0 || settings.MarginWeight > 0 || settings.PartnerWeight > 0))
        {
            AddObjectives(question, candidates);
        }

        if (question.Region != RegionMix.None && settings.RegionWeight > 0)
        {
            AddRegional(question, candidates);
        }

        if (question.Rules.Boosts.Count > 0)
        {
            foreach (ref ScoredCourse one in candidates)
            {
                one.Parts.Rules = question.Rules.Boost(one.Course);
            }
        }

        foreach (ref ScoredCourse one in candidates)
        {
            one.Score = one.Parts.Sum;
        }
    }

    /// <summary>log(1 + people of the region who took it), over the largest among the candidates.</summary>
    private static void AddRegional(in RankingQuestion question, Span<ScoredCourse> candidates)
    {
        RecommendationSettings settings = question.Settings;
        LiveSignals signals = question.Context.Signals;
        signals.RegionalTop(question.Region, question.Context.Now.UtcTicks, out long takings);
        long most = 0;
        foreach (ref readonly ScoredCourse one in candidates)
        {
            most = Math.Max(most, RegionMix.Of(signals.Course(one.Course)?.RegionMix, question.Region));
        }

        if (most == 0)
        {
            return;
        }

        float weight = settings.RegionWeight * Fading(question) * (takings / (takings + settings.RegionTakings)) / MathF.Log(1f + most);
        foreach (ref ScoredCourse one in candidates)
        {
            one.Parts.Region = weight * MathF.Log(1f + RegionMix.Of(signals.Course(one.Course)?.RegionMix, question.Region));
        }
    }

    /// <summary>Share that is left of what is only known by what somebody said: all at first, half at <see cref="RecommendationSettings.InterestShelf"/> courses.</summary>
    private static float Fading(in RankingQuestion question) =>
        question.Settings.InterestShelf / (question.Settings.InterestShelf + question.Context.Profile.Shelf.Count);

    /// <summary>What a list is for beside interest.</summary>
    private static void AddObjectives(in RankingQuestion question, Span<ScoredCourse> candidates)
    {
        RecommendationSettings settings = question.Settings;
        double largestMargin = 0, largestPartner = 0;
        foreach (ref readonly ScoredCourse one in candidates)
        {
            largestMargin = settings.MarginWeight > 0 ? Math.Max(largestMargin, MarginOf(question, one.Course)) : 0;
            largestPartner = settings.PartnerWeight > 0 ? Math.Max(largestPartner, PartnerValueOf(question, one.Course)) : 0;
        }

        foreach (ref ScoredCourse one in candidates)
        {
            if (settings.CompletionWeight > 0)
            {
                CourseAggregate? crowd = question.Context.Signals.Course(one.Course);
                one.Parts.Completion = settings.CompletionWeight * Math.Min(1f, ((crowd?.Completions ?? 0) + 1f) / ((crowd?.Enrolments ?? 0) + 4f));
            }

            if (largestMargin > 0)
            {
                one.Parts.Margin = settings.MarginWeight * (float)(MarginOf(question, one.Course) / largestMargin);
            }

            if (largestPartner > 0)
            {
                one.Parts.Partner = settings.PartnerWeight * (float)(PartnerValueOf(question, one.Course) / largestPartner);
            }
        }
    }

    /// <summary>A statistic to compare courses by, not an amount; 0 where a course costs more than it brings.</summary>
    private static double MarginOf(in RankingQuestion question, int course)
    {
        Contracts.Catalogue.Course own = question.Catalogue.Courses[course]!.Course;
        decimal cost = own.MarginalCost is { } known ? question.Settings.Scale.ToFen(known) : 0m;
        return Math.Max(0, (double)(question.Settings.Scale.ToFen(own.ListPrice) - cost));
    }

    /// <inheritdoc cref="MarginOf"/>
    private static double PartnerValueOf(in RankingQuestion question, int course) =>
        question.Catalogue.Courses[course]!.Course.PartnerValue is { } value ? (double)question.Settings.Scale.ToFen(value) : 0;

    /// <summary>What every candidate's vector is compared with; the places, −1 for what there is not, the anchors from <paramref name="anchors"/> on.</summary>
    private static void Queries(in RankingQuestion question, out int taste, out int anchors, out int page)
    {
        CandidateQueries queries = question.Scratch.Queries;
        queries.Clear();
        taste = page = -1;
        if (question.Audience == Audience.Person && question.HasTaste)
        {
            taste = queries.Add(question.Scratch.TasteCodes.Codes, question.Scratch.TasteCodes.Scale);
        }

        if (question.Page is { } asking && question.Audience != Audience.Anyone)
        {
            page = queries.Add(question.Catalogue.Vectors, asking.Ordinal);
        }

        anchors = queries.Count;
        foreach (int anchor in question.Anchors)
        {
            queries.Add(question.Catalogue.Vectors, anchor);
        }
    }

    /// <summary>Weight of declared interests: they count most while nothing better is known.</summary>
    public static float InterestWeight(in RankingQuestion question) =>
        question.HasInterests ? question.Settings.InterestWeight * Fading(question) : 0f;

    private static void One(in RankingQuestion question, ref ScoredCourse one, in ScoreScales scales)
    {
        RecommendationSettings settings = question.Settings;
        RecommendationScratch scratch = question.Scratch;
        int course = one.Course;
        int category = question.Catalogue.Facts[course].Category;
        int degree = question.Similarity.Degree(course);
        Span<float> cosines = stackalloc float[CandidateQueries.Most];
        scratch.Queries.Cosines(question.Catalogue.Vectors, course, cosines);
        ref ScoreParts parts = ref one.Parts;
        parts.Collaborative = scales.Collaborative * scratch.SumOf(course);
        if ((uint)course < (uint)scales.LearnedItems.Length && scales.LearnedItems[course] is var item and >= 0)
        {
            parts.Learned = scales.Learned * Math.Clamp(scratch.LearnedScore(course, item) - scratch.LearnedFloor, 0f, 1f / scratch.LearnedScale);
        }

        if (question.Audience == Audience.Person)
        {
            parts.Taste = scales.Taste >= 0 ? settings.TasteWeight * Math.Max(0f, cosines[scales.Taste]) : 0f;
            AddText(question, ref one, degree, cosines, scales.Anchors);
            parts.Category = category >= 0 ? scales.Category * WeightOf(question.Context.Profile.Categories, category) : 0f;
            parts.Concept = scratch.Concepts.IsEmpty
                ? 0f
                : scratch.Concepts.LikenessOf(question.Catalogue.Graph, question.Catalogue.Facts[course]) * Towards(settings.ConceptWeight, settings.ColdConceptWeight, Coldness(settings, degree));
            parts.Leads = settings.LeadsWeight > 0 ? scratch.LearningOrder.WeightOf(question, course) : 0f;
            if (question.HasInterests)
            {
                parts.Interest = scales.Interest * (IsDeclared(question, course) ? 1f : Math.Max(0f, scratch.InterestCodes.Cosine(question.Catalogue.Vectors, course)));
            }
        }

        if (question.Page is { } page)
        {
            if (category >= 0 && category == page.Category)
            {
                // For a list that may not be personal the page's category is all there is to go by.
                parts.Category = question.Audience == Audience.Anyone ? settings.ContextWeight : Math.Max(parts.Category, settings.CategoryWeight);
            }

            if (question.Audience != Audience.Anyone)
            {
                int at = scales.PageRow.Items.AsSpan().IndexOf(course);
                float together = at >= 0 ? scales.PageRow.Weights[at] / scales.PageRow.Weights[0] : 0f;
                float alike = Math.Max(0f, cosines[scales.Page]);
                parts.Context = settings.ContextWeight * ((0.6f * together) + (0.4f * alike));
            }
        }

        parts.Trend = (uint)course < (uint)scales.Heats.Length ? scales.Trend * scales.Heats[course] : 0f;
        parts.Popularity = degree > 0 ? Math.Min(settings.PopularityWeight, scales.Popularity * MathF.Log(1f + degree)) + (scales.Crowd * degree) : 0f;
        long published = question.Catalogue.Facts[course].PublishedTicks;
        if (published > 0 && published >= scales.NewSince)
        {
            parts.New = settings.NewWeight;
        }
    }

    private static void AddText(in RankingQuestion question, ref ScoredCourse one, int degree, ReadOnlySpan<float> cosines, int first)
    {
        RecommendationSettings settings = question.Settings;
        float nearest = 0f;
        ReadOnlySpan<int> anchors = question.Anchors;
        for (int i = 0; i < anchors.Length; i++)
        {
            float near = cosines[first + i];
            if (near > nearest)
            {
                nearest = near;
                one.NearestAnchor = anchors[i];
            }
        }

        one.Parts.Text = nearest * Towards(settings.TextWeight, settings.ColdTextWeight, Coldness(settings, degree));
    }

    /// <summary>1 for a course that nobody has, 0 for one that everybody has.</summary>
    private static float Coldness(RecommendationSettings settings, int degree) => settings.ColdPeople / (settings.ColdPeople + degree);

    private static float Towards(float from, float to, float share) => from + ((to - from) * share);

    private static float WeightOf(TermAffinities affinities, int term)
    {
        int at = affinities.Terms.AsSpan().IndexOf(term);
        return at < 0 ? 0f : Math.Max(0f, affinities.Weights[at]);
    }

    private static bool IsDeclared(in RankingQuestion question, int ordinal)
    {
        ReadOnlySpan<ulong> declared = question.Scratch.InterestLabels;
        foreach (ulong label in question.Catalogue.LabelsOf(ordinal))
        {
            if (declared.Contains(label))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>What is the same for all candidates: by what each raw part is multiplied (its weight over the largest among them), and where to look.</summary>
    private readonly ref struct ScoreScales
    {
        public required float Collaborative { get; init; }
        public required float Learned { get; init; }
        public required ReadOnlySpan<int> LearnedItems { get; init; }
        public required float Trend { get; init; }
        public required float Popularity { get; init; }
        public required float Crowd { get; init; }
        public required float Interest { get; init; }
        public required float Category { get; init; }
        public required NeighbourRow PageRow { get; init; }
        public required long NewSince { get; init; }
        public required ReadOnlySpan<float> Heats { get; init; }
        public required int Taste { get; init; }
        public required int Anchors { get; init; }
        public required int Page { get; init; }
    }
}
