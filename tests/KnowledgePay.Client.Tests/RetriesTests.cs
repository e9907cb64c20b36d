using System.Net;
using System.Text;
using KnowledgePay.Client.Retrying;
using KnowledgePay.Client.Wire;
using Microsoft.Extensions.Time.Testing;

namespace KnowledgePay.Client.Tests;

public sealed class RetriesTests
{
    private readonly FakeTimeProvider _time = new();

    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(429)]
    [InlineData(503)]
    public async Task A_refusal_is_tried_again_after_the_wait_that_the_server_asks_for(int status)
    {
        var wire = new Wire(_time, () => Refusal(status, retryAfterSeconds: 7), () => Answer("{\"items\":[]}"));
        Task call = Client(wire).GetTrending(cancellation: Ending);
        await Run(call);
        await call;
        Assert.Equal(2, wire.Tries.Count);
        Assert.InRange((wire.Tries[1].At - wire.Tries[0].At).TotalSeconds, 7, 8);
    }

    [Fact]
    public async Task A_lost_connection_is_tried_again_with_the_same_idempotency_key()
    {
        var wire = new Wire(_time, () => throw new HttpRequestException("lost"), () => Refusal(409, null, "quote-used"));
        Task call = Client(wire).Checkout(new() { QuoteToken = "q", PaymentId = "p", Method = "card" }, cancellation: Ending);
        await Run(call);
        KnowledgePayProblemException problem = await Assert.ThrowsAsync<KnowledgePayProblemException>(() => call);
        Assert.Equal((409, "quote-used"), (problem.Status, problem.Slug));
        Assert.Equal(2, wire.Tries.Count);
        Assert.NotNull(wire.Tries[0].IdempotencyKey);
        Assert.Equal(wire.Tries[0].IdempotencyKey, wire.Tries[1].IdempotencyKey);
    }

    [Fact]
    public async Task A_key_is_not_made_twice_when_the_answer_is_lost()
    {
        var wire = new Wire(_time, () => throw new HttpRequestException("lost"));
        await Assert.ThrowsAsync<HttpRequestException>(() => Client(wire).CreateKey(new NewAccessKey { Role = KeyRole.Auditor }, Ending));
        Assert.Single(wire.Tries);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(422)]
    [InlineData(500)]
    public async Task Other_refusals_are_not_tried_again(int status)
    {
        var wire = new Wire(_time, () => Refusal(status, null));
        KnowledgePayProblemException problem = await Assert.ThrowsAsync<KnowledgePayProblemException>(() => Client(wire).GetTrending(cancellation: Ending));
        Assert.Equal(["is wrong."], problem.Errors["/count"]);
        Assert.Single(wire.Tries);
    }

    [Fact]
    public async Task Tries_are_bounded()
    {
        var wire = new Wire(_time, () => Refusal(503, null));
        Task call = Client(wire).GetTrending(cancellation: Ending);
        await Run(call);
        Assert.Equal(503, (await Assert.ThrowsAsync<KnowledgePayProblemException>(() => call)).Status);
        Assert.Equal(4, wire.Tries.Count);
    }

    [Fact]
    public async Task Cancelling_ends_the_wait()
    {
        using var cancelling = CancellationTokenSource.CreateLinkedTokenSource(Ending);
        var wire = new Wire(_time, () => Refusal(429, 3_000));
        Task call = Client(wire).GetTrending(cancellation: cancelling.Token);
        await cancelling.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.Single(wire.Tries);
    }

    private KnowledgePayClient Client(Wire wire) => new(new HttpClient(wire), new KnowledgePayClientOptions
    {
        Server = new Uri("http://server.test"),
        Time = _time,
        Retry = new RetryOptions { MaxTries = 4, MaxElapsed = TimeSpan.FromHours(1) },
    });

    private async Task Run(Task call)
    {
        while (!call.IsCompleted)
        {
            _time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
        }
    }

    private static HttpResponseMessage Answer(string json) => new(HttpStatusCode.OK) { Content = new StringContent(json, Encoding.UTF8, "application/json") };

    private static HttpResponseMessage Refusal(int status, int? retryAfterSeconds, string type = "refused")
    {
        var answer = new HttpResponseMessage((HttpStatusCode)status)
        {
            Content = new StringContent($$$"""{"type":"{{{type}}}","status":{{{status}}},"title":"No.","errors":{"/count":["is wrong."]}}""", Encoding.UTF8, "application/problem+json"),
        };
        if (retryAfterSeconds is { } seconds)
        {
            answer.Headers.Add("Retry-After", seconds.ToString(System.Globalization.CultureInfo.InvariantCulture));
        }

        return answer;
    }

    /// <summary>Answers in turn, the last answer for good, and keeps when and under which key it was asked.</summary>
    private sealed class Wire(TimeProvider time, params Func<HttpResponseMessage>[] answers) : HttpMessageHandler
    {
        public List<(DateTimeOffset At, string? IdempotencyKey)> Tries { get; } = [];

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            string? key = request.Headers.TryGetValues("Idempotency-Key", out IEnumerable<string>? keys) ? keys.Single() : null;
            Tries.Add((time.GetUtcNow(), key));
            return Task.FromResult(answers[Math.Min(Tries.Count, answers.Length) - 1]());
        }
    }
}
