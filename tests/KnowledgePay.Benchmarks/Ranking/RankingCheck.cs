using System.Globalization;
using System.Text.Json;
using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Catalogue;
using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Contracts.Events;
using KnowledgePay.Decisions;
using KnowledgePay.Decisions.Catalogue;
using KnowledgePay.Decisions.Profiles;
using KnowledgePay.Decisions.Projections;
using KnowledgePay.Decisions.Recommending;
using KnowledgePay.Decisions.Recommending.Models;
using KnowledgePay.Grains.Events;
using KnowledgePay.Learning.Interactions;
using KnowledgePay.Learning.Ranking;

namespace KnowledgePay.Benchmarks.Ranking;

/// <summary>How well the engine's own lists, made from profiles and live signals without a learned model, foretell what people took: for everybody's whole history, and for their first courses only.</summary>
/// <remarks>Reads a folder with <c>train.csv.gz</c>, <c>test.csv.gz</c> (user, item) and <c>courses.jsonl</c> (item, name, about, teachers, key_concepts). Full ranking, no exploration. Prints; judges nothing.</remarks>
internal static class RankingCheck
{
    private const int Cutoff = 20;
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly (string Name, RecommendationSettings Settings)[] Variants = Make();

    public static int Run(TextWriter output, string folder)
    {
        InteractionSet train = InteractionsFile.Read(Path.Combine(folder, "train.csv.gz"));
        InteractionSet test = InteractionsFile.Read(Path.Combine(folder, "test.csv.gz"), train.Items);
        Course[] courses = CoursesOf(Path.Combine(folder, "courses.jsonl"));
        output.WriteLine($"{courses.Length} courses, {train.Users.Count} people, {train.Matrix.Count} enrolments");
        CatalogueSnapshot catalogue = CatalogueOf(courses);
        LiveSignals signals = SignalsOf(train, catalogue);
        foreach (int first in (int[])[int.MaxValue, 5, 2, 1])
        {
            output.WriteLine(first == int.MaxValue ? "whole histories" : $"first {first}");
            MeasureAll(output, train, test, first, catalogue, signals);
        }

        // What is not published cannot be in a list, but can be on a shelf.
        bool[] isNew = [.. train.Items.Ids.Select(id => (KnowledgePay.Decisions.Profiles.StableHash.Of(id) & 0xFF) < 26)];
        output.WriteLine($"of {isNew.Count(one => one)} courses that nobody took yet");
        catalogue = CatalogueOf([.. courses.Select(course => train.Items.Find(course.Id) is var item && (item < 0 || !isNew[item]) ? course with { PublishedAt = Now.AddYears(1) } : course)]);
        InteractionSet known = Only(train, entry => !isNew[entry.Item]);
        MeasureAll(output, known, Only(train, entry => isNew[entry.Item]), int.MaxValue, catalogue, SignalsOf(known, catalogue));
        return 0;
    }

    private static LiveSignals SignalsOf(InteractionSet train, CatalogueSnapshot catalogue)
    {
        var signals = new LiveSignals();
        for (int user = 0; user < train.Users.Count; user++)
        {
            Fold(train, user, int.MaxValue, catalogue, effects =>
            {
                foreach (ref readonly ProjectionEffect effect in effects.Effects)
                {
                    signals.Apply(effect);
                }
            });
        }

        while (signals.Similarity.RefreshDirty(10_000) > 0)
        {
        }

        signals.RefreshTrending(Now.UtcTicks);
        return signals;
    }

    private static InteractionSet Only(InteractionSet set, Func<HistoryEntry, bool> holds) =>
        set with { Matrix = set.Matrix.Replace(Enumerable.Range(0, set.Users.Count).ToDictionary(user => user, user => Array.FindAll(set.Matrix.Row(user).ToArray(), entry => holds(entry)))) };

    private static void MeasureAll(TextWriter output, InteractionSet train, InteractionSet test, int first, CatalogueSnapshot catalogue, LiveSignals signals)
    {
        foreach ((string name, RecommendationSettings settings) in Variants)
        {
            RankingMetrics mean = Measure(train, test, first, catalogue, signals, settings);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {name,-28} R@{Cutoff} {mean.Recall:F4}  NDCG@{Cutoff} {mean.Ndcg:F4}  of {mean.Users}"));
        }
    }

