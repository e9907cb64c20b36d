using KnowledgePay.Contracts;
using KnowledgePay.Server.Answers;
using KnowledgePay.Server.Hosting;
using Microsoft.Extensions.Primitives;

namespace KnowledgePay.Server.Tests;

public sealed class NegotiationTests(RunningServer server)
{
    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("application/json", true)]
    [InlineData("*/*", true)]
    [InlineData("application/*", true)]
    [InlineData("text/html, application/json;q=0.1", true)]
    [InlineData("Application/JSON; charset=utf-8", true)]
    [InlineData("text/html", false)]
    [InlineData("text/*, image/png", false)]
    [InlineData("application/json;q=0", false)]
    [InlineData("*/*, application/json;q=0", false)]
    [InlineData("application/json, */*;q=0", true)]
    [InlineData("application/*;q=0, */*", false)]
    [InlineData("nonsense", false)]
    public void A_form_is_acceptable_when_the_most_specific_range_says_so(string accept, bool takes) =>
        Assert.Equal(takes, Negotiation.Takes(new StringValues(accept), "application/json"));

    [Theory]
    [InlineData("get", "/v1/trending", "text/html", 406)]
    [InlineData("get", "/v1/trending", "application/problem+json, application/json;q=0.5", 200)]
    [InlineData("post", "/v1/decisions/price", "image/png", 406)]
    [InlineData("get", "/v1/partners/p-a/dashboard/stream", "application/json", 406)]
    [InlineData("get", "/health/live", "text/html", 200)]
    [InlineData("get", "/v1/nowhere", "text/html", 404)]
    [InlineData("get", "/metrics", "application/json", 406)]
    [InlineData("get", "/metrics", "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1", 200)]
    [InlineData("get", "/metrics", "text/plain", 200)]
    public async Task What_no_answer_has_is_refused_as_a_problem(string method, string path, string accept, int status)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Headers.TryAddWithoutValidation("Accept", accept);
        Reply answer = await Reply.Of(server.Operator.SendAsync(request, Ending));
        Assert.Equal(status, answer.Status);
        if (status == 406)
        {
            answer.IsProblem(406, "not-acceptable");
        }
    }

    [Theory]
    [InlineData("", SpokenLanguage.English)]
    [InlineData("zh", SpokenLanguage.Chinese)]
    [InlineData("zh-Hans-CN", SpokenLanguage.Chinese)]
    [InlineData("zho", SpokenLanguage.English)]
    [InlineData("en;q=0.5, zh;q=0.6", SpokenLanguage.Chinese)]
    [InlineData("en;q=0", SpokenLanguage.Chinese)]
    [InlineData("en;q=0, fr", SpokenLanguage.Chinese)]
    [InlineData("en;q=0, zh;q=0", SpokenLanguage.English)]
    [InlineData("zh;q=0, *", SpokenLanguage.English)]
    [InlineData("en;q=0.2, *;q=0.9", SpokenLanguage.Chinese)]
    [InlineData("fr, *;q=0.1", SpokenLanguage.English)]
    [InlineData("zh;q=9", SpokenLanguage.Chinese)]
    [InlineData("zh;q=-1, en;q=0.5", SpokenLanguage.Chinese)]
    [InlineData("zh;q=abc, en;q=0.5", SpokenLanguage.Chinese)]
    [InlineData(";;;,,,q=", SpokenLanguage.English)]
    public void The_language_is_the_one_that_weighs_most(string header, SpokenLanguage language) => Assert.Equal(language, Languages.Of(header.AsSpan()));

    [Fact]
    public void A_header_that_is_too_long_is_read_up_to_its_limit() =>
        Assert.Equal(SpokenLanguage.English, Languages.Of((new string(',', 1_000) + "zh").AsSpan()));
}
