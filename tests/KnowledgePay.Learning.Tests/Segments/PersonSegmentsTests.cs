using System.Text.Json.Nodes;
using KnowledgePay.Contracts.People;
using KnowledgePay.Decisions.Profiles;
using KnowledgePay.Decisions.Segmentation;
using KnowledgePay.Learning.Files;
using KnowledgePay.Learning.Segments;

namespace KnowledgePay.Learning.Tests.Segments;

public sealed class PersonSegmentsTests
{
    private static readonly DateTimeOffset Now = new(2026, 5, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Groups_that_are_there_are_found_named_by_what_sets_them_apart_and_assigned_alike_online()
    {
        (UserProfile Profile, int Group)[] people = People(900, 3);
        PersonCase[] cases = [.. people.Select(one => Case(one.Profile))];
        LearnedPersonSegments learned = PersonSegments.Train(cases, new SegmentSettings { Seed = 4 }, null, TestContext.Current.CancellationToken);
        Assert.Equal(3, learned.Model.Names.Count);
        Assert.Equal(3, learned.Model.Names.Distinct().Count());
        Assert.True(learned.Silhouette >= learned.RuleSilhouette);
        Assert.InRange(learned.Stability!.Value, 0.9, 1);

        // The grain's side says the same of each, from the profile alone.
        string directory = Directory.CreateTempSubdirectory().FullName;
        try
        {
            learned.Model.Write(directory);
            LearnedSegments online = PersonSegments.Serving(SegmentModel.Read(directory), "kmeans/1");
            var found = people.GroupBy(one => one.Group).ToDictionary(group => group.Key, group => group.Select(one => online.Of(one.Profile, Now)!.Value.Name).Distinct().ToArray());
            Assert.All(found.Values, names => Assert.Single(names));
            Assert.Equal(3, found.Values.SelectMany(names => names).Distinct().Count());
            Assert.Contains("student", found[0][0], StringComparison.Ordinal);
            Assert.Contains("buyers", found[1][0], StringComparison.Ordinal);
            Assert.Equal(
                learned.Report["segments"]!.AsArray().ToDictionary(one => one!["name"]!.GetValue<string>(), one => one!["rows"]!.GetValue<int>()),
                people.GroupBy(one => online.Of(one.Profile, Now)!.Value.Name).ToDictionary(group => group.Key, group => group.Count()));

            var refuses = new UserProfile { LastSeenTicks = Now.UtcTicks, Consent = Consent.Default with { Personalisation = false } };
            Assert.Null(online.Of(refuses, Now));
            Assert.Null(online.Of(new UserProfile(), Now));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public void Somebody_unlike_all_has_no_segment_where_density_made_them()
    {
        (UserProfile Profile, int Group)[] people = People(600, 5);
        LearnedPersonSegments learned = PersonSegments.Train(
            [.. people.Select(one => Case(one.Profile))], new SegmentSettings { Algorithm = "dbscan", Eps = 2.5, MinPoints = 8 }, null, TestContext.Current.CancellationToken);
        LearnedSegments online = PersonSegments.Serving(learned.Model, "dbscan/1");
        Assert.NotNull(online.Of(people[0].Profile, Now));
        var stranger = new UserProfile { LastSeenTicks = Now.AddDays(-4000).UtcTicks, FirstSeenTicks = Now.AddDays(-4000).UtcTicks, Views = 1_000_000, Purchases = 90_000 };
        Assert.Null(online.Of(stranger, Now));
    }

    [Fact]
    public void Too_few_people_people_all_alike_and_a_model_of_other_features_are_refused()
    {
        PersonCase[] cases = [.. People(120, 6).Select(one => Case(one.Profile))];
        Assert.Contains("too little", Assert.Throws<InputException>(() => PersonSegments.Train(cases[..50], new SegmentSettings(), null, default)).Message, StringComparison.Ordinal);
        Assert.Throws<InputException>(() => PersonSegments.Train([.. cases.Select(_ => cases[0])], new SegmentSettings(), null, default));
        SegmentModel other = SegmentTraining.Train(
            new Learning.Tables.Table("t", 4, [new Learning.Tables.NumericColumn("height", [1, 2, 10, 11])]), new SegmentSettings { Clusters = 2 }).Model;
        Assert.Contains("height", Assert.Throws<InputException>(() => PersonSegments.Serving(other, "x")).Message, StringComparison.Ordinal);
    }

    private static PersonCase Case(UserProfile profile)
    {
        double[] values = new double[SegmentFeatures.Count];
        SegmentFeatures.Read(profile, Now, Decisions.Credit.CurrencyScale.Default, values);
        return new PersonCase(values, profile.Occupation, SegmentRule.Of(profile, Now));
    }

    /// <summary>Students who have just come, old hands who buy a lot, and people who have gone.</summary>
    private static (UserProfile Profile, int Group)[] People(int count, int seed)
    {
        var random = new Random(seed);
        return
        [
            .. Enumerable.Range(0, count).Select(i =>
            {
                int group = i % 3;
                (int tenure, int away, int views, int purchases) = group switch { 0 => (20, 1, 60, 0), 1 => (1500, 2, 200, 40), _ => (300, 200, 3, 2) };
                float Around(int value) => value * (0.8f + (0.4f * random.NextSingle()));
                var profile = new UserProfile
                {
                    FirstSeenTicks = Now.AddDays(-Around(tenure)).UtcTicks,
                    LastSeenTicks = Now.AddDays(-Around(away)).UtcTicks,
                    Views = (int)Around(views),
                    Purchases = (int)Around(purchases),
                    Activity = new ActivityLevels(0, 1, Around(views) / 10, Around(views) / 5),
                    Occupation = group == 0 ? "student" : group == 1 ? "engineer" : null,
                };
                return (profile, group);
            }),
        ];
    }
}
