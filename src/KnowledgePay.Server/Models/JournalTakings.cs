using KnowledgePay.Decisions.Profiles;
using KnowledgePay.Grains.Events;
using KnowledgePay.Learning.Interactions;
using KnowledgePay.Storage;

namespace KnowledgePay.Server.Models;

/// <summary>A course that somebody took for the first time.</summary>
/// <param name="Course">Number of the course in <see cref="Takings.Courses"/>.</param>
public readonly record struct Taking(long Person, int Course, DateTimeOffset ReceivedAt);

/// <summary>What people who let their data be used so took, in the order in which it arrived, and who they are.</summary>
public sealed record Takings(IReadOnlyList<Taking> All, IdTable Courses, IReadOnlyDictionary<long, string> UserIds);

/// <summary>Reads from the journal who took what when.</summary>
public sealed class JournalTakings(JournalEvents journal, IEngineStore store)
{
    public async Task<Takings> Read(CancellationToken cancellation)
    {
        var refused = new PersonalisationRefusals();
        var seen = new HashSet<(long, int)>();
        var people = new HashSet<long>();
        var all = new List<Taking>();
        var courses = new IdTable();
        await foreach ((long stream, StoredEvent e) in journal.Read(_ => { }, cancellation))
        {
            refused.Hear(stream, e.Data);
            if (JournalInteractions.CourseOf(e.Data) is { } taken && all.Count < JournalInteractions.MostInteractions)
            {
                int course = courses.Add(taken);
                if (seen.Add((stream, course)))
                {
                    all.Add(new Taking(stream, course, e.ReceivedAt));
                }
            }

            people.Add(stream);
        }

        people.RemoveWhere(refused.Has);
        Dictionary<long, string> names = await PersonNames.Of(store, people, cancellation);
        return new Takings([.. all.Where(one => names.ContainsKey(one.Person)).OrderBy(one => one.ReceivedAt)], courses, names);
    }
}
