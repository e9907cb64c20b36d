using System.Text.Json;

namespace KnowledgePay.Cluster.Tests;

/// <summary>What moves money, asked of several silos at the same moment.</summary>
[Collection(RunningCluster.Collection)]
public sealed class MoneyTests(RunningCluster cluster) : ClusterTest(cluster)
{
    [Fact]
    public async Task A_quote_is_redeemed_once_whichever_silos_are_asked()
    {
        await Courses();
        for (int i = 0; i < 5; i++)
        {
            SiloProcess quoting = Cluster.Silos[i % 3];
            string token = (await Quote(quoting, $"money-u{i}")).GetProperty("quoteToken").GetString()!;
            Answered[] answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(n =>
                Cluster.Silos[n % 3].Post("/v1/checkout", $$"""{"quoteToken":"{{token}}","paymentId":"money-{{i}}-{{n}}","method":"card"}""")));
            Assert.Equal(1, answers.Count(a => a.Status == 200));
            Assert.All(answers.Where(a => a.Status != 200), a => Assert.True(a.Status is 409 or 410, a.Text));
        }
    }

    [Fact]
    public async Task The_same_idempotency_key_is_the_same_order_on_every_silo()
    {
        await Courses();
        long orders = await Orders();
        for (int i = 0; i < 4; i++)
        {
            string token = (await Quote(Cluster.Silos[i % 3], $"money-k{i}")).GetProperty("quoteToken").GetString()!;
            string body = $$"""{"quoteToken":"{{token}}","paymentId":"money-k-{{i}}","method":"card"}""";
            string key = $"money-order-{i}";
            Answered[] answers = await Task.WhenAll(Cluster.Silos.Select(s => s.Post("/v1/checkout", body, key)));
            // While the first is at work the others are told to come again.
            Assert.All(answers, a => Assert.True(a.Status is 200 or 409, a.Text));
            Answered[] again = await Task.WhenAll(Cluster.Silos.Select(s => s.Post("/v1/checkout", body, key)));
            Assert.All(again, a => a.Is(200));
            Assert.Single(again.Select(a => a.Text).Concat(answers.Where(a => a.Status == 200).Select(a => a.Text)).Distinct());
            Answered other = await Cluster.Silos[(i + 1) % 3].Post("/v1/checkout", body.Replace("card", "wallet", StringComparison.Ordinal), key);
            Assert.Equal(422, other.Status);
        }

        Assert.Equal(orders + 4, await Orders());
    }

    [Fact]
    public async Task A_loan_is_decided_on_any_silo_and_its_record_is_found_on_all()
    {
        (await Cluster.Silos[0].Put("/v1/users/money-borrower/consent", """{"creditChecks":true}""")).Is(200);
        foreach (SiloProcess silo in Cluster.Silos)
        {
            JsonElement credit = (await silo.Post("/v1/decisions/credit", """{"userId":"money-borrower","amount":{"currency":"CNY","minorUnits":60000},"termMonths":6}""")).Is(200).Json;
            string id = credit.GetProperty("decisionId").GetString()!;
            foreach (SiloProcess other in Cluster.Silos)
            {
                Assert.Equal(credit.GetProperty("outcome").GetString(), (await other.Get($"/v1/decisions/{id}")).Is(200).Json.GetProperty("outcome").GetString());
            }
        }
    }

    private async Task Courses()
    {
        await Cluster.Silos[0].PutCourses("money", 1);
        foreach (SiloProcess silo in Cluster.Silos)
        {
            await Calls.Until(async () => ((await silo.Get("/v1/courses/money-0")).Status == 200, $"{silo.Name} does not know the course"));
        }
    }

    private static async Task<JsonElement> Quote(SiloProcess silo, string person) =>
        (await silo.Post("/v1/decisions/price", $$"""{"userId":"{{person}}","courseId":"money-0"}""")).Is(200).Json;

    /// <summary>Rows of the ledger.</summary>
    private async Task<long> Orders() => await Cluster.Postgres.Scalar<long>("SELECT count(*) FROM kpay.document WHERE kind = 'ledger' AND id LIKE 'ord\\_%'");
}
