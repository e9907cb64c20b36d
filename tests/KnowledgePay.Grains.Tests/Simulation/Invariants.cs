using System.Collections.Immutable;
using KnowledgePay.Contracts.Events;
using KnowledgePay.Decisions.Profiles;
using KnowledgePay.Decisions.Projections;
using KnowledgePay.Grains.Events;
using KnowledgePay.Grains.Records;
using KnowledgePay.Grains.Tests.Events;
using KnowledgePay.Grains.Users;
using KnowledgePay.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace KnowledgePay.Grains.Tests.Simulation;

/// <summary>What must be so at any moment, and what must be so once everything is at rest; recounted from the journal alone.</summary>
internal sealed class Invariants(World world, Cluster cluster, IReadOnlyList<Person> people)
{
    private readonly record struct Told(string PaymentId, string OrderId, long Charged);

    /// <summary>What every activation believes is the fold of the journal up to where it is.</summary>
    public void CheckStates()
    {
        foreach (SimulatedSilo silo in cluster.Serving)
        {
            foreach ((string person, UserGrain grain) in silo.Activations)
            {
                if (grain.Stream.Key is not { } key || grain.Stream.Profile.Sequence == 0)
                {
                    continue;
                }

                // Of one who was erased meanwhile, there is nothing to compare with.
                if (cluster.Disk.Resolve(key.Stream) is not null
                    && Fold(silo.Codec, key, grain.Stream.Profile.Sequence, null) is { } folded
                    && StateText.Of(folded) != StateText.Of(grain.Stream.Profile))
                {
                    world.Violations.Add($"Silo {silo.Number} believes of {person} at {grain.Stream.Profile.Sequence} what the journal does not say.");
                }
            }
        }
    }

    public void CheckAtRest()
    {
        SimulatedSilo any = cluster.Serving.First();
        var told = new LiveSignals();
        CheckStates();
        foreach (Person person in people)
        {
            StreamKey? key = cluster.Disk.FindKey(StreamNames.OfUser(person.Id));
            List<StoredEvent> stored = key is null ? [] : Journal(any.Codec, key);
            CheckAcknowledged(person, [.. stored.Where(e => e.Source == "/device").Select(e => e.Id)]);
            if (!person.IsErasable)
            {
                CheckOrders(any, person, stored);
                if (key is not null)
                {
                    Fold(any.Codec, key, long.MaxValue, told);
                }
            }
        }

        CheckErased();
        foreach (SimulatedSilo silo in cluster.Serving)
        {
            CheckFigures(silo, told);
        }
    }

    private void CheckAcknowledged(Person person, ImmutableArray<string> stored)
    {
        var places = new Dictionary<string, int>();
        for (int i = 0; i < stored.Length; i++)
        {
            if (!places.TryAdd(stored[i], i))
            {
                world.Violations.Add($"{stored[i]} is stored twice.");
            }
        }

        foreach (List<Acknowledged> device in person.Devices)
        {
            int last = -1;
            var seen = new HashSet<string>();
            foreach (Acknowledged e in device.Where(e => e.SentAt > person.ErasedAt && seen.Add(e.Id)))
            {
                if (!places.TryGetValue(e.Id, out int place))
                {
                    // What rode along may have been sent first before the person was erased: it stays a duplicate.
                    if (!person.IsErasable || !person.Repeated.Contains(e.Id))
                    {
                        world.Violations.Add($"{e.Id} was acknowledged and is not stored.");
                    }
                }
                else if (!person.Repeated.Contains(e.Id))
                {
                    if (place < last)
                    {
                        world.Violations.Add($"{e.Id} is stored before {stored[last]}, which was acknowledged before it was sent.");
                    }

                    last = place;
                }
            }
        }
    }

