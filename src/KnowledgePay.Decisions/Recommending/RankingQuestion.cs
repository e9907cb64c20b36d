using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Decisions.Catalogue;
using KnowledgePay.Decisions.Profiles;
using KnowledgePay.Decisions.Projections;

namespace KnowledgePay.Decisions.Recommending;

/// <summary>For whom a list is.</summary>
internal enum Audience : byte
{
    /// <summary>One person who lets it be theirs.</summary>
    Person = 0,
    /// <summary>One person who does not: trend and category, minus what they own.</summary>
    Anyone = 1,
    /// <summary>A course's page: neighbours of that course.</summary>
    Page = 2,
    /// <summary>No person and no page.</summary>
    Everybody = 3,
}

/// <summary>All that the steps of one ranking share.</summary>
internal readonly ref struct RankingQuestion
{
    /// <summary>Courses of a shelf, newest, that collaborative filtering reads.</summary>
    public const int LongestHistory = 256;
    /// <summary>Courses taken or viewed last that the text part compares with.</summary>
    public const int MostAnchors = 5;
    /// <summary>Declared interests that are read.</summary>
    public const int MostInterests = 8;

    /// <summary>Courses of a shelf up to which where somebody lives counts.</summary>
    public const int LongestRegional = 20;

    private readonly long _nowTicks;
    private readonly int _pageOrdinal;

    public RankingQuestion(
        in DecisionContext context, RecommendationRequest request, RecommendationSettings settings, CourseEntry? page, Audience audience, RecommendationScratch scratch)
    {
        Context = context;
        Count = request.Count;
        Settings = settings;
        Page = page;
        Audience = audience;
        Scratch = scratch;
        _nowTicks = context.Now.UtcTicks;
        _pageOrdinal = page?.Ordinal ?? -1;
        scratch.Rules.Read(context, audience, page, request.Surface);
        ReadOnlySpan<int> taken = audience is Audience.Person or Audience.Anyone ? context.Profile.Shelf.Taken : [];
        foreach (int owned in taken)
        {
            scratch.MarkOwned(owned);
        }

        if (audience == Audience.Person)
        {
            History = taken[Math.Max(0, taken.Length - LongestHistory)..];
            HasTaste = ReadTaste(context.Profile, scratch);
            if (settings.ConceptWeight > 0 || settings.ColdConceptWeight > 0)
            {
                scratch.Concepts.Read(context.Profile.Concepts, context.Catalogue.Graph);
            }

            HasInterests = context.Profile.Interests is { Length: > 0 } interests && ReadInterests(interests, scratch);
            Anchors = ReadAnchors(context.Profile, taken, scratch);
            Region = taken.Length <= LongestRegional ? RegionMix.NumberOf(context.Profile.Region) : RegionMix.None;
        }
    }

    /// <summary>A field: a property would copy it at each use.</summary>
    public readonly DecisionContext Context;

    public int Count { get; }

    public RecommendationSettings Settings { get; }

    public CourseEntry? Page { get; }

    public Audience Audience { get; }

    public RecommendationScratch Scratch { get; }

    /// <summary>Oldest first; empty unless personal.</summary>
    public ReadOnlySpan<int> History { get; }

    /// <summary>Courses that the text part compares with: newest views, then newest taken.</summary>
    public ReadOnlySpan<int> Anchors { get; }

    /// <summary>The ranking rules that hold.</summary>
    public RulesInForce Rules => Scratch.Rules;

    /// <summary>Number of the declared region while that says anything beside the shelf, else none.</summary>
    public byte Region { get; }

    public bool HasTaste { get; }

    public bool HasInterests { get; }

    public CatalogueSnapshot Catalogue => Context.Catalogue;

    public ItemSimilarity Similarity => Context.Signals.Similarity;

    /// <summary>Whether a course may be in the answer.</summary>
    public bool IsAdmissible(int ordinal) =>
        ordinal != _pageOrdinal && IsShowable(ordinal) && (!Catalogue.Facts[ordinal].HasPrerequisites || Audience is not (Audience.Person or Audience.Anyone) || IsReady(ordinal));

    /// <summary>Whether only what a course asks for keeps it, or its page, from being shown.</summary>
    public bool IsBlocked(int ordinal) => IsShowable(ordinal) && Catalogue.Facts[ordinal].HasPrerequisites && !IsReady(ordinal);

    /// <summary>Whether the person has one of these courses.</summary>
    /// <param name="choices">Rising.</param>
    public bool IsFulfilled(int[] choices)
    {
        if (choices.Length == 1)
        {
            return Scratch.IsOwned(choices[0]);
        }

        // So many courses can teach a concept that it is quicker to ask each course of the shelf.
        ReadOnlySpan<int> shelf = Context.Profile.Shelf.Taken;
        foreach (int owned in shelf)
        {
            if (Array.BinarySearch(choices, owned) >= 0)
            {
                return true;
            }
        }

        return false;
    }

    private bool IsReady(int ordinal)
    {
        foreach (int[] choices in Catalogue.Graph.Requirements(ordinal))
        {
            if (!IsFulfilled(choices))
            {
                return false;
            }
        }

        return true;
    }

    private bool IsShowable(int ordinal)
    {
        CourseFacts[] facts = Catalogue.Facts;
        return (uint)ordinal < (uint)facts.Length && !Scratch.IsOwned(ordinal) && facts[ordinal].PublishedTicks <= _nowTicks && !Rules.Hides(ordinal);
    }

    private static bool ReadTaste(UserProfile profile, RecommendationScratch scratch)
    {
        if (profile.Taste is not { Length: CourseVectors.Dimensions } taste)
        {
            return false;
        }

        taste.CopyTo(scratch.Taste, 0);
        if (!HashProjection.Normalise(scratch.Taste))
        {
            return false;
        }

        scratch.TasteCodes.Set(scratch.Taste);
        return true;
    }

    private static bool ReadInterests(string[] interests, RecommendationScratch scratch)
    {
        // The encoder reads a bounded number of characters; the number of interests is bounded here.
        Span<float> sum = scratch.Interest;
        sum.Clear();
        Array.Clear(scratch.InterestLabels);
        int labels = 0;
        foreach (string interest in interests.AsSpan(0, Math.Min(MostInterests, interests.Length)))
        {
            scratch.InterestLabels[labels++] = CourseEntry.LabelOf(interest);
            if (CourseTextEncoder.EncodeText(interest, scratch.Vector))
            {
                System.Numerics.Tensors.TensorPrimitives.Add(sum, scratch.Vector, sum);
            }
        }

        if (!HashProjection.Normalise(sum))
        {
            return false;
        }

        scratch.InterestCodes.Set(sum);
        return true;
    }

    private static ReadOnlySpan<int> ReadAnchors(UserProfile profile, ReadOnlySpan<int> taken, RecommendationScratch scratch)
    {
        int n = 0;
        foreach (int viewed in profile.RecentViews ?? [])
        {
            if (n == 2)
            {
                break;
            }

            scratch.Anchors[n++] = viewed;
        }

        for (int i = taken.Length - 1; i >= 0 && n < MostAnchors; i--)
        {
            scratch.Anchors[n++] = taken[i];
        }

        return scratch.Anchors.AsSpan(0, n);
    }
}
