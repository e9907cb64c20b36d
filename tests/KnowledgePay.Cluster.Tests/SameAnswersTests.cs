using System.Diagnostics;
using System.Text.Json;

namespace KnowledgePay.Cluster.Tests;

/// <summary>Every silo serves the whole API, and all of them alike: what one was told, the others know.</summary>
[Collection(RunningCluster.Collection)]
public sealed class SameAnswersTests(RunningCluster cluster) : ClusterTest(cluster)
{
    private static readonly string[] People = ["same-ann", "same-bob", "same-cid", "same-dee"];

    private SiloProcess A => Cluster.Silos[0];

    private SiloProcess B => Cluster.Silos[1];

    private SiloProcess C => Cluster.Silos[2];

    [Fact]
    public async Task The_whole_API_answers_alike_on_every_silo()
    {
        await Tell();
        await Settle();
        foreach (string path in new[]
        {
            "/v1/courses/same-1", "/v1/partners/same-p", "/v1/partners/same-p/products/same-pass", "/v1/partners/same-p/products", "/v1/keys", "/v1/reviews?limit=100", "/v1/models",
        })
        {
            await SameEverywhere(path, text => text);
        }

        foreach (string person in People)
        {
            await SameEverywhere($"/v1/users/{person}", Person);
            await SameEverywhere($"/v1/users/{person}/consent", text => text);
            await SameEverywhere($"/v1/users/{person}/recommendations?count=5", Items);
        }

        await SameEverywhere("/v1/courses/same-1/related?count=5", Items);
        await SameEverywhere("/v1/trending?count=5", Items);
        await SameEverywhere("/v1/courses/same-1/figures", Figures);
        await SameEverywhere("/v1/partners/same-p/dashboard", text => text);
        string[] prices = await Task.WhenAll(Cluster.Silos.Select(async silo =>
            (await silo.Post("/v1/decisions/price", """{"userId":"same-ann","courseId":"same-4"}""")).Is(200).Json.GetProperty("price").GetRawText()));
        Assert.Single(prices.Distinct());
    }

    [Fact]
    public async Task A_decision_made_by_one_silo_is_found_by_the_others_at_once()
    {
        await Tell();
        foreach (SiloProcess silo in Cluster.Silos)
        {
            foreach (string person in People)
            {
                string id = (await silo.Get($"/v1/users/{person}/recommendations?count=2")).Is(200).Json.GetProperty("decisionId").GetString()!;
                string[] records = await Task.WhenAll(Cluster.Silos.Select(async other => (await other.Get($"/v1/decisions/{id}")).Is(200).Text));
                Assert.Single(records.Distinct());
            }
        }
    }

    [Fact]
    public async Task Changes_reach_every_silo()
    {
        var took = new List<string>();
        await A.PutCourses("change", 1);
        took.Add("catalogue " + await Seconds(async silo => (await silo.Get("/v1/courses/change-0")).Status == 200));
        await B.Put("/v1/courses/change-0", """{"title":"Renamed","listPrice":{"currency":"CNY","minorUnits":100}}""");
        took.Add("changed course " + await Seconds(async silo => (await silo.Get("/v1/courses/change-0")).Text.Contains("Renamed", StringComparison.Ordinal)));
        await Calls.Until(async () =>
        {
            double[] versions = await Task.WhenAll(Cluster.Silos.Select(s => s.Metric("kpay_catalogue_version")));
            return (versions.Distinct().Count() == 1 && versions[0] > 0, string.Join(", ", versions));
        });

        JsonElement key = (await C.Post("/v1/keys", """{"role":"auditor","label":"of the cluster"}""")).Is(201).Json;
        string secret = key.GetProperty("key").GetString()!, keyId = key.GetProperty("keyId").GetString()!;
        took.Add("access key " + await Seconds(silo => IsKnown(silo, secret)));
        // By a silo that may not have heard of it yet.
        await A.Delete($"/v1/keys/{keyId}");
        took.Add("its revocation " + await Seconds(async silo => !await IsKnown(silo, secret)));

        // 503 says that it may be sent again, as a caller would.
        await Calls.Until(async () =>
        {
            Answered answer = await B.Put("/v1/users/change-user/consent", """{"personalisation":false}""");
            return (answer.Status == 200, answer.Text);
        });
        took.Add("consent " + await Seconds(async silo => !(await silo.Get("/v1/users/change-user/consent")).Json.GetProperty("personalisation").GetBoolean()));
        (await C.Delete("/v1/users/change-user")).Is(204);
        took.Add("erasure " + await Seconds(async silo => (await silo.Get("/v1/users/change-user")).Status == 404));
        RunningCluster.Report("a change reaches every silo after: " + string.Join(", ", took));
    }

