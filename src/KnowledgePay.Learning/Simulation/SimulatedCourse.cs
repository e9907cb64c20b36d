using System.Collections.Immutable;
using System.Globalization;
using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Catalogue;

namespace KnowledgePay.Learning.Simulation;

/// <summary>A course and what only the simulation knows of it.</summary>
internal sealed class SimulatedCourse
{
    /// <summary>Dimensions of the space in which tastes and courses meet.</summary>
    public const int Dimensions = 8;

    public required Course Course { get; init; }

    public required int Subject { get; init; }

    public required bool InChinese { get; init; }

    /// <summary>Unit-variance coordinates: near its subject's centre.</summary>
    public required float[] Latent { get; init; }

    /// <summary>−1 to 1 or a little beyond: moves ratings.</summary>
    public required double Quality { get; init; }

    /// <summary>Index of the course to have completed first, or −1.</summary>
    public required int Prerequisite { get; init; }

    /// <summary>The course of an index; a prerequisite is always of a lower index.</summary>
    public static SimulatedCourse Make(MarketplaceOptions options, int index)
    {
        SeededRandom random = SeededRandom.For(options.Seed, 1, (ulong)index);
        int subjectIndex = index % CourseWords.Subjects.Length;
        CourseWords.Subject subject = CourseWords.Subjects[subjectIndex];
        int topic = index / CourseWords.Subjects.Length % subject.English.Length;
        bool inChinese = random.Chance(0.6);
        int level = Math.Min(2, topic / 2);

        var latent = new float[Dimensions];
        SeededRandom centre = SeededRandom.For(options.Seed, 2, (ulong)subjectIndex);
        for (int i = 0; i < Dimensions; i++)
        {
            latent[i] = (float)((centre.Normal() * 0.85) + (random.Normal() * 0.5));
        }

        // Some advanced courses build on the subject's previous one, which is one round of subjects earlier.
        int before = index - CourseWords.Subjects.Length;
        int prerequisite = topic > 0 && before >= 0 && random.Chance(0.25) ? before : -1;

        double quality = random.Normal() * 0.6;
        long list = PriceOf(options, random, level);
        Money price = new(options.Currency, list);
        int minutes = 60 + (random.Next(40) * 30);
        string topicName = inChinese ? subject.Chinese[topic] : subject.English[topic];
        ImmutableArray<string> sentences = inChinese
            ? [random.Pick<string>(CourseWords.ChineseSentences), random.Pick<string>(CourseWords.ChineseSentences)]
            : [random.Pick<string>(CourseWords.EnglishSentences), random.Pick<string>(CourseWords.EnglishSentences)];
        string title = inChinese
            ? topicName + random.Pick<string>(CourseWords.ChineseClosings)
            : $"{random.Pick<string>(CourseWords.EnglishOpenings)} {topicName} {random.Pick<string>(CourseWords.EnglishAudiences)}";
        return new SimulatedCourse
        {
            Subject = subjectIndex,
            InChinese = inChinese,
            Latent = latent,
            Quality = quality,
            Prerequisite = prerequisite,
            Course = new Course
            {
                Id = Id(index),
                Title = title,
                Description = inChinese
                    ? $"本课程讲解{topicName}。{string.Concat(sentences.Distinct())}"
                    : $"This course is about {topicName.ToLowerInvariant()}. {string.Join(' ', sentences.Distinct())}",
                Category = subject.Slug,
                Tags = [subject.Slug, CourseWords.Levels[level]],
                Language = inChinese ? "zh" : "en",
                Instructor = inChinese
                    ? random.Pick<string>(CourseWords.Surnames) + random.Pick<string>(CourseWords.GivenNames)
                    : random.Pick<string>(CourseWords.EnglishNames),
                Level = CourseWords.Levels[level],
                ListPrice = price,
                FloorPrice = price with { MinorUnits = list / 2 },
                MarginalCost = price with { MinorUnits = list / 20 },
                DurationMinutes = minutes,
                Prerequisites = prerequisite >= 0 ? [Id(prerequisite)] : [],
                Concepts = [subject.English[topic].ToLowerInvariant(), subject.Chinese[topic]],
                PublishedAt = options.End.AddDays(-options.Days - 1 - random.Next(700)),
            },
        };
    }

    public static string Id(int index) => string.Create(CultureInfo.InvariantCulture, $"c{index}");

    /// <summary>Prices end in 9 before the decimal point (9.00, 99.00, 199.00): what shops do.</summary>
    private static long PriceOf(MarketplaceOptions options, SeededRandom random, int level)
    {
        long unit = 1;
        for (int i = 0; i < Currencies.ExponentOf(options.Currency); i++)
        {
            unit *= 10;
        }

        double major = 40 * Math.Exp((level * 0.5) + (random.Normal() * 0.6));
        return ((Math.Clamp((long)major, 9, 1990) / 10 * 10) + 9) * unit;
    }
}
