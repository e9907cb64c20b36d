using System.Text.Json;

namespace KnowledgePay.Server.Tests;

/// <summary>Who may call what: every operation of the document, by every role.</summary>
public sealed class RolesTests(RunningServer server)
{
    private const string Platform = "platform", Partner = "partner", OtherPartner = "other-partner", Operator = "operator", Auditor = "auditor";

    private static readonly string[] All = [Platform, Partner, OtherPartner, Operator, Auditor];

    /// <summary>The operation, what those who may call it are answered (for ids that there are not, and a body that lacks what it needs), and who they are.</summary>
    private static readonly Dictionary<string, (int Status, string[] Who)> Expected = new()
    {
        ["sendEvents"] = (415, [Platform, Operator]),
        ["putCourse"] = (422, [Platform, Operator]),
        ["getCourse"] = (404, [Platform, Operator]),
        ["getCourseFigures"] = (404, [Platform, Operator]),
        ["putCourses"] = (422, [Platform, Operator]),
        ["putPartner"] = (422, [Operator]),
        ["getPartner"] = (200, [Partner, Operator, Auditor]),
        ["listProducts"] = (200, [Partner, Operator, Auditor]),
        ["putProduct"] = (422, [Partner, Operator]),
        ["getProduct"] = (200, [Partner, Operator, Auditor]),
        ["listRankingRules"] = (200, [Operator, Auditor]),
        ["putRankingRule"] = (422, [Operator]),
        ["getRankingRule"] = (404, [Operator, Auditor]),
        ["deleteRankingRule"] = (404, [Operator]),
        ["getDashboard"] = (200, [Partner, Operator, Auditor]),
        ["streamDashboard"] = (200, [Partner, Operator, Auditor]),
        ["getUser"] = (404, [Platform, Operator, Auditor]),
        ["exportUser"] = (404, [Platform, Operator, Auditor]),
        ["eraseUser"] = (404, [Platform, Operator]),
        ["getConsent"] = (200, [Platform, Operator, Auditor]),
        ["putConsent"] = (422, [Platform, Operator]),
        ["recommend"] = (200, [Platform, Operator]),
        ["findPath"] = (422, [Platform, Operator]),
        ["relatedCourses"] = (404, [Platform, Operator]),
        ["trendingCourses"] = (200, [Platform, Operator]),
        ["quotePrice"] = (422, [Platform, Operator]),
        ["decideCredit"] = (422, [Platform, Operator]),
        ["chooseOffers"] = (422, [Platform, Operator]),
        ["checkOut"] = (422, [Platform, Operator]),
        ["getDecision"] = (404, [Platform, Operator, Auditor]),
        ["createKey"] = (422, [Operator]),
        ["listKeys"] = (200, [Operator, Auditor]),
        ["revokeKey"] = (404, [Operator]),
        ["listReviews"] = (200, [Operator, Auditor]),
        ["askReview"] = (422, [Platform, Operator]),
        ["getReview"] = (404, [Platform, Operator, Auditor]),
        ["answerReview"] = (422, [Operator]),
        ["listModels"] = (200, [Operator, Auditor]),
        ["startTrainingRun"] = (404, [Operator]),
        ["uploadModelVersion"] = (404, [Operator]),
        ["getTrainingRun"] = (404, [Operator, Auditor]),
        ["getModelVersion"] = (404, [Operator, Auditor]),
        ["promoteModelVersion"] = (404, [Operator]),
        ["startModelTrial"] = (404, [Operator]),
        ["getModelTrial"] = (404, [Operator, Auditor]),
        ["endModelTrial"] = (404, [Operator]),
        ["getFairnessAudit"] = (200, [Operator, Auditor]),
        ["runFairnessAudit"] = (200, [Operator]),
        ["getModelWatch"] = (200, [Operator, Auditor]),
        ["runModelWatch"] = (200, [Operator]),
        ["ping"] = (204, [Platform, Operator]),
    };

    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_operation_answers_every_role_as_its_table_says()
    {
        Reply document = await Reply.Of(server.Nobody.GetAsync("/openapi/v1.json", Ending));
        List<string> wrong = [];
        HashSet<string> seen = [];
        foreach (JsonProperty path in document["paths"].EnumerateObject())
        {
            string address = path.Name
                .Replace("/partners/{id}", "/partners/p-a", StringComparison.Ordinal)
                .Replace("{pid}", "card", StringComparison.Ordinal);
            address = System.Text.RegularExpressions.Regex.Replace(address, @"\{\w+\}", "nothing-of-roles");
            foreach (JsonProperty operation in path.Value.EnumerateObject())
            {
                string id = operation.Value.TryGetProperty("operationId", out JsonElement name) ? name.GetString()! : operation.Name + " " + path.Name;
                bool open = !operation.Value.TryGetProperty("security", out JsonElement security) || security.GetArrayLength() == 0;
                if (open)
                {
                    continue;
                }

                seen.Add(id);
                foreach (string role in All)
                {
                    int status = await Call(role, operation.Name, address, id is "putConsent" ? """{"personalisation":1}""" : "{}");
                    int expected = Expected.TryGetValue(id, out (int Status, string[] Who) row) ? row.Who.Contains(role) ? row.Status : 403 : -1;
                    if (status != expected)
                    {
                        wrong.Add($"{id} as {role}: {status}, not {expected}");
                    }
                }
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.Equal(Expected.Keys.Order(), seen.Order());
    }

    private async Task<int> Call(string role, string method, string path, string body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Parse(method), path);
        if (method is "put" or "post")
        {
            request.Content = RunningServer.Json(body);
        }

        using HttpResponseMessage answer = await server.As(role).SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Ending);
        return (int)answer.StatusCode;
    }
}
