using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;
using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Catalogue;
using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Contracts.Events;
using KnowledgePay.Contracts.Grains;
using KnowledgePay.Contracts.Partners;
using KnowledgePay.Grains.Catalogue;
using KnowledgePay.Grains.Hosting;
using KnowledgePay.Learning.Simulation;
using Microsoft.Extensions.Options;
using Orleans.Runtime;

namespace KnowledgePay.Server.Demo;

/// <summary>Size of the demo's marketplace; section <c>KnowledgePay:Demo</c>, switched on by <c>--demo</c>.</summary>
public sealed class DemoOptions
{
    public const string Section = "KnowledgePay:Demo";

    public bool Enabled { get; set; }

    [Range(1, 1_000_000)]
    public int Users { get; set; } = 3_000;

    [Range(1, 100_000)]
    public int Courses { get; set; } = 400;

    [Range(0, 100_000_000)]
    public int Events { get; set; } = 60_000;

    /// <summary>Live events a second once the store is filled.</summary>
    [Range(0.01, 1_000)]
    public double EventsPerSecond { get; set; } = 5;

    public ulong Seed { get; set; } = 1;
}

/// <summary>Fills an empty store from the simulator and lets events trickle in, through the same grains that the API calls.</summary>
public sealed partial class DemoMarketplace(
    ICatalogue catalogue, IGrainFactory grains, ICourseEvents courseEvents, IOptions<DemoOptions> options, TimeProvider time, ILogger<DemoMarketplace> logger)
    : BackgroundService
{
    private const int EventsAtOnce = 2_000;
    private const int UsersAtOnce = 64;
    private const int EventsPerOffer = 5;
    private const int Attempts = 10;
    private const string Surface = "course-page";

    private readonly Random _answers = new((int)options.Value.Seed);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        DemoOptions demo = options.Value;
        if (!demo.Enabled)
        {
            return;
        }

        await Task.Yield();
        DateTimeOffset now = time.GetUtcNow();
        var simulator = new MarketplaceSimulator(new MarketplaceOptions
        {
            Users = demo.Users,
            Courses = demo.Courses,
            Seed = demo.Seed,
            End = now,
        });
        if (catalogue.Current.Courses.Length == 0)
        {
            await Fill(simulator, demo, stoppingToken);
        }
        else if (catalogue.Current.FindCourse("c0") is null)
        {
            LogNotEmpty();
            return;
        }

        await Trickle(simulator, demo, stoppingToken);
    }

    private async Task Fill(MarketplaceSimulator simulator, DemoOptions demo, CancellationToken cancellation)
    {
        foreach (Course[] batch in simulator.Courses.Chunk(1_000))
        {
            await catalogue.PutCourses(batch, cancellation);
        }

        foreach (Partner partner in simulator.Partners)
        {
            await catalogue.PutPartner(partner, cancellation);
        }

        foreach (PartnerProduct product in simulator.Products)
        {
            await catalogue.PutProduct(product, cancellation);
        }

        await Parallel.ForEachAsync(simulator.Consents, Bounded(cancellation), async (consent, _) =>
            await Patiently(async () => await grains.GetGrain<IUserGrain>(consent.UserId).PutConsent(consent.Consent), cancellation));
        foreach (SimulatedEvent[] batch in simulator.History(demo.Events).Chunk(EventsAtOnce))
        {
            await Append(batch, cancellation);
        }

        // Something for the dashboards: what people answered to offers so far.
        await Parallel.ForEachAsync(Enumerable.Range(0, demo.Users), Bounded(cancellation), async (user, _) => await Patiently(() => Offer("u" + user), cancellation));
        LogFilled(demo.Courses, demo.Users, demo.Events);
    }

    private async Task Trickle(MarketplaceSimulator simulator, DemoOptions demo, CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1 / demo.EventsPerSecond), time);
        int count = 0;
        foreach (SimulatedEvent next in simulator.Trickle(time))
        {
            if (!await timer.WaitForNextTickAsync(cancellation))
            {
                return;
            }

            try
            {
                await Append([next], cancellation);
                if (++count % EventsPerOffer == 0 && next.Event.Data is not MarketPriceObserved)
                {
                    await Offer(next.Subject);
                }
            }
            catch (Exception e) when (IsBusy(e))
            {
                LogMissed(e);
            }
        }
    }

    private async Task Append(IReadOnlyCollection<SimulatedEvent> events, CancellationToken cancellation) =>
        await Parallel.ForEachAsync(
            events.GroupBy(e => (Market: e.Event.Data is MarketPriceObserved, e.Subject)),
            Bounded(cancellation),
            async (group, _) =>
            {
                ImmutableArray<IncomingEvent> incoming = [.. group.Select(e => e.Event)];
                if (group.Key.Market)
                {
                    await Patiently(async () => await courseEvents.Append(group.Key.Subject, incoming), cancellation);
                }
                else
                {
                    await Patiently(async () => await grains.GetGrain<IUserGrain>(group.Key.Subject).Append(incoming), cancellation);
                }
            });

    /// <summary>Asks for offers as a course page would, and answers as a person might.</summary>
    private async Task Offer(string userId)
    {
        IUserGrain user = grains.GetGrain<IUserGrain>(userId);
        Answer<OffersAnswer> offers = await user.Offers(new OffersRequest { UserId = userId, Surface = Surface });
        if (offers.Value is not { Offers.Length: > 0 } answer)
        {
            return;
        }

        OfferedProduct first = answer.Offers[0];
        double draw;
        lock (_answers)
        {
            draw = _answers.NextDouble();
        }

        DateTimeOffset now = time.GetUtcNow();
        var events = ImmutableArray.CreateBuilder<IncomingEvent>();
        events.Add(Event("shown", new OfferShown { DecisionId = answer.DecisionId, PartnerId = first.PartnerId, ProductId = first.ProductId }));
        if (draw < 0.15)
        {
            events.Add(Event("accepted", new OfferAccepted { DecisionId = answer.DecisionId, PartnerId = first.PartnerId, ProductId = first.ProductId }));
        }
        else if (draw < 0.35)
        {
            events.Add(Event("declined", new OfferDeclined { DecisionId = answer.DecisionId, PartnerId = first.PartnerId, ProductId = first.ProductId }));
        }

        await user.Append(events.ToImmutable());

        IncomingEvent Event(string what, EventData data) => new() { Source = "kp:demo", Id = answer.DecisionId + ":" + what, Time = now, Data = data };
    }

    /// <summary>Tries again while the machine is too busy to answer in time: an exception from here would end the server. Events that did arrive are duplicates then.</summary>
    private async Task Patiently(Func<Task> call, CancellationToken cancellation)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                await call();
                return;
            }
            catch (Exception e) when (IsBusy(e) && attempt < Attempts)
            {
                await Task.Delay(TimeSpan.FromSeconds(attempt), time, cancellation);
            }
        }
    }

    private static bool IsBusy(Exception e) => e is StoreUnavailableException or TimeoutException or OrleansMessageRejectionException or LimitExceededException;

    private static ParallelOptions Bounded(CancellationToken cancellation) => new() { MaxDegreeOfParallelism = UsersAtOnce, CancellationToken = cancellation };

    [LoggerMessage(Level = LogLevel.Information, Message = "Demo: {Courses} courses, {Users} people and {Events} events are in; more events trickle in.")]
    private partial void LogFilled(int courses, int users, int events);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Demo: the store holds another catalogue already; nothing was added.")]
    private partial void LogNotEmpty();

    [LoggerMessage(Level = LogLevel.Warning, Message = "Demo: an event was not taken.")]
    private partial void LogMissed(Exception e);
}
