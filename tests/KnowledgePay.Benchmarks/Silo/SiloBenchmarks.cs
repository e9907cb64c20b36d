using BenchmarkDotNet.Attributes;
using KnowledgePay.Benchmarks.Worlds;
using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Decisions;

namespace KnowledgePay.Benchmarks.Silo;

/// <summary>The same decisions and an event in the silo as the server's HTTP layer calls them, on a real embedded store.</summary>
[MemoryDiagnoser]
public class SiloBenchmarks
{
    private const int PopularCourses = 240;

    private HostedSilo _silo = null!;
    private int _turn;

    [Params(10_000, 100_000)]
    public int Courses { get; set; }

    [GlobalSetup]
    public void Start() => _silo = HostedSilo.Start(Courses, users: 500).GetAwaiter().GetResult();

    [GlobalCleanup]
    public void Stop() => _silo.DisposeAsync().AsTask().GetAwaiter().GetResult();

    [Benchmark]
    public ValueTask<Answer<RecommendationAnswer>> Recommend() => RecommendOne(_silo, _turn++);

    [Benchmark]
    public ValueTask<Answer<PriceAnswer>> Price() => PriceOne(_silo, _turn++);

    [Benchmark]
    public async Task<int> Event() => (await EventOne(_silo, _turn++).ConfigureAwait(false)).Length;

    internal static ValueTask<Answer<RecommendationAnswer>> RecommendOne(HostedSilo silo, int turn) => RecommendOne(silo.Near(turn));

    internal static ValueTask<Answer<RecommendationAnswer>> RecommendOne(Contracts.Grains.IUserGrain user) => user.Recommend(new RecommendationRequest { Count = 10 });

    /// <summary>Each person asks for the same few courses again, as on a course's page; the first quote of the day is made, later ones are repeated.</summary>
    internal static ValueTask<Answer<PriceAnswer>> PriceOne(HostedSilo silo, int turn) => PriceOne(silo, silo.Near(turn), turn);

    internal static ValueTask<Answer<PriceAnswer>> PriceOne(HostedSilo silo, Contracts.Grains.IUserGrain user, int turn) => user.Price(new PriceRequest
    {
        UserId = HostedSilo.UserId(turn, silo.Users),
        CourseId = CourseIds.Of(turn / silo.Users % 8 * 101 % silo.Courses),
    });

    /// <summary>Views of courses that have a history: a course's first event makes its aggregate, which is state and no cost of an event.</summary>
    internal static ValueTask<System.Collections.Immutable.ImmutableArray<Contracts.Events.EventDisposition>> EventOne(HostedSilo silo, int turn) =>
        silo.Near(turn).Append(silo.NextView(turn % PopularCourses));
}

/// <summary>Ids made once, so that making them is not measured.</summary>
internal static class CourseIds
{
    private static readonly string[] Made = [.. Enumerable.Range(0, 10_000).Select(i => $"c{i}")];

    public static string Of(int course) => Made[course % Made.Length];
}
