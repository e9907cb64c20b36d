using System.Globalization;
using KnowledgePay.Contracts.Events;

namespace KnowledgePay.Benchmarks.Worlds;

/// <summary>What people of a mature platform did: 20–100 courses each, most of them in two subjects, popular courses more often.</summary>
/// <remarks>Seeded: the same arguments give the same history.</remarks>
internal static class LearnedHistories
{
    public const int ShortestHistory = 20;
    public const int LongestHistory = 100;

    /// <summary>Subjects of the simulated catalogue: course <c>i</c> belongs to subject <c>i mod 12</c>.</summary>
    private const int Subjects = 12;

    /// <param name="courses">Courses <c>c0</c>… of the simulated catalogue.</param>
    public static IEnumerable<(string User, IncomingEvent[] Events)> Make(int users, int courses, DateTimeOffset end, int seed)
    {
        var random = new Random(seed);
        for (int user = 0; user < users; user++)
        {
            var taken = new HashSet<int>();
            int main = random.Next(Subjects), second = random.Next(Subjects);
            int wanted = Math.Min(courses / 4, random.Next(ShortestHistory, LongestHistory + 1));
            var events = new List<IncomingEvent>();
            DateTimeOffset at = end.AddDays(-180);
            TimeSpan step = TimeSpan.FromDays(179) / (wanted + 1);
            while (taken.Count < wanted)
            {
                int subject = random.Next(10) switch { < 5 => main, < 8 => second, _ => random.Next(Subjects) };
                double u = random.NextDouble();
                int course = ((int)(courses / Subjects * u * u * u) * Subjects) + subject;
                if (!taken.Add(course))
                {
                    continue;
                }

                at += step;
                string id = string.Create(CultureInfo.InvariantCulture, $"c{course}");
                events.Add(Event(user, events.Count, at, new CourseViewed { CourseId = id, Seconds = random.Next(5, 600), Surface = "home" }));
                events.Add(Event(user, events.Count, at.AddMinutes(5), new CourseEnrolled { CourseId = id }));
                if (random.Next(3) == 0)
                {
                    events.Add(Event(user, events.Count, at.AddDays(1), new CourseRated { CourseId = id, Stars = random.Next(2, 11) / 2.0 }));
                }
            }

            yield return (string.Create(CultureInfo.InvariantCulture, $"u{user}"), [.. events]);
        }
    }

    public static IncomingEvent View(int number, DateTimeOffset at, int course) =>
        Event(-1, number, at, new CourseViewed { CourseId = string.Create(CultureInfo.InvariantCulture, $"c{course}"), Seconds = 30, Surface = "course" });

    private static IncomingEvent Event(int user, int number, DateTimeOffset at, EventData data) => new()
    {
        Source = "/benchmarks",
        Id = string.Create(CultureInfo.InvariantCulture, $"{user}-{number}"),
        Time = at,
        Data = data,
    };
}
