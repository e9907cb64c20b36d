using System.Collections.Immutable;
using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Catalogue;
using KnowledgePay.Decisions.Catalogue;
using KnowledgePay.Decisions.Reasons;

namespace KnowledgePay.Decisions.Recommending;

/// <summary>Names the part that moved an item up most.</summary>
internal static class RecommendationReasons
{
    private static readonly ImmutableArray<Reason> Trending = [new(ReasonCodes.Trending)];
    private static readonly ImmutableArray<Reason> LikeYou = [new(ReasonCodes.PeopleLikeYou)];
    private static readonly ImmutableArray<Reason> Popular = [new(ReasonCodes.Popular)];
    private static readonly ImmutableArray<Reason> New = [new(ReasonCodes.New)];
    private static readonly ImmutableArray<Reason> Exploration = [new(ReasonCodes.Exploration)];
    private static readonly ImmutableArray<Reason> Interest = [new(ReasonCodes.Interest)];
    private static readonly ImmutableArray<Reason> EditorsChoice = [new(ReasonCodes.EditorsChoice)];
    private static readonly ImmutableArray<Reason> Sponsored = [new(ReasonCodes.Sponsored)];
    private static readonly ImmutableArray<Reason> Personalised = [new(ReasonCodes.Personalised)];
    private static readonly ImmutableArray<Reason> NotPersonalised = [new(ReasonCodes.NotPersonalised)];
    private static readonly ImmutableArray<Reason> Newcomer = [new(ReasonCodes.Newcomer)];

    public static ImmutableArray<Reason> OfList(in RankingQuestion question) => question.Audience switch
    {
        Audience.Person when question.History.IsEmpty && question.Anchors.IsEmpty && !question.HasTaste && !question.HasInterests => Newcomer,
        Audience.Person => Personalised,
        Audience.Anyone => NotPersonalised,
        Audience.Page => [Reason.Of(ReasonCodes.SimilarTo, question.Page!.Course.Title)],
        _ => Trending,
    };

    /// <summary>Why a course stands where it does. That a place is paid for is always said, and first.</summary>
    public static ImmutableArray<Reason> Of(in RankingQuestion question, in ScoredCourse one)
    {
        if (one.Parts.PinnedTo > 0)
        {
            return question.Rules.IsSponsored(one.Course) || PinnedBy(question, one) == RankingLabel.Sponsored ? Sponsored : EditorsChoice;
        }

        return one.Parts.Rules != 0 && question.Rules.IsSponsored(one.Course) ? Sponsored.AddRange(OfParts(question, one)) : OfParts(question, one);
    }

    private static RankingLabel PinnedBy(in RankingQuestion question, in ScoredCourse one)
    {
        RankingLabel label = RankingLabel.EditorsChoice;
        foreach (RankingRuleEntry pin in question.Rules.Pins)
        {
            // Which of several pins placed it is all one: where any of them is paid for, the place is.
            label = pin.Courses.Contains(one.Course) && pin.Rule.Label == RankingLabel.Sponsored ? RankingLabel.Sponsored : label;
        }

        return label;
    }

    private static ImmutableArray<Reason> OfParts(in RankingQuestion question, in ScoredCourse one)
    {
        ref readonly ScoreParts parts = ref one.Parts;
        if (parts.Explore > 0)
        {
            return Exploration;
        }

        CourseEntry entry = question.Catalogue.Courses[one.Course]!;
        float most = Math.Max(
            Math.Max(Math.Max(parts.Collaborative, parts.Taste), Math.Max(parts.Text, parts.Trend)),
            Math.Max(Math.Max(parts.Context, parts.Category), Math.Max(Math.Max(Math.Max(parts.Interest, parts.New), Math.Max(parts.Concept, parts.Leads)), Math.Max(parts.Learned, parts.Region))));

        if (parts.Rules > Math.Max(most, parts.Popularity))
        {
            return question.Rules.IsSponsored(one.Course) ? [] : EditorsChoice;
        }

        // Popularity explains what nothing else does.
        if (most <= 0 || parts.Popularity > most)
        {
            return parts.Popularity > 0 || entry.Course.PublishedAt is null ? Popular : New;
        }

        bool byCourses = parts.Collaborative == most || parts.Learned == most;
        if (parts.Leads > 0 && (byCourses || parts.Text == most))
        {
            // Of one and the same course "the next step after it" says more than "like it".
            int taken = LearningOrder.FollowingOf(question, one.Course).Taken;
            if (taken >= 0 && taken == (byCourses ? SourceOf(question, one.Course) : one.NearestAnchor))
            {
                return Titled(question, ReasonCodes.FollowsOn, taken) ?? Interest;
            }
        }

        if (byCourses)
        {
            return Titled(question, ReasonCodes.BecauseYouTook, SourceOf(question, one.Course)) ?? (parts.Learned == most ? LikeYou : Popular);
        }

        if (parts.Context == most)
        {
            bool together = question.Similarity.Row(question.Page!.Ordinal).Items.AsSpan().Contains(one.Course);
            return [Reason.Of(together ? ReasonCodes.PeopleAlsoTook : ReasonCodes.SimilarTo, question.Page.Course.Title)];
        }

        if (parts.Leads == most)
        {
            (int goal, float leading) = question.Scratch.LearningOrder.LeadOf(one.Course);
            (int taken, float following) = LearningOrder.FollowingOf(question, one.Course);
            return Titled(question, leading >= following ? ReasonCodes.LeadsTo : ReasonCodes.FollowsOn, leading >= following ? goal : taken) ?? Interest;
        }

        if (parts.Concept == most)
        {
            int concept = question.Scratch.Concepts.SourceOf(question.Catalogue.Graph, one.Course);
            return (uint)concept < (uint)question.Catalogue.Terms.Length ? [Reason.Of(ReasonCodes.RelatedConcept, question.Catalogue.Terms[concept])] : Interest;
        }

        if (parts.Text == most)
        {
            return Titled(question, ReasonCodes.SimilarTo, one.NearestAnchor) ?? Interest;
        }

        if (parts.Region == most && question.Context.Profile.Region is { } region)
        {
            return [Reason.Of(ReasonCodes.PopularInRegion, region)];
        }

        if (parts.Category == most && entry.Course.Category is { } category)
        {
            return [Reason.Of(ReasonCodes.InCategory, category)];
        }

        return parts.Trend == most ? Trending : parts.New == most ? New : Interest;
    }

    private static ImmutableArray<Reason>? Titled(in RankingQuestion question, string code, int course) =>
        (uint)course < (uint)question.Catalogue.Courses.Length && question.Catalogue.Courses[course] is { } entry
            ? [Reason.Of(code, entry.Course.Title)]
            : null;

    /// <summary>The course of the history that says most about another one, −1 when none does.</summary>
    private static int SourceOf(in RankingQuestion question, int course)
    {
        int source = -1;
        float most = 0;
        foreach (int taken in question.History)
        {
            NeighbourRow row = question.Similarity.Row(taken);
            int at = row.Items.AsSpan().IndexOf(course);
            if (at >= 0 && at < row.Weights.Length && row.Weights[at] > most)
            {
                (source, most) = (taken, row.Weights[at]);
            }
        }

        return source;
    }
}