    private static (string, RecommendationSettings)[] Make()
    {
        RecommendationSettings plain = RecommendationSettings.Default with { ExplorationRate = 0, DiversityLambda = 1 };
        return
        [
            ("all", plain),
            ("no concepts", plain with { ConceptWeight = 0, ColdConceptWeight = 0 }),
            ("nothing that comes next", plain with { LeadsWeight = 0 }),
            ("no text", plain with { TextWeight = 0, ColdTextWeight = 0, TasteWeight = 0 }),
            ("neither text nor concepts", plain with { TextWeight = 0, ColdTextWeight = 0, TasteWeight = 0, ConceptWeight = 0, ColdConceptWeight = 0 }),
            ("as shipped (diverse)", RecommendationSettings.Default with { ExplorationRate = 0 }),
            ("no crowd", plain with { CrowdWeight = 0 }),
        ];
    }

    private static RankingMetrics Measure(InteractionSet train, InteractionSet test, int first, CatalogueSnapshot catalogue, LiveSignals signals, RecommendationSettings settings)
    {
        RankingMetrics mean = default;
        for (int user = 0; user < train.Users.Count; user++)
        {
            int held = test.Users.Find(train.Users[user]);
            if (held < 0 || test.Matrix.RowLength(held) == 0)
            {
                continue;
            }

            var context = new DecisionContext
            {
                DecisionId = "d",
                UserId = "u",
                Profile = Fold(train, user, first, catalogue, null),
                Catalogue = catalogue,
                Signals = signals,
                Now = Now,
                Seed = 1,
            };
            RecommendationDecision decision = Recommender.Decide(context, new RecommendationRequest { Count = Cutoff }, settings);
            int[] items = [.. decision.Items.Select(item => train.Items.Find(item.CourseId))];
            mean += ScorerEvaluation.Compare(items, Array.ConvertAll(test.Matrix.Row(held).ToArray(), entry => entry.Item), Cutoff);
        }

        return mean;
    }

    private static UserProfile Fold(InteractionSet train, int user, int first, CatalogueSnapshot catalogue, Action<EffectBuffer>? observe)
    {
        var profile = new UserProfile();
        var effects = new EffectBuffer();
        ReadOnlySpan<HistoryEntry> row = train.Matrix.Row(user);
        for (int i = 0; i < row.Length && i < first; i++)
        {
            DateTimeOffset at = Now.AddDays(-100).AddHours(i);
            var data = new CourseEnrolled { CourseId = train.Items[row[i].Item] };
            ProfileFold.Apply(
                profile, i + 1, new StoredEvent { Source = "/check", Id = $"e{i}", Time = at, ReceivedAt = at, Data = data, Facts = FactsCapture.Of(data, catalogue) }, user + 1, ref effects);
        }

        observe?.Invoke(effects);
        return profile;
    }

    private static Course[] CoursesOf(string path)
    {
        var courses = new List<Course>();
        foreach (string line in File.ReadLines(path))
        {
            using JsonDocument document = JsonDocument.Parse(line);
            JsonElement of = document.RootElement;
            courses.Add(new Course
            {
                Id = of.GetProperty("item").GetString()!,
                Title = of.GetProperty("name").GetString()!,
                Description = of.GetProperty("about").GetString(),
                Instructor = of.GetProperty("teachers").EnumerateArray().Select(one => one.GetString()).FirstOrDefault(),
                Tags = [.. of.GetProperty("schools").EnumerateArray().Select(one => one.GetString()!)],
                Concepts = [.. of.GetProperty("key_concepts").EnumerateArray().Select(one => one.GetString()!)],
                Prerequisites = of.TryGetProperty("prerequisites", out JsonElement asked) && asked.ValueKind == JsonValueKind.Array ? [.. asked.EnumerateArray().Select(one => one.GetString()!)] : [],
                ListPrice = new Money("CNY", 10_000),
            });
        }

        return [.. courses];
    }

    private static CatalogueSnapshot CatalogueOf(Course[] courses)
    {
        var terms = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (string concept in courses.SelectMany(course => course.Concepts))
        {
            terms.TryAdd(concept, terms.Count);
        }

        return CatalogueBuilder.Apply(
            CatalogueSnapshot.Empty,
            new CatalogueChanges { Courses = [.. courses.Select((course, ordinal) => KeyValuePair.Create(ordinal, (Course?)course))], Terms = [.. terms.Keys] },
            1,
            term => terms.GetValueOrDefault(term, -1));
    }
}
