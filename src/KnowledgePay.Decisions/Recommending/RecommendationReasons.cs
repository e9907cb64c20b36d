using System.Collections.Immutable;
using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Catalogue;
using KnowledgePay.Decisions.Catalogue;

namespace KnowledgePay.Decisions.Recommending;

/// <summary>The stable codes by which a recommendation is explained.</summary>
public static class RecommendationReasonCodes
{
    /// <summary>Argument: title of the person's course.</summary>
    public const string BecauseYouTook = "because-you-took";
    /// <summary>People who took the course whose page asks took it. Argument: that course's title.</summary>
    public const string PeopleAlsoTook = "people-also-took";
    /// <summary>People whose courses are like the person's took it.</summary>
    public const string PeopleLikeYou = "people-like-you";
    /// <summary>Argument: title of the course it is like.</summary>
    public const string SimilarTo = "similar-to";
    public const string Trending = "trending";
    public const string Popular = "popular";
    public const string New = "new";
    /// <summary>Argument: the category.</summary>
    public const string InCategory = "in-category";
    public const string Exploration = "exploration";
    /// <summary>Matches declared interests or the person's taste.</summary>
    public const string Interest = "interest";

    /// <summary>Many people of the declared region took it. Argument: the region.</summary>
    public const string PopularInRegion = "popular-in-region";
    /// <summary>Chosen by the platform's editors (a ranking rule).</summary>
    public const string EditorsChoice = "editors-choice";
    /// <summary>Somebody pays for the place (a ranking rule).</summary>
    public const string Sponsored = "sponsored";

    /// <summary>Of the whole list: made for this person.</summary>
    public const string Personalised = "personalised";
    /// <summary>Of the whole list: the person has not consented to personalisation.</summary>
    public const string NotPersonalised = "not-personalised";
    /// <summary>Of the whole list: nothing is known of the person yet.</summary>
    public const string Newcomer = "newcomer";
}

/// <summary>Names the part that moved an item up most.</summary>
internal static class RecommendationReasons
{
    private static readonly ImmutableArray<Reason> Trending = [new(RecommendationReasonCodes.Trending)];
    private static readonly ImmutableArray<Reason> LikeYou = [new(RecommendationReasonCodes.PeopleLikeYou)];
    private static readonly ImmutableArray<Reason> Popular = [new(RecommendationReasonCodes.Popular)];
    private static readonly ImmutableArray<Reason> New = [new(RecommendationReasonCodes.New)];
    private static readonly ImmutableArray<Reason> Exploration = [new(RecommendationReasonCodes.Exploration)];
    private static readonly ImmutableArray<Reason> Interest = [new(RecommendationReasonCodes.Interest)];
    private static readonly ImmutableArray<Reason> EditorsChoice = [new(RecommendationReasonCodes.EditorsChoice)];
    private static readonly ImmutableArray<Reason> Sponsored = [new(RecommendationReasonCodes.Sponsored)];
    private static readonly ImmutableArray<Reason> Personalised = [new(RecommendationReasonCodes.Personalised)];
    private static readonly ImmutableArray<Reason> NotPersonalised = [new(RecommendationReasonCodes.NotPersonalised)];
    private static readonly ImmutableArray<Reason> Newcomer = [new(RecommendationReasonCodes.Newcomer)];

    public static ImmutableArray<Reason> OfList(in RankingQuestion question) => question.Audience switch
    {
        Audience.Person when question.History.IsEmpty && question.Anchors.IsEmpty && !question.HasTaste && !question.HasInterests => Newcomer,
        Audience.Person => Personalised,
        Audience.Anyone => NotPersonalised,
        Audience.Page => [Reason.Of(RecommendationReasonCodes.SimilarTo, question.Page!.Course.Title)],
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
            Math.Max(Math.Max(parts.Context, parts.Category), Math.Max(Math.Max(parts.Interest, parts.New), Math.Max(parts.Learned, parts.Region))));

        if (parts.Rules > Math.Max(most, parts.Popularity))
        {
            return question.Rules.IsSponsored(one.Course) ? [] : EditorsChoice;
        }

        // Popularity explains what nothing else does.
        if (most <= 0 || parts.Popularity > most)
        {
            return parts.Popularity > 0 || entry.Course.PublishedAt is null ? Popular : New;
        }

        if (parts.Collaborative == most || parts.Learned == most)
        {
            return Titled(question, RecommendationReasonCodes.BecauseYouTook, question.Scratch.CellOf(one.Course).BestSource) ?? (parts.Learned == most ? LikeYou : Popular);
        }

        if (parts.Context == most)
        {
            bool together = question.Similarity.Row(question.Page!.Ordinal).Items.AsSpan().Contains(one.Course);
            return [Reason.Of(together ? RecommendationReasonCodes.PeopleAlsoTook : RecommendationReasonCodes.SimilarTo, question.Page.Course.Title)];
        }

        if (parts.Text == most)
        {
            return Titled(question, RecommendationReasonCodes.SimilarTo, one.NearestAnchor) ?? Interest;
        }

        if (parts.Region == most && question.Context.Profile.Region is { } region)
        {
            return [Reason.Of(RecommendationReasonCodes.PopularInRegion, region)];
        }

        if (parts.Category == most && entry.Course.Category is { } category)
        {
            return [Reason.Of(RecommendationReasonCodes.InCategory, category)];
        }

        return parts.Trend == most ? Trending : parts.New == most ? New : Interest;
    }

    private static ImmutableArray<Reason>? Titled(in RankingQuestion question, string code, int course) =>
        (uint)course < (uint)question.Catalogue.Courses.Length && question.Catalogue.Courses[course] is { } entry
            ? [Reason.Of(code, entry.Course.Title)]
            : null;
}
