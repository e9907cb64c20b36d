using KnowledgePay.Contracts.Events;
using KnowledgePay.Decisions.Profiles;

namespace KnowledgePay.Server.Models;

/// <summary>Comments with the stars that their writers gave the same course, read from the journal.</summary>
/// <remarks>
/// Only of people whose latest word on personalisation is not no. Stars in the middle say neither good nor bad and are left out, as is who wrote what.
/// </remarks>
public sealed class JournalComments(JournalEvents journal)
{
    /// <summary>Comments that are learned from at most; the latest are dropped then.</summary>
    public const int MostComments = 500_000;

    private const double GoodStars = 4, MiddleStars = 3;

    /// <param name="progress">Told the share of the journal that was read.</param>
    public async Task<LabelledComments> Read(Action<double> progress, CancellationToken cancellation)
    {
        var refused = new PersonalisationRefusals();
        var stars = new Dictionary<(long Stream, string Course), double>();
        var comments = new List<(long Stream, string Course, string Text, DateTimeOffset At)>();
        long events = 0;
        await foreach ((long stream, StoredEvent e) in journal.Read(progress, cancellation))
        {
            events++;
            refused.Hear(stream, e.Data);
            switch (e.Data)
            {
                case CourseRated rated:
                    stars[(stream, rated.CourseId)] = rated.Stars;
                    break;
                case CourseCommented comment when comments.Count < MostComments:
                    comments.Add((stream, comment.CourseId, comment.Text, e.Time));
                    break;
                default:
                    break;
            }
        }

        var texts = new List<string>();
        var positive = new List<bool>();
        var people = new HashSet<long>();
        var courses = new HashSet<string>(StringComparer.Ordinal);
        (DateTimeOffset? from, DateTimeOffset? to) = (null, null);
        foreach ((long stream, string course, string text, DateTimeOffset at) in comments)
        {
            if (refused.Has(stream) || !stars.TryGetValue((stream, course), out double given) || given is >= MiddleStars and < GoodStars)
            {
                continue;
            }

            texts.Add(text);
            positive.Add(given >= GoodStars);
            people.Add(stream);
            courses.Add(course);
            from = from is null || at < from ? at : from;
            to = to is null || at > to ? at : to;
        }

        return new LabelledComments(texts, [.. positive], new TrainedOn(events, people.Count, courses.Count, 0, from, to) { Comments = texts.Count });
    }
}

/// <param name="Positive">By text: whether its writer gave the course four stars or more; fewer than three otherwise.</param>
public sealed record LabelledComments(IReadOnlyList<string> Texts, bool[] Positive, TrainedOn TrainedOn);
