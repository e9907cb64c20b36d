using System.Collections.Immutable;
using KnowledgePay.Contracts.Events;

namespace KnowledgePay.Decisions.Profiles;

public static partial class ProfileFold
{
    private static void FoldProfiled(UserProfile profile, UserProfiled d)
    {
        if (Bounded(profile, d.BirthYear, 1900, 2100) is { } year)
        {
            profile.BirthYear = (short)year;
        }

        profile.Gender = Declared(profile, d.Gender, profile.Gender);
        profile.Occupation = Declared(profile, d.Occupation, profile.Occupation);
        profile.Region = Declared(profile, d.Region, profile.Region);
        profile.Education = Declared(profile, d.Education, profile.Education);
        profile.IncomeBand = Declared(profile, d.IncomeBand, profile.IncomeBand);
        AddInterests(profile, d.Interests);
    }

    private static void FoldSocial(UserProfile profile, UserSocialLinked d)
    {
        profile.SocialNetworks = Next(profile.SocialNetworks);
        if (d.Followers is { } followers and >= 0)
        {
            // A link that is sent again states the same network's followers, so the largest is kept and nothing is added up.
            profile.Followers = Math.Max(profile.Followers, followers);
        }
        else
        {
            _ = d.Followers is null ? profile.MissingValues = Next(profile.MissingValues) : profile.OutlierValues = Next(profile.OutlierValues);
        }

        AddInterests(profile, d.Interests);
    }

    private static void FoldConsent(UserProfile profile, ConsentChanged d)
    {
        bool withdrawn = profile.Consent.Personalisation && !d.Consent.Personalisation;
        profile.Consent = d.Consent.Shared();
        if (!withdrawn)
        {
            return;
        }

        profile.Taste = null;
        profile.TasteTicks = 0;
        profile.Categories = new TermAffinities();
        profile.Concepts = new TermAffinities();
        profile.RecentViews = null;
        profile.PriceResponse = default;
        profile.ViewSeconds = default;
        profile.Stars = default;
        profile.Sentiment = default;
    }

    private static string? Declared(UserProfile profile, string? said, string? known)
    {
        if (string.IsNullOrWhiteSpace(said))
        {
            profile.MissingValues = Next(profile.MissingValues);
            return known;
        }

        return Shortened(said);
    }

    /// <summary>The newest interests; one that is named again is not kept twice.</summary>
    private static void AddInterests(UserProfile profile, ImmutableArray<string> interests)
    {
        if (interests.IsDefaultOrEmpty)
        {
            profile.MissingValues = Next(profile.MissingValues);
            return;
        }

        foreach (string interest in interests.AsSpan()[..Math.Min(interests.Length, InterestsKept)])
        {
            if (!string.IsNullOrWhiteSpace(interest) && Shortened(interest) is var kept && Array.IndexOf(profile.Interests ?? [], kept) < 0)
            {
                profile.Interests = Appended(profile.Interests, kept, InterestsKept);
            }
        }
    }

    private static string Shortened(string text)
    {
        if (text.Length <= DeclaredLength)
        {
            return text;
        }

        // Not through the middle of a surrogate pair.
        return text[..(char.IsHighSurrogate(text[DeclaredLength - 1]) ? DeclaredLength - 1 : DeclaredLength)];
    }
}
