using System.Collections.Immutable;
using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Contracts.Events;
using KnowledgePay.Contracts.Grains;
using KnowledgePay.Contracts.People;
using KnowledgePay.Grains.Users;

namespace KnowledgePay.Grains.Tests.Simulation;

/// <summary>Somebody's devices: each sends its events one batch after the other until they are acknowledged, buys, and some ask to be erased. Remembers what was promised.</summary>
internal sealed class Person(World world, Cluster cluster, string id, bool isErasable)
{
    private static readonly DateTimeOffset Start = new(2026, 3, 2, 8, 0, 0, TimeSpan.Zero);
    private static readonly string[] Comments = ["great course", "太差了", "fine, I think"];

    private readonly List<IncomingEvent> _sent = [];
    private int _made;

    public string Id => id;

    public bool IsErasable => isErasable;

    /// <summary>Acknowledged events by device, in the order in which they were acknowledged.</summary>
    public List<List<Acknowledged>> Devices { get; } = [];

    /// <summary>Answered checkouts.</summary>
    public List<(string QuoteId, string PaymentId, CheckoutAnswer Answer)> Orders { get; } = [];

    /// <summary>Events that were sent in more than one batch: their place is that of whichever came first.</summary>
    public HashSet<string> Repeated { get; } = [];

    /// <summary>Events that were answered as accepted; each may be so once.</summary>
    public HashSet<string> Accepted { get; } = [];

    /// <summary>The last moment at which an erasing was answered.</summary>
    public long ErasedAt { get; private set; } = -1;

    public int Erasures { get; private set; }

    public async Task Live()
    {
        var acknowledged = new List<Acknowledged>();
        Devices.Add(acknowledged);
        while (world.IsStormy)
        {
            int wish = world.Random.Next(100);
            if (wish < 70)
            {
                await Send(acknowledged);
            }
            else if (wish < 76)
            {
                await Ask("consent", g => g.PutConsent(new Consent { PersonalPricing = world.Random.Next(2) == 0 }));
            }
            else if (wish < 80 && isErasable)
            {
                await Ask("erase", g => g.Stream.Erase());
                ErasedAt = world.Moment();
                Erasures++;
            }
            else if (!isErasable)
            {
                await Buy();
            }

            await world.Pause();
        }
    }

    private async Task Send(List<Acknowledged> acknowledged)
    {
        long sentAt = world.Moment();
        var batch = ImmutableArray.CreateBuilder<IncomingEvent>();
        for (int i = world.Random.Next(1, 4); i > 0; i--)
        {
            var e = new IncomingEvent
            {
                Source = "/device",
                Id = $"{id}-{++_made}",
                Time = Start.AddMinutes(_made - world.Random.Next(5)),
                Data = Draw(),
            };
            batch.Add(e);
            _sent.Add(e);
        }

        if (world.Random.Next(5) == 0)
        {
            // Something old rides along, or what another device is sending at this moment.
            IncomingEvent again = _sent[world.Random.Next(_sent.Count)];
            Repeated.Add(again.Id);
            batch.Add(again);
        }

        ImmutableArray<IncomingEvent> events = batch.ToImmutable();
        ImmutableArray<EventDisposition> answer = await Ask("append", g => g.Append(events));
        for (int i = 0; i < answer.Length; i++)
        {
            if (answer[i] == EventDisposition.Accepted && !Accepted.Add(events[i].Id))
            {
                world.Violations.Add($"{events[i].Id} was accepted twice.");
            }

            acknowledged.Add(new Acknowledged(events[i].Id, sentAt));
        }
    }

    private async Task Buy()
    {
        Answer<PriceAnswer> quoted = await Ask("price", g => g.Price(new PriceRequest { UserId = id, CourseId = Course() }));
        if (quoted.Value is not { } quote)
        {
            Expect(quoted.Problem!, "already-owned");
            return;
        }

        string payment = $"{id}-pay-{++_made}";
        List<Task> payments = [Pay(quote, payment)];
        if (world.Random.Next(3) == 0)
        {
            payments.Add(Pay(quote, world.Random.Next(2) == 0 ? payment : payment + "-rival"));
        }

        await Task.WhenAll(payments);
        if (world.Random.Next(3) == 0)
        {
            await Pay(quote, payment);
        }
    }

    private async Task Pay(PriceAnswer quote, string payment)
    {
        var request = new CheckoutRequest { QuoteToken = quote.QuoteToken, PaymentId = payment, Method = "card" };
        Answer<CheckoutAnswer> answer = await Ask("checkout", g => g.Checkout(request));
        if (answer.Value is { } order)
        {
            Orders.Add((order.QuoteId, payment, order));
        }
        else
        {
            Expect(answer.Problem!, "quote-used", "already-owned", "quote-expired");
        }
    }

    /// <summary>Asks until there is an answer.</summary>
    private async Task<T> Ask<T>(string what, Func<UserGrain, ValueTask<T>> call)
    {
        while (true)
        {
            try
            {
                return await cluster.Call(id, what, call);
            }
            catch (Exception e) when (e is StoreUnavailableException or CallFailedException)
            {
                await world.Pause();
            }
        }
    }

    private void Expect(Problem problem, params string[] types)
    {
        if (!types.Contains(problem.Type))
        {
            world.Violations.Add($"{id} got the problem {problem.Type}: {problem.Title}");
        }
    }

    private string Course() => isErasable ? $"c{Cluster.KeptCourses + world.Random.Next(Cluster.ErasedCourses)}" : $"c{world.Random.Next(Cluster.KeptCourses)}";

    private EventData Draw() => world.Random.Next(9) switch
    {
        0 => new UserProfiled { BirthYear = 1950 + world.Random.Next(50), IncomeBand = "medium", Interests = ["history"] },
        1 => new CourseEnrolled { CourseId = Course(), Price = new Money("CNY", 9_000) },
        2 => new CourseProgressed { CourseId = Course(), Fraction = world.Random.Next(11) / 10.0 },
        3 => new CourseCompleted { CourseId = Course() },
        4 => new CourseRated { CourseId = Course(), Stars = world.Random.Next(1, 11) / 2.0 },
        5 => new CourseCommented { CourseId = Course(), Text = Comments[world.Random.Next(Comments.Length)] },
        6 => new PaymentAttempted { PaymentId = $"{id}-p{world.Random.Next(50)}", Amount = new Money("CNY", 9_000), Method = "card", DeviceId = "d", Outcome = (PaymentOutcome)world.Random.Next(3) },
        _ => new CourseViewed { CourseId = Course(), Seconds = world.Random.Next(600) },
    };
}

/// <param name="SentAt">The moment at which the batch was made that it was acknowledged in.</param>
internal readonly record struct Acknowledged(string Id, long SentAt);
