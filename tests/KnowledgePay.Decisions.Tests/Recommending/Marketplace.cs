using KnowledgePay.Contracts.Catalogue;
using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Contracts.Events;
using KnowledgePay.Decisions.Catalogue;
using KnowledgePay.Decisions.Profiles;
using KnowledgePay.Decisions.Projections;
using KnowledgePay.Decisions.Recommending;
using KnowledgePay.Decisions.Tests.Profiles;

namespace KnowledgePay.Decisions.Tests.Recommending;

/// <summary>Courses of six subjects, a crowd that mostly stays within one, and whoever asks for recommendations.</summary>
internal sealed class Marketplace
{
    public static readonly DateTimeOffset Now = FoldedPerson.At(90);

    private static readonly string[][] Subjects =
    [
        ["chess", "opening", "endgame", "tactics", "gambit", "checkmate", "pawn", "bishop"],
        ["python", "programming", "functions", "classes", "algorithms", "debugging", "compiler", "recursion"],
        ["cooking", "sauces", "baking", "noodles", "spices", "knife", "roasting", "dessert"],
        ["finance", "bonds", "equities", "portfolio", "options", "hedging", "dividends", "treasury"],
        ["历史", "唐代", "宋代", "长安", "科举", "丝绸之路", "明清", "考古"],
        ["piano", "harmony", "scales", "sonata", "rhythm", "melody", "composition", "chords"],
    ];

    private readonly List<string> _terms = [];
    private long _version;

    public Marketplace(int courses, Func<Course, int, Course>? change = null, SimilarityKernel kernel = SimilarityKernel.Residual)
    {
        Signals = new LiveSignals { Similarity = new ItemSimilarity(kernel) };
        Put([.. Enumerable.Range(0, courses).Select(i => (change ?? ((c, _) => c))(CourseOf(i), i))]);
    }

    public CatalogueSnapshot Catalogue { get; private set; } = CatalogueSnapshot.Empty;

    public LiveSignals Signals { get; }

    public static int SubjectOf(int ordinal) => ordinal % Subjects.Length;

    /// <summary>Course <paramref name="ordinal"/> as it is when nobody changes it: long published, of subject ordinal mod 6.</summary>
    public static Course CourseOf(int ordinal)
    {
        string[] words = Subjects[SubjectOf(ordinal)];
        var random = new Random(ordinal);
        return new Course
        {
            Id = $"c{ordinal}",
            Title = $"{words[0]} {words[random.Next(1, 8)]} {words[random.Next(1, 8)]} {ordinal}",
            Description = string.Join(' ', Enumerable.Range(0, 12).Select(_ => words[random.Next(8)])),
            Category = words[0],
            Tags = [words[random.Next(1, 8)]],
            ListPrice = Happening.Cny(10_000),
            PublishedAt = Now.AddDays(-400 - ordinal),
        };
    }

    public void Put(params ReadOnlySpan<Course> courses)
    {
        var changes = new List<KeyValuePair<int, Course?>>();
        foreach (Course course in courses)
        {
            foreach (string term in course.Category is { } category ? course.Concepts.Prepend(category) : course.Concepts)
            {
                if (!_terms.Contains(term))
                {
                    _terms.Add(term);
                }
            }

            changes.Add(new(int.Parse(course.Id.AsSpan(1), System.Globalization.CultureInfo.InvariantCulture), course));
        }

        Catalogue = CatalogueBuilder.Apply(Catalogue, new CatalogueChanges { Courses = changes, Terms = [.. _terms] }, ++_version, t => _terms.IndexOf(t));
    }

    public Marketplace WithRules(params ReadOnlySpan<RankingRule> rules)
    {
        var changes = new List<KeyValuePair<string, RankingRule?>>();
        foreach (RankingRule rule in rules)
        {
            changes.Add(new(rule.Id, rule));
        }

        Catalogue = CatalogueBuilder.Apply(Catalogue, new CatalogueChanges { Rules = changes }, ++_version, t => _terms.IndexOf(t));
        return this;
    }

    /// <summary>People who take up to eight courses, most of them of one subject, and are told to the signals.</summary>
    public Marketplace WithCrowd(int people, int seed = 1, double day = 60)
    {
        var random = new Random(seed);
        for (int i = 0; i < people; i++)
        {
            var person = new FoldedPerson();
            int subject = random.Next(Subjects.Length);
            int wanted = random.Next(2, 9);
            for (int k = 0; k < wanted; k++)
            {
                int of = random.NextDouble() < 0.85 ? subject : random.Next(Subjects.Length);
                // The lower the ordinal, the more popular.
                int course = of + (Subjects.Length * (int)(Math.Pow(random.NextDouble(), 2) * (Catalogue.Courses.Length / Subjects.Length)));
                Take(person, course, day * random.NextDouble(), person: i + 1);
            }
        }

        Signals.Similarity.RefreshDirty(int.MaxValue);
        return this;
    }

    public FoldedPerson Take(FoldedPerson who, int course, double day, long person = 0) => Do(who, Happening.Enrolled(course), day, person);

    /// <summary>Folds an event with the facts of this catalogue and tells the signals.</summary>
    public FoldedPerson Do(FoldedPerson who, CourseEvent data, double day = 60, long person = 0)
    {
        CourseEntry entry = Catalogue.FindCourse(data.CourseId)!;
        var facts = new EventFacts
        {
            Course = entry.Ordinal,
            Category = entry.Category,
            Concepts = entry.Concepts,
            ListPriceMinorUnits = 10_000,
            Currency = "CNY",
            Vector = Catalogue.Vectors.Of(entry.Ordinal).ToArray(),
        };
        who.Apply(who.Profile.Sequence + 1, FoldedPerson.Stored(data, FoldedPerson.At(day), facts), person);
        foreach (ProjectionEffect effect in who.Effects)
        {
            Signals.Apply(effect);
        }

        return who;
    }

    /// <summary>Somebody with these courses, of whom the crowd knows too.</summary>
    public FoldedPerson Person(params ReadOnlySpan<int> courses)
    {
        var who = new FoldedPerson();
        foreach (int course in courses)
        {
            Take(who, course, 60, person: 1_000_000);
        }

        Signals.Similarity.RefreshDirty(int.MaxValue);
        return who;
    }

    public DecisionContext Context(UserProfile profile, ulong seed = 1) => new()
    {
        DecisionId = "d-1",
        UserId = "ann",
        Profile = profile,
        Catalogue = Catalogue,
        Signals = Signals,
        Now = Now,
        Seed = seed,
    };

    public RecommendationDecision Recommend(
        UserProfile profile, int count = 10, string? page = null, ulong seed = 1, RecommendationSettings? settings = null) =>
        Recommender.Decide(Context(profile, seed), new RecommendationRequest { Count = count, CourseId = page }, settings ?? Certain);

    /// <summary>The default settings without exploration.</summary>
    public static RecommendationSettings Certain { get; } = RecommendationSettings.Default with { ExplorationRate = 0 };

    public int OrdinalOf(string id) => Catalogue.FindCourse(id)!.Ordinal;

    public int[] Ordinals(RecommendationDecision decision) => [.. decision.Items.Select(i => OrdinalOf(i.CourseId))];
}
