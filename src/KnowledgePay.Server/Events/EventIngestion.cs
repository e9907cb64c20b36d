using System.Collections.Immutable;
using KnowledgePay.Contracts.Events;
using KnowledgePay.Grains.Hosting;
using KnowledgePay.Server.Hosting;
using Microsoft.Extensions.Options;

namespace KnowledgePay.Server.Events;

/// <summary>Sends a batch to the grains of its subjects: a subject's events in order, the subjects side by side.</summary>
public sealed class EventIngestion(UserCalls users, ICourseEvents courses, IOptions<HttpLimits> limits)
{
    private readonly int _concurrency = limits.Value.EventConcurrency;
    private readonly int _chunk = limits.Value.EventsPerCall;

    /// <summary>Returns when all events are durable.</summary>
    /// <exception cref="Contracts.Grains.StoreUnavailableException">Some were not; the whole batch may be sent again, since those that were are duplicates then.</exception>
    public async ValueTask<EventsAnswer> Send(EventBatch batch)
    {
        var subjects = new List<Subject>(batch.Users.Count + batch.Courses.Count);
        foreach ((string id, ImmutableArray<IncomingEvent>.Builder events) in batch.Users)
        {
            subjects.Add(new Subject(id, false, events.DrainToImmutable()));
        }

        foreach ((string id, ImmutableArray<IncomingEvent>.Builder events) in batch.Courses)
        {
            subjects.Add(new Subject(id, true, events.DrainToImmutable()));
        }

        var tally = new Tally();
        if (subjects.Count == 1)
        {
            await Append(subjects[0], tally);
        }
        else if (subjects.Count > 1)
        {
            int next = -1;
            var workers = new Task[Math.Min(_concurrency, subjects.Count)];
            for (int w = 0; w < workers.Length; w++)
            {
                workers[w] = Work();
            }

            await Task.WhenAll(workers);

            async Task Work()
            {
                // Once a call has failed the answer is a failure: what is not sent yet need not be.
                for (int i = Interlocked.Increment(ref next); i < subjects.Count && !tally.HasFailed; i = Interlocked.Increment(ref next))
                {
                    try
                    {
                        await Append(subjects[i], tally);
                    }
                    catch
                    {
                        tally.HasFailed = true;
                        throw;
                    }
                }
            }
        }

        return new EventsAnswer(tally.Accepted, tally.Duplicates, batch.Rejected);
    }

    private async ValueTask Append(Subject subject, Tally tally)
    {
        for (int start = 0; start < subject.Events.Length; start += _chunk)
        {
            ImmutableArray<IncomingEvent> chunk = subject.Events.Length <= _chunk
                ? subject.Events
                : subject.Events.Slice(start, Math.Min(_chunk, subject.Events.Length - start));
            ImmutableArray<EventDisposition> dispositions = subject.IsCourse
                ? await courses.Append(subject.Id, chunk)
                : await users.Append(subject.Id, chunk);
            int duplicates = dispositions.AsSpan().Count(EventDisposition.Duplicate);
            tally.Add(dispositions.Length - duplicates, duplicates);
        }
    }

    private readonly record struct Subject(string Id, bool IsCourse, ImmutableArray<IncomingEvent> Events);

    private sealed class Tally
    {
        private int _accepted;
        private int _duplicates;
        private volatile bool _hasFailed;

        public int Accepted => _accepted;

        public int Duplicates => _duplicates;

        public bool HasFailed
        {
            get => _hasFailed;
            set => _hasFailed = value;
        }

        public void Add(int accepted, int duplicates)
        {
            Interlocked.Add(ref _accepted, accepted);
            Interlocked.Add(ref _duplicates, duplicates);
        }
    }
}
