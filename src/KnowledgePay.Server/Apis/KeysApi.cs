using KnowledgePay.Contracts;
using KnowledgePay.Grains.Access;
using KnowledgePay.Server.Access;
using KnowledgePay.Server.Answers;
using KnowledgePay.Server.Documentation;
using KnowledgePay.Server.Hosting;
using KnowledgePay.Server.Problems;
using KnowledgePay.Server.Requests;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace KnowledgePay.Server.Apis;

/// <summary>An access key, without its secret.</summary>
public sealed record KeyView(string KeyId, string Role, string? PartnerId, string? Label, DateTimeOffset CreatedAt, DateTimeOffset? RevokedAt)
{
    public static KeyView Of(AccessKey key) => new(key.KeyId, RoleName(key.Role), key.PartnerId, key.Label, key.CreatedAt, key.RevokedAt);

    public static string RoleName(AccessRole role) => role switch
    {
        AccessRole.Platform => "platform",
        AccessRole.Partner => "partner",
        AccessRole.Operator => "operator",
        _ => "auditor",
    };
}

/// <summary>A new access key. <paramref name="Key"/> is shown here once and kept nowhere.</summary>
public sealed record KeyMade(string KeyId, string Key, string Role, string? PartnerId, string? Label, DateTimeOffset CreatedAt);

/// <summary>All access keys, revoked ones included.</summary>
public sealed record KeyList(IReadOnlyList<KeyView> Keys);

/// <summary>Who may call.</summary>
public static class KeysApi
{
    public static void MapKeys(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/v1/keys").WithTags("Keys");
        group.MapPost("", Create)
            .RequireAuthorization(Roles.OperatorOnly)
            .Describe("createKey", "Make an access key", "The key is in this answer alone: it is stored as a hash.")
            .Accepts<KeyRequest>("application/json")
            .Produces<KeyMade>(201)
            .Refuses(400, 413, 415, 422);
        group.MapGet("", List)
            .RequireAuthorization(Roles.OperatorOrAuditor)
            .Describe("listKeys", "List access keys", "All keys without their secrets, revoked ones included.")
            .Produces<KeyList>();
        group.MapDelete("/{keyId}", Revoke)
            .RequireAuthorization(Roles.OperatorOnly)
            .Describe("revokeKey", "Revoke an access key", "It opens nothing from now on. A key cannot revoke itself.")
            .Produces(204)
            .Refuses(404, 409, 422);
    }

    private static async Task Create(HttpContext context, [FromServices] IAccessKeys keys, [FromServices] IOptions<HttpLimits> limits)
    {
        KeyRequest request;
        using (RequestBody body = await RequestBody.ReadJson(context, limits.Value.BodyBytes))
        {
            request = body.Object<KeyRequest>(DecisionDocuments.Key);
        }

        AccessRole role = DecisionDocuments.RoleOf(request.Role)!.Value;
        (AccessKey key, string secret) = await keys.Create(role, request.PartnerId, request.Label, context.RequestAborted);
        context.Response.Headers.Location = "/v1/keys";
        var made = new KeyMade(key.KeyId, secret, KeyView.RoleName(key.Role), key.PartnerId, key.Label, key.CreatedAt);
        await AnswerWriter.Write(context, made, StatusCodes.Status201Created);
    }

    private static Task List(HttpContext context, [FromServices] IAccessKeys keys) =>
        AnswerWriter.Write(context, new KeyList([.. keys.List().Select(KeyView.Of)]));

    private static async Task Revoke(HttpContext context, string keyId, [FromServices] IAccessKeys keys)
    {
        QueryFields.RequireId(keyId, "keyId");
        if (context.Key()?.KeyId == keyId)
        {
            throw new RequestRefusedException(Problem.Conflict("own-key", "A key cannot revoke itself.", "Use another operator's key, so that one is always left."));
        }

        if (!await keys.Revoke(keyId, context.RequestAborted))
        {
            throw new RequestRefusedException(Problem.NotFound("key", keyId));
        }

        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }
}