    private void CheckOrders(SimulatedSilo silo, Person person, List<StoredEvent> stored)
    {
        ILookup<string, OrderPlaced> placed = stored.Select(e => e.Data).OfType<OrderPlaced>().ToLookup(o => o.QuoteId);
        foreach (IGrouping<string, OrderPlaced> orders in placed.Where(o => o.Count() > 1))
        {
            world.Violations.Add($"{person.Id} has {orders.Count()} orders of quote {orders.Key}.");
        }

        foreach (IGrouping<string, (string QuoteId, string PaymentId, Contracts.Decisions.CheckoutAnswer Answer)> answers in person.Orders.GroupBy(o => o.QuoteId))
        {
            List<Told> told = [.. answers.Select(a => new Told(a.PaymentId, a.Answer.OrderId, a.Answer.Charged.MinorUnits)).Distinct()];
            OrderPlaced? order = placed[answers.Key].FirstOrDefault();
            if (told.Count > 1 || order is null || new Told(order.PaymentId, order.OrderId, order.Charged.MinorUnits) != told[0])
            {
                world.Violations.Add($"{person.Id} was told of quote {answers.Key}: {string.Join("; ", told)}; the journal says {order?.OrderId ?? "nothing"}.");
                continue;
            }

            ValueTask<string> row = new Ledger(silo.Store).KeyOf(order.OrderId, CancellationToken.None);
            if (!row.IsCompletedSuccessfully || cluster.Disk.FindDocument(Ledger.Kind, row.Result) is null)
            {
                world.Violations.Add($"Order {order.OrderId} was answered and is not in the ledger.");
            }
        }
    }

    /// <summary>A stream without a key has ended, so that nobody is told that something was stored in it; its rows, which nobody can read, are gone unless the silo died that was about it.</summary>
    private void CheckErased()
    {
        foreach ((long stream, bool hasEnded, bool hasPayload) in cluster.Disk.StreamsWithRows)
        {
            if (cluster.Disk.Resolve(stream) is null && (!hasEnded || (hasPayload && cluster.Faults.GetValueOrDefault("killed") == 0)))
            {
                world.Violations.Add($"Stream {stream} has no key, and {(hasEnded ? "still has its rows" : "goes on")}.");
            }
        }
    }

    private void CheckFigures(SimulatedSilo silo, LiveSignals told)
    {
        for (int course = 0; course < Cluster.KeptCourses; course++)
        {
            string expected = Figures(told, course);
            string actual = Figures(silo.Signals, course);
            if (actual != expected)
            {
                world.Violations.Add($"Silo {silo.Number} counts of course {course}: {actual}; the journal says {expected}.");
            }
        }
    }

    private static string Figures(LiveSignals signals, int course)
    {
        CourseAggregate of = signals.Course(course) ?? new CourseAggregate();
        IEnumerable<int> pairs = Enumerable.Range(0, Cluster.KeptCourses).Select(other => signals.Similarity.PairCount(course, other));
        return $"views {of.Views}, enrolled {of.Enrolments}, completed {of.Completions}, rated {of.Ratings} with {of.StarsSum}, comments {of.Comments}, orders {of.Orders}, taken {of.Taken}, "
            + $"revenue {string.Join(' ', of.Revenue ?? [])}, quotes {string.Join(' ', Trimmed(of.QuotesShown))} bought {string.Join(' ', Trimmed(of.QuotesBought))}, "
            + $"degree {signals.Similarity.Degree(course)}, with others {string.Join(' ', pairs)}";
    }

    private static int[] Trimmed(int[]? counts) => counts is null || Array.FindLastIndex(counts, c => c != 0) is not (>= 0 and var last) ? [] : counts[..(last + 1)];

    private List<StoredEvent> Journal(EventCodec codec, StreamKey key) =>
        [.. cluster.Disk.ReadStream(key.Stream, 0, int.MaxValue).Where(e => e.Payload.Length > 0).Select(e => codec.Decode(key, e.Payload))];

    private UserProfile? Fold(EventCodec codec, StreamKey key, long until, LiveSignals? signals)
    {
        var profile = new UserProfile();
        var effects = new EffectBuffer();
        foreach (JournalEntry entry in cluster.Disk.ReadStream(key.Stream, 0, int.MaxValue))
        {
            if (entry.Sequence > until)
            {
                break;
            }

            if (entry.Payload.Length == 0)
            {
                return null;
            }

            FoldStep.Apply(profile, entry.Sequence, codec.Decode(key, entry.Payload), key.Stream, ref effects, NullLogger.Instance);
            foreach (ProjectionEffect effect in effects.Effects)
            {
                signals?.Apply(effect);
            }

            effects.Clear();
        }

        return profile;
    }
}
