using System.Text.Json;
using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Partners;
using KnowledgePay.Decisions.Offers;
using KnowledgePay.Decisions.Rules;
using KnowledgePay.Grains.Catalogue;
using KnowledgePay.Server.Access;
using KnowledgePay.Server.Answers;
using KnowledgePay.Server.Documentation;
using KnowledgePay.Server.Hosting;
using KnowledgePay.Server.Problems;
using KnowledgePay.Server.Requests;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace KnowledgePay.Server.Apis;

/// <summary>A partner's products.</summary>
public sealed record ProductList(IReadOnlyList<PartnerProduct> Products);

/// <summary>Partners and what they offer.</summary>
public static class PartnersApi
{
    public static void MapPartners(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/v1/partners/{id}").WithTags("Partners").OwnPartnerOnly();
        group.MapPut("", PutPartner)
            .RequireAuthorization(Roles.OperatorOnly)
            .Describe("putPartner", "Put a partner", "Makes or replaces a partner. The body's id may be left out; where it is given it must be the path's.")
            .Accepts<Partner>("application/json")
            .Produces<Partner>(200).Produces<Partner>(201)
            .Refuses(400, 413, 415, 422);
        group.MapGet("", GetPartner)
            .RequireAuthorization(Roles.PartnerOrAuditor)
            .Describe("getPartner", "Get a partner", "The partner as it was put. A partner's key sees that partner alone.")
            .Produces<Partner>()
            .Refuses(404, 422);
        group.MapGet("/products", ListProducts)
            .RequireAuthorization(Roles.PartnerOrAuditor)
            .Describe("listProducts", "List a partner's products", "All products of the partner, by id.")
            .Produces<ProductList>()
            .Refuses(404, 422);
        group.MapPut("/products/{pid}", PutProduct)
            .RequireAuthorization(Roles.PartnerOnly)
            .Describe(
                "putProduct",
                "Put a product",
                "Makes or replaces a product. Its eligibility is compiled before it is taken: a rule that does not compile is answered 422 with pointers into it.")
            .Accepts<PartnerProduct>("application/json")
            .Produces<PartnerProduct>(200).Produces<PartnerProduct>(201)
            .Refuses(400, 404, 413, 415, 422);
        group.MapGet("/products/{pid}", GetProduct)
            .RequireAuthorization(Roles.PartnerOrAuditor)
            .Describe("getProduct", "Get a product", "The product as it was put.")
            .Produces<PartnerProduct>()
            .Refuses(404, 422);
    }

    /// <summary>The partner, or a 404.</summary>
    public static Partner Require(ICatalogue catalogue, string id)
    {
        QueryFields.RequireId(id);
        return catalogue.Current.Partners.TryGetValue(id, out Partner? partner) ? partner : throw new RequestRefusedException(Problem.NotFound("partner", id));
    }

    private static async Task PutPartner(HttpContext context, string id, [FromServices] ICatalogue catalogue, [FromServices] IOptions<HttpLimits> limits)
    {
        QueryFields.RequireId(id);
        using RequestBody body = await RequestBody.ReadJson(context, limits.Value.BodyBytes);
        Partner partner = body.Object((ref Utf8JsonReader reader, ReadOnlySpan<byte> _, RequestErrors errors) => CatalogueDocuments.Partner(ref reader, errors, id));
        bool created = await catalogue.PutPartner(partner, context.RequestAborted);
        await AnswerWriter.Write(context, partner, created ? StatusCodes.Status201Created : StatusCodes.Status200OK);
    }

    private static Task GetPartner(HttpContext context, string id, [FromServices] ICatalogue catalogue) =>
        AnswerWriter.Write(context, Require(catalogue, id));

    private static Task ListProducts(HttpContext context, string id, [FromServices] ICatalogue catalogue)
    {
        Require(catalogue, id);
        PartnerProduct[] products =
        [
            .. catalogue.Current.Products.Where(p => p?.Product.PartnerId == id).Select(p => p!.Product).OrderBy(p => p.Id, StringComparer.Ordinal),
        ];
        return AnswerWriter.Write(context, new ProductList(products));
    }

    private static async Task PutProduct(
        HttpContext context,
        string id,
        string pid,
        [FromServices] ICatalogue catalogue,
        [FromServices] IEligibilityValidator eligibility,
        [FromServices] IOptions<HttpLimits> limits)
    {
        QueryFields.RequireId(pid, "pid");
        Require(catalogue, id);
        using RequestBody body = await RequestBody.ReadJson(context, limits.Value.BodyBytes);
        PartnerProduct product = body.Object((ref Utf8JsonReader reader, ReadOnlySpan<byte> all, RequestErrors errors) =>
        {
            PartnerProduct? read = CatalogueDocuments.Product(ref reader, all, errors, id, pid);
            foreach ((string pointer, string message) in read is null ? [] : eligibility.Validate(read.Eligibility))
            {
                errors.Add("/eligibility" + pointer, message);
            }

            foreach (RuleError wrong in read is null ? [] : ProductTerms.CheckRiskBased(read.Terms))
            {
                errors.Add("/terms" + wrong.Pointer, wrong.Message);
            }

            return read;
        });
        bool created = await catalogue.PutProduct(product, context.RequestAborted);
        await AnswerWriter.Write(context, product, created ? StatusCodes.Status201Created : StatusCodes.Status200OK);
    }

    private static Task GetProduct(HttpContext context, string id, string pid, [FromServices] ICatalogue catalogue)
    {
        Require(catalogue, id);
        QueryFields.RequireId(pid, "pid");
        PartnerProduct product = catalogue.Current.FindProduct(id, pid)?.Product ?? throw new RequestRefusedException(Problem.NotFound("product", pid));
        return AnswerWriter.Write(context, product);
    }
}
