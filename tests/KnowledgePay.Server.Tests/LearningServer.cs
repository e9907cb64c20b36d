using System.Globalization;
using System.Text;

namespace KnowledgePay.Server.Tests;

/// <summary>Fills a server with events of the past and has it learn from them.</summary>
internal static class LearningServer
{
    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    public static string Cny(int minorUnits) => $$"""{"currency":"CNY","minorUnits":{{minorUnits}}}""";

    /// <summary>A CloudEvent on one line.</summary>
    public static string Event(string user, string type, DateTimeOffset at, string data, string? id = null) => string.Create(
        CultureInfo.InvariantCulture, $$$"""{"specversion":"1.0","type":"knowledgepay.{{{type}}}","source":"/tests","id":"{{{user}}}-{{{type}}}-{{{id ?? at.Ticks.ToString(CultureInfo.InvariantCulture)}}}","subject":"{{{user}}}","time":"{{{at.ToString("O", CultureInfo.InvariantCulture)}}}","data":{{{data}}}}""");

    /// <summary>Sends events; each must be accepted.</summary>
    public static async Task Send(this RunningServer server, params string[] events)
    {
        foreach (string[] some in events.Chunk(1000))
        {
            Reply sent = await Reply.Of(server.Operator.PostAsync("/v1/events", RunningServer.Json(new StringBuilder().AppendJoin('\n', some).ToString(), "application/x-ndjson"), Ending));
            Assert.True(sent.Status == 200 && sent["accepted"].GetInt32() == some.Length, sent.Body.ToString());
        }
    }

    /// <summary>Asks for a training run and waits for its end.</summary>
    public static async Task<Reply> Trained(this RunningServer server, string kind, string body)
    {
        Reply asked = await Reply.Of(server.Operator.PostAsync($"/v1/models/{kind}/training-runs", RunningServer.Json(body), Ending));
        Assert.True(asked.Status == 202, asked.Body.ToString());
        while (true)
        {
            Reply run = await Reply.Of(server.As("auditor").GetAsync(asked.Message.Headers.Location!.ToString(), Ending));
            if (run["status"].GetString() is "succeeded" or "failed")
            {
                return run;
            }

            await Task.Delay(20, Ending);
        }
    }

    /// <summary>Promotes the kind's first version.</summary>
    public static async Task Promoted(this RunningServer server, string kind, int version = 1)
    {
        Reply promoted = await Reply.Of(server.Operator.PostAsync($"/v1/models/{kind}/versions/{version}/promotion", null, Ending));
        Assert.True(promoted.Status == 200, promoted.Body.ToString());
    }
}
