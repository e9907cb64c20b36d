using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Decisions.Profiles;
using KnowledgePay.Learning.Simulation;
using KnowledgePay.RedisPeer;
using KnowledgePay.Server.Answers;
using Microsoft.Net.Http.Headers;
using Orleans.Serialization;
using StackExchange.Redis;

// usage: KnowledgePay.RedisPeer URL REDIS KEY
// What the engine is compared with: a stateless service on the same web server that makes the same decisions from profiles in Redis. Started by compare.sh.
if (args.Length != 3)
{
    await Console.Error.WriteLineAsync("usage: KnowledgePay.RedisPeer http://127.0.0.1:PORT REDIS_HOST:PORT KEY").ConfigureAwait(false);
    return 2;
}

WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.Services.AddSerializer();
WebApplication app = builder.Build();
app.Urls.Add(args[0]);

ConnectionMultiplexer redis = await ConnectionMultiplexer.ConnectAsync(args[1]).ConfigureAwait(false);
var store = new ProfileStore(
    redis.GetDatabase(), app.Services.GetRequiredService<Serializer<UserProfile>>(), app.Services.GetRequiredService<Serializer<DecisionRecord>>());
var options = new MarketplaceOptions { Users = 2_000, Courses = 10_000, Seed = 1, End = new DateTimeOffset(TimeProvider.System.GetUtcNow().UtcDateTime.Date, TimeSpan.Zero) };
var world = new PeerWorld(options, events: 60_000);
foreach ((string user, UserProfile profile) in world.Profiles)
{
    await store.Put(user, profile).ConfigureAwait(false);
}

world.Profiles.Clear();
var decisions = new PeerDecisions(world, store, TimeProvider.System);
string access = "Bearer " + args[2];
JsonSerializerOptions json = AnswerJson.Options(SpokenLanguage.English);

app.MapGet("/v1/ping", Task (HttpContext context) =>
{
    context.Response.StatusCode = IsKnown(context) ? StatusCodes.Status204NoContent : StatusCodes.Status401Unauthorized;
    return Task.CompletedTask;
});
app.MapPost("/v1/decisions/price", (HttpContext context) => Answered<PriceRequest, PriceAnswer>(context, decisions.Price));
app.MapPost("/v1/decisions/credit", (HttpContext context) => Answered<CreditRequest, CreditAnswer>(context, decisions.Credit));
await app.StartAsync().ConfigureAwait(false);
await Console.Out.WriteLineAsync("ready").ConfigureAwait(false);
await app.WaitForShutdownAsync().ConfigureAwait(false);
return 0;

bool IsKnown(HttpContext context) => string.Equals(context.Request.Headers[HeaderNames.Authorization], access, StringComparison.Ordinal);

async Task Answered<TRequest, TAnswer>(HttpContext context, Func<TRequest, Task<Answer<TAnswer>>> decide)
    where TAnswer : class
{
    if (!IsKnown(context))
    {
        context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        return;
    }

    var type = (JsonTypeInfo<TRequest>)PeerJson.Default.GetTypeInfo(typeof(TRequest))!;
    TRequest? request = await JsonSerializer.DeserializeAsync(context.Request.Body, type, context.RequestAborted).ConfigureAwait(false);
    Answer<TAnswer> answer = await decide(request!).ConfigureAwait(false);
    byte[] body = answer.Problem is { } problem ? JsonSerializer.SerializeToUtf8Bytes(problem, PeerJson.Default.Problem) : JsonSerializer.SerializeToUtf8Bytes(answer.Value, json);
    context.Response.StatusCode = answer.Problem?.Status ?? StatusCodes.Status200OK;
    context.Response.ContentType = "application/json";
    context.Response.ContentLength = body.Length;
    await context.Response.Body.WriteAsync(body, context.RequestAborted).ConfigureAwait(false);
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(PriceRequest))]
[JsonSerializable(typeof(CreditRequest))]
[JsonSerializable(typeof(Problem))]
internal sealed partial class PeerJson : JsonSerializerContext;
