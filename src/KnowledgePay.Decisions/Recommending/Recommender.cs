using System.Buffers;
using System.Collections.Immutable;
using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Decisions.Catalogue;

namespace KnowledgePay.Decisions.Recommending;

/// <summary>Which courses to show: gathers candidates, scores them, makes the list diverse, explores a little, and says why.</summary>
/// <remarks>
/// Candidates come from collaborative filtering (<see cref="ItemSimilarity"/>), a scan of all course vectors, the asking page's course, trend and the freshest courses.
/// Never in an answer: a course on the person's shelf, one that is not published yet, the course whose page asks, one with a prerequisite that is not on the shelf
/// (on the shelf counts as taken: the engine does not know whether it was passed). The answer holds <c>count</c> items whenever the catalogue has as many admissible courses.
/// Without the consent to personalisation nothing of the person but the shelf (as an exclusion) is read.
/// </remarks>
public static class Recommender
{
    /// <summary>What ranking rules see as the surface of a course's related courses.</summary>
    public const string RelatedSurface = "related";
    /// <summary>What ranking rules see as the surface of the trending courses.</summary>
    public const string TrendingSurface = "trending";

    /// <summary>Recommendations for a person. A course id in the request that the catalogue does not know is ignored.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The count is not 1–100.</exception>
    public static RecommendationDecision Decide(in DecisionContext context, RecommendationRequest request, RecommendationSettings settings)
    {
        CourseEntry? page = request.CourseId is null ? null : context.Catalogue.FindCourse(request.CourseId);
        bool personal = context.Profile.Consent.Personalisation;
        return Run(context, request, settings, page, personal ? Audience.Person : Audience.Anyone);
    }

    /// <summary>Courses near one course, for everybody the same. Null when the catalogue does not have the course.</summary>
    /// <param name="context">With an empty profile: nothing of it is read.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count is not 1–100.</exception>
    public static RecommendationDecision? Related(in DecisionContext context, string courseId, int count, RecommendationSettings settings) =>
        context.Catalogue.FindCourse(courseId) is { } page
            ? Run(context, new RecommendationRequest { Count = count, CourseId = courseId, Surface = RelatedSurface }, settings, page, Audience.Page)
            : null;

    /// <summary>What most people turn to now, for everybody the same.</summary>
    /// <param name="context">With an empty profile: nothing of it is read.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count is not 1–100.</exception>
    public static RecommendationDecision Trending(in DecisionContext context, int count, RecommendationSettings settings) =>
        Run(context, new RecommendationRequest { Count = count, Surface = TrendingSurface }, settings, null, Audience.Everybody);

    private static RecommendationDecision Run(
        in DecisionContext context, RecommendationRequest request, RecommendationSettings settings, CourseEntry? page, Audience audience)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(request.Count, 1, nameof(request));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(request.Count, RecommendationRequest.LargestCount, nameof(request));
        RecommendationScratch scratch = RecommendationScratch.Take(context.Catalogue.Courses.Length);
        var question = new RankingQuestion(context, request, settings, page, audience, scratch);
        CandidateGathering.Gather(question);
        CandidateScoring.Score(question);
        int ranked = Reranking.Rank(question);
        double propensity = Reranking.Explore(question, ref ranked);
        return Answer(question, request, ranked, propensity);
    }

    private static RecommendationDecision Answer(in RankingQuestion question, RecommendationRequest request, int ranked, double keptChance)
    {
        RecommendationScratch scratch = question.Scratch;
        RecommendationSettings settings = question.Settings;
        int runnersUp = Math.Min(settings.RunnersUpRecorded, scratch.PoolCount);
        ScoredCourse[] candidates = ArrayPool<ScoredCourse>.Shared.Rent(ranked + runnersUp);
        var items = new RecommendedItem[ranked];
        for (int i = 0; i < ranked; i++)
        {
            ref ScoredCourse one = ref scratch.Candidates[scratch.Chosen[i]];
            if (one.Parts.Explore == 0)
            {
                one.Propensity = i < settings.ExplorationFreeSlots || scratch.Pinned[i] >= 0 ? 1 : keptChance;
            }

            candidates[i] = one;
            items[i] = new RecommendedItem
            {
                CourseId = question.Catalogue.Courses[one.Course]!.Course.Id,
                Score = Math.Round(one.Score, 6),
                Reasons = RecommendationReasons.Of(question, one),
            };
        }

        int kept = ranked;
        for (int i = 0; i < scratch.PoolCount && kept < ranked + runnersUp; i++)
        {
            if (scratch.Pool[i] >= 0)
            {
                candidates[kept++] = scratch.Candidates[scratch.Pool[i]];
            }
        }

        var stages = new RecommendationStages(
            scratch.Seen, scratch.CandidateCount, ranked + scratch.PoolCount, question.Audience == Audience.Person, question.HasTaste, question.Similarity.People);
        return new RecommendationDecision(
            question.Context,
            request,
            System.Runtime.InteropServices.ImmutableCollectionsMarshal.AsImmutableArray(items),
            RecommendationReasons.OfList(question),
            Versions(question),
            candidates,
            kept,
            stages,
            new RulesOfList(question.Rules.ToArray(), question.Audience, question.Page));
    }

    private static ModelVersions Versions(in RankingQuestion question)
    {
        RecommendationScratch scratch = question.Scratch;
        long catalogue = question.Catalogue.Version;
        SimilarityKernel kernel = question.Similarity.Kernel;
        if (scratch.Versions is { } known && known.Catalogue == catalogue && known.Kernel == kernel && known.Learned == question.Context.Learned?.Version)
        {
            return known.Versions;
        }

        var versions = new ModelVersions(ImmutableSortedDictionary<string, string>.Empty
            .Add("catalogue", catalogue.ToString(System.Globalization.CultureInfo.InvariantCulture))
            .Add("recommender", $"blend-1/{kernel switch
            {
                SimilarityKernel.Cosine => "cosine",
                SimilarityKernel.SourceNormalised => "source-normalised",
                _ => "residual",
            }}{(question.Context.Learned is { } learned ? "+" + learned.Version : "")}"));
        scratch.Versions = (catalogue, kernel, question.Context.Learned?.Version, versions);
        return versions;
    }
}
