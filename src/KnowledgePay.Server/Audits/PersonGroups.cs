using KnowledgePay.Decisions.Profiles;

namespace KnowledgePay.Server.Audits;

/// <summary>The groups by which people are compared after the fact; no decision looks at them.</summary>
public static class PersonGroups
{
    public const string Gender = "gender", Age = "age";

    private static readonly int[] AgeBounds = [30, 50];

    /// <summary>By kind, the person's group; a kind that nothing is known of is left out.</summary>
    public static IReadOnlyList<(string Kind, string Group)> Of(UserProfile profile, DateTimeOffset at)
    {
        var groups = new List<(string, string)>();
        if (profile.Gender is { Length: > 0 } gender)
        {
            groups.Add((Gender, gender));
        }

        if (profile.Age(at) is { } age)
        {
            int band = AgeBounds.Count(bound => age >= bound);
            groups.Add((Age, band == 0 ? $"below {AgeBounds[0]}" : band == AgeBounds.Length ? $"{AgeBounds[^1]} and above" : $"{AgeBounds[band - 1]} to {AgeBounds[band] - 1}"));
        }

        return groups;
    }
}