    /// <summary>Tells each silo a part.</summary>
    private async Task Tell()
    {
        await A.PutCourses("same", 8);
        (await B.Put("/v1/partners/same-p", """{"name":"Partner"}""")).IsSuccess();
        await Calls.Until(async () => ((await C.Get("/v1/partners/same-p")).Status == 200, "the partner is not there"));
        (await C.Put("/v1/partners/same-p/products/same-pass", """{"kind":"membership","name":"Pass","terms":{},"eligibility":{},"channels":[]}""")).IsSuccess();
        foreach (SiloProcess silo in Cluster.Silos)
        {
            await Calls.Until(async () => ((await silo.Get("/v1/courses/same-7")).Status == 200 && (await silo.Get("/v1/partners/same-p/products/same-pass")).Status == 200, $"{silo.Name} does not know it"));
        }

        for (int i = 0; i < People.Length; i++)
        {
            // The same events to every silo, at the same time: they count once.
            string[] events =
            [
                .. Enumerable.Range(0, 3).Select(c => Event($"same-{i}-{c}", "course.enrolled", People[i], $$"""{"courseId":"same-{{(i + c) % 6}}"}""")),
                Event($"same-{i}-rate", "course.rated", People[i], $$"""{"courseId":"same-{{i}}","stars":{{5 - i}}}"""),
                Event($"same-{i}-view", "course.viewed", People[i], """{"courseId":"same-1"}"""),
            ];
            Answered[] answers = await Task.WhenAll(Cluster.Silos.Select(s => s.Events(events)));
            Assert.All(answers, a => a.Is(200));
            Assert.True(answers.Sum(a => a.Json.GetProperty("accepted").GetInt32()) is 0 or 5, string.Join(", ", answers.Select(a => a.Text)));
        }
    }

    /// <summary>Until no silo has journal rows or decisions of the others to read, with a moment for what was read to be applied.</summary>
    private async Task Settle()
    {
        foreach (SiloProcess silo in Cluster.Silos)
        {
            await Calls.Until(async () =>
            {
                Answered health = await silo.Get("/health/ready");
                return (health.Status == 200 && health.Json.GetProperty("projectionLag").GetInt64() == 0, health.Text);
            });
        }
    }

    private async Task SameEverywhere(string path, Func<string, string> part) => await Calls.Until(async () =>
    {
        string[] answers = await Task.WhenAll(Cluster.Silos.Select(async s => part((await s.Get(path)).Is(200).Text)));
        return (answers.Distinct().Count() == 1, path + "\n" + string.Join('\n', answers));
    }, 20);

    /// <summary>How long until it is so on every silo.</summary>
    private async Task<string> Seconds(Func<SiloProcess, Task<bool>> isSo)
    {
        var waited = Stopwatch.StartNew();
        await Task.WhenAll(Cluster.Silos.Select(silo => Calls.Until(async () => (await isSo(silo), $"{silo.Name} has not heard of it"), 20)));
        return FormattableString.Invariant($"{waited.Elapsed.TotalSeconds:F2} s");
    }

    private static async Task<bool> IsKnown(SiloProcess silo, string secret)
    {
        using HttpClient http = silo.NewClient();
        http.DefaultRequestHeaders.Authorization = new("Bearer", secret);
        return (await Calls.Send(http, new HttpRequestMessage(HttpMethod.Get, "/v1/reviews"))).Status == 200;
    }

    /// <summary>A list's courses: ids of decisions differ, scores may in the last digits, since counts are added in another order.</summary>
    private static string Items(string text) =>
        string.Join(' ', JsonDocument.Parse(text).RootElement.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("courseId").GetString()));

    /// <summary>A person without what fades while it is read.</summary>
    private static string Person(string text) =>
        string.Join(' ', JsonDocument.Parse(text).RootElement.EnumerateObject().Where(p => p.Name is not ("features" or "affinities")).Select(p => p.Name + p.Value.GetRawText()));

    /// <summary>Figures without the trends, which fade while they are read.</summary>
    private static string Figures(string text) =>
        string.Join(' ', JsonDocument.Parse(text).RootElement.EnumerateObject().Where(p => p.Name is "views" or "enrolments" or "ratings" or "meanStars").Select(p => p.Name + p.Value.GetRawText()));

    private static string Event(string id, string type, string person, string data) =>
        $$"""{"specversion":"1.0","type":"knowledgepay.{{type}}","source":"/same","id":"{{id}}","subject":"{{person}}","data":{{data}} }""";
}
