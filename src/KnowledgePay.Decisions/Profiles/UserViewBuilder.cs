using System.Collections.Immutable;
using KnowledgePay.Contracts.People;
using KnowledgePay.Decisions.Catalogue;
using KnowledgePay.Decisions.Segmentation;

namespace KnowledgePay.Decisions.Profiles;

/// <summary>What a person is shown of what the engine holds about them.</summary>
public static class UserViewBuilder
{
    /// <remarks>Courses and categories that the catalogue no longer names are left out; features without a value are absent.</remarks>
    public static UserView Build(string userId, UserProfile profile, CatalogueSnapshot catalogue, DateTimeOffset now, LearnedSegments? segments = null)
    {
        float risk = profile.CurrentRisk(now);
        return new UserView
        {
            UserId = userId,
            Sequence = profile.Sequence,
            FirstSeen = TimeOf(profile.FirstSeenTicks),
            LastSeen = TimeOf(profile.LastSeenTicks),
            Segment = Segments.NameOf(SegmentRule.Of(profile, now)),
            LearnedSegment = segments?.Of(profile, now) is { } learned ? new LearnedSegmentView(learned.Name, learned.Model) : null,
            RiskScore = risk,
            RiskBand = RiskBands.NameOf(RiskBands.Of(risk)),
            Consent = profile.Consent,
            Features = FeaturesOf(profile, now),
            Declared = DeclaredOf(profile),
            Affinities = AffinitiesOf(profile, catalogue, now),
            Courses = CoursesOf(profile.Shelf, catalogue),
            TasteVector = profile.Taste is { } taste ? [.. taste] : null,
        };
    }

    private static DateTimeOffset? TimeOf(long ticks) => ticks == 0 ? null : new DateTimeOffset(ticks, TimeSpan.Zero);

    private static ImmutableSortedDictionary<string, double> FeaturesOf(UserProfile profile, DateTimeOffset now)
    {
        Span<double> values = stackalloc double[ProfileFeatures.Count];
        ProfileFeatures.Read(profile, now, values);
        ImmutableSortedDictionary<string, double>.Builder features = ImmutableSortedDictionary.CreateBuilder<string, double>(StringComparer.Ordinal);
        for (int i = 0; i < values.Length; i++)
        {
            if (double.IsFinite(values[i]))
            {
                features[ProfileFeatures.Names[i]] = values[i];
            }
        }

        return features.ToImmutable();
    }

    private static ImmutableSortedDictionary<string, string> DeclaredOf(UserProfile profile)
    {
        ImmutableSortedDictionary<string, string>.Builder declared = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        Say("birthYear", profile.BirthYear > 0 ? profile.BirthYear.ToString(System.Globalization.CultureInfo.InvariantCulture) : null);
        Say("gender", profile.Gender);
        Say("occupation", profile.Occupation);
        Say("region", profile.Region);
        Say("education", profile.Education);
        Say("incomeBand", profile.IncomeBand);
        Say("interests", profile.Interests is { Length: > 0 } interests ? string.Join(", ", interests) : null);
        return declared.ToImmutable();

        void Say(string name, string? value)
        {
            if (value is not null)
            {
                declared[name] = value;
            }
        }
    }

    private static ImmutableArray<CategoryAffinity> AffinitiesOf(UserProfile profile, CatalogueSnapshot catalogue, DateTimeOffset now)
    {
        var affinities = new List<CategoryAffinity>(profile.Categories.Terms.Length);
        foreach (int term in profile.Categories.Terms)
        {
            if ((uint)term < (uint)catalogue.Terms.Length)
            {
                affinities.Add(new CategoryAffinity(catalogue.Terms[term], profile.Categories.WeightOf(term, now.UtcTicks)));
            }
        }

        return [.. affinities.OrderByDescending(a => a.Weight).ThenBy(a => a.Category, StringComparer.Ordinal)];
    }

    private static ImmutableArray<OwnedCourse> CoursesOf(CourseShelf shelf, CatalogueSnapshot catalogue)
    {
        ImmutableArray<OwnedCourse>.Builder courses = ImmutableArray.CreateBuilder<OwnedCourse>(shelf.Count);
        for (int i = 0; i < shelf.Count; i++)
        {
            if (shelf.Ordinals[i] < catalogue.Courses.Length && catalogue.Courses[shelf.Ordinals[i]] is { } entry)
            {
                courses.Add(new OwnedCourse(entry.Course.Id, shelf.Progress[i] / (double)CourseShelf.Whole));
            }
        }

        return courses.ToImmutable();
    }
}
