using System.Buffers;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using KnowledgePay.Client.Events;
using KnowledgePay.Contracts.Events;

namespace KnowledgePay.Cli.Loading;

/// <summary>Makes the requests of a load: people and courses of the simulated marketplace, drawn from a seed.</summary>
internal sealed class LoadRequests(Uri server, string? key, int users, int courses, string run)
{
    private static readonly MediaTypeHeaderValue Json = new("application/json");
    private static readonly MediaTypeHeaderValue CloudEvent = new("application/cloudevents+json");

    private readonly AuthenticationHeaderValue? _access = key is null ? null : new AuthenticationHeaderValue("Bearer", key);
    private readonly Uri _price = new(server, "v1/decisions/price");
    private readonly Uri _credit = new(server, "v1/decisions/credit");
    private readonly Uri _offers = new(server, "v1/decisions/offers");
    private readonly Uri _events = new(server, "v1/events");
    private readonly Uri _ping = new(server, "v1/ping");
    private long _made;

    public HttpRequestMessage Make(LoadKind kind, Random random)
    {
        int user = random.Next(users);
        int course = random.Next(courses);
        return kind switch
        {
            LoadKind.Recommend => Request(HttpMethod.Get, new Uri(server, string.Create(CultureInfo.InvariantCulture, $"v1/users/u{user}/recommendations?count=10&courseId=c{course}&surface=course-page")), null),
            LoadKind.Price => Request(HttpMethod.Post, _price, Content($$"""{"userId":"u{{user}}","courseId":"c{{course}}"}""", Json)),
            LoadKind.Offers => Request(HttpMethod.Post, _offers, Content($$"""{"userId":"u{{user}}","surface":"course-page","courseId":"c{{course}}"}""", Json)),
            LoadKind.Credit => Request(HttpMethod.Post, _credit, Content($$$"""{"userId":"u{{{user}}}","amount":{"currency":"CNY","minorUnits":{{{10_000 + random.Next(200_000)}}}},"termMonths":{{{3 + random.Next(10)}}}}""", Json)),
            LoadKind.Event => Request(HttpMethod.Post, _events, Viewed(user, course, random)),
            _ => Request(HttpMethod.Get, _ping, null),
        };
    }

    private HttpRequestMessage Request(HttpMethod method, Uri uri, HttpContent? content)
    {
        var request = new HttpRequestMessage(method, uri) { Content = content };
        request.Headers.Authorization = _access;
        return request;
    }

    private ByteArrayContent Viewed(int user, int course, Random random)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using var writer = new Utf8JsonWriter(buffer, CloudEventWriter.WriterOptions);
        CloudEventWriter.Write(writer, string.Create(CultureInfo.InvariantCulture, $"u{user}"), new IncomingEvent
        {
            Source = "kpay:load",
            Id = NextId(),
            Time = DateTimeOffset.UtcNow,
            Data = new CourseViewed { CourseId = string.Create(CultureInfo.InvariantCulture, $"c{course}"), Seconds = random.Next(1, 600) },
        });
        writer.Flush();
        return Content(buffer.WrittenSpan.ToArray(), CloudEvent);
    }

    private string NextId() => string.Create(CultureInfo.InvariantCulture, $"{run}-{Interlocked.Increment(ref _made)}");

    private static ByteArrayContent Content(string text, MediaTypeHeaderValue type) => Content(System.Text.Encoding.UTF8.GetBytes(text), type);

    private static ByteArrayContent Content(byte[] bytes, MediaTypeHeaderValue type)
    {
        var content = new ByteArrayContent(bytes);
        content.Headers.ContentType = type;
        return content;
    }
}
