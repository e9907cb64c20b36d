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

    /// <summary>Waits for a line of the metrics that has all these parts; null when none comes. Servers of one process show each other's, so that a name alone may be another's.</summary>
    public static async Task<string?> MetricLine(this RunningServer server, params string[] parts)
    {
        string? found = null;
        for (int tries = 0; tries < 500 && found is null; tries++)
        {
            await Task.Delay(20, Ending);
            string metrics = await server.Operator.GetStringAsync("/metrics", Ending);
            found = metrics.Split('\n').FirstOrDefault(line => parts.All(part => line.Contains(part, StringComparison.Ordinal)));
        }

        return found;
    }

    /// <summary>Lets a person's credit be checked, or not.</summary>
    public static async Task CreditChecks(this RunningServer server, string user, bool given) =>
        Assert.Equal(200, (await Reply.Of(server.Operator.PutAsync($"/v1/users/{user}/consent", RunningServer.Json($$"""{"creditChecks":{{(given ? "true" : "false")}}}"""), Ending))).Status);

    /// <summary>People who consent to credit checks; their events, with a loan each: who finishes courses and who does not goes bad as often as is said.</summary>
    public static async Task<string[]> Borrowers(this RunningServer server, Random random, string prefix, int people, DateTimeOffset start, double finishersBad, double othersBad)
    {
        var lines = new List<string>();
        for (int person = 0; person < people; person++)
        {
            string id = $"{prefix}{person}", fee = Cny(5_000);
            await server.CreditChecks(id, true);
            bool finishes = person % 2 == 0, bad = random.NextDouble() < (finishes ? finishersBad : othersBad);
            lines.Add(Event(id, "user.profiled", start, $$"""{"gender":"{{(person % 4 < 2 ? "female" : "male")}}","birthYear":1985}"""));
            for (int i = 0; i < 4; i++)
            {
                lines.Add(Event(id, "course.enrolled", start.AddDays(i), $$"""{"courseId":"c{{i}}","price":{{fee}}}"""));
                lines.Add(Event(id, "payment.attempted", start.AddDays(i), $$"""{"paymentId":"{{id}}-{{i}}","amount":{{fee}},"method":"card","outcome":"{{(random.Next(3) == 0 ? "failed" : "succeeded")}}"}"""));
                if (finishes)
                {
                    lines.Add(Event(id, "course.completed", start.AddDays(5 + i), $$"""{"courseId":"c{{i}}"}"""));
                }
            }

            lines.Add(Event(id, "loan.installmentPaid", start.AddDays(40), $$"""{"loanId":"{{id}}","amount":{{fee}}}"""));
            if (bad)
            {
                lines.Add(Event(id, "loan.defaulted", start.AddDays(90), $$"""{"loanId":"{{id}}","amount":{{fee}}}"""));
            }
        }

        return [.. lines];
    }
}
