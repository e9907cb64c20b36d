using System.Globalization;
using System.Text.Json;
using KnowledgePay.Contracts;
using KnowledgePay.Server.Access;
using KnowledgePay.Server.Answers;
using KnowledgePay.Server.Documentation;
using KnowledgePay.Server.Hosting;
using KnowledgePay.Server.Models;
using KnowledgePay.Server.Problems;
using KnowledgePay.Server.Requests;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace KnowledgePay.Server.Apis;

/// <summary>Champion against challenger: a version on trial beside the one that serves.</summary>
public static class TrialsApi
{
    public static void MapTrials(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/v1/models/{kind}/versions/{version}/trial").WithTags("Learned models");
        group.MapPut("", Start)
            .RequireAuthorization(Roles.OperatorOnly)
            .Describe(
                "startModelTrial",
                "Put a version on trial",
                "With share 0 it is watched: what it would have ranked, or said of loans and payments, is compared with what came of it. With more it decides for that share of the people, always the same ones, on every silo within a second; "
                + "their decisions' modelVersions name it. At most one version of a kind is on trial: another's trial ends. A version that does not pass its gate decides about nobody. Recommenders and credit risk; fraud is watched only (share 0).")
            .Accepts<TrialRequest>("application/json")
            .Produces<ModelVersion>()
            .Refuses(400, 404, 409, 413, 415, 422);
        group.MapGet("", Report)
            .RequireAuthorization(Roles.OperatorOrAuditor)
            .Describe(
                "getModelTrial",
                "See how a trial stands",
                "Read off the journal when it is asked for. The intervals and p-values hold however often one looks (a sequential test), so that a trial may be stopped as soon as it is decided.")
            .Produces<TrialReport>()
            .Refuses(404, 409, 422);
        group.MapDelete("", End)
            .RequireAuthorization(Roles.OperatorOnly)
            .Describe("endModelTrial", "End a trial", "The version is a candidate again and decides about nobody.")
            .Produces<ModelVersion>()
            .Refuses(404, 409, 422);
    }

    private static async Task Start(
        HttpContext context,
        string kind,
        string version,
        [FromServices] ModelStore models,
        [FromServices] ModelTrainings trainings,
        [FromServices] ChampionModels champions,
        [FromServices] TimeProvider time,
        [FromServices] IOptions<HttpLimits> limits)
    {
        ModelVersion known = await ModelsApi.Require(models, kind, version, context.RequestAborted);
        TrialRequest request;
        using (RequestBody body = await RequestBody.ReadJson(context, limits.Value.BodyBytes))
        {
            request = body.Object<TrialRequest>(Read);
        }

        double share = request.Share ?? 0;
        if (trainings.Of(kind) is not { CanBeTried: true } training)
        {
            throw new RequestRefusedException(new Problem { Type = "not-tried-here", Status = 422, Title = "Versions of this kind cannot be put on trial.", Detail = $"Tried here: {string.Join(", ", trainings.Kinds.Where(one => trainings.Of(one)!.CanBeTried))}." });
        }

        if (share > 0 && !training.CanDecideOnTrial)
        {
            throw new RequestRefusedException(Problem.Invalid("/share", $"must be 0: a version of {kind} on trial is watched and decides about nobody."));
        }

        if (known.Status == ModelStatus.Champion)
        {
            throw new RequestRefusedException(Problem.Conflict("is-champion", "This version serves already.", "A trial is for a version that does not."));
        }

        if (share > 0 && training.Gate(known) is { } failed)
        {
            throw new RequestRefusedException(Problem.Conflict("gate-failed", "The version does not pass its gate, so that it may only be watched (share 0).", failed));
        }

        DateTimeOffset now = time.GetUtcNow();
        var trial = new ModelTrial(string.Create(CultureInfo.InvariantCulture, $"{kind}/{known.Version}/{now.UtcTicks}"), share, now, context.Key()!.KeyId);
        ModelVersion trying = await models.Try(known, trial, context.RequestAborted);
        // This silo tries it with the answer; the others follow within a second.
        await champions.Refresh(context.RequestAborted);
        await AnswerWriter.Write(context, trying);
    }

    private static async Task Report(HttpContext context, string kind, string version, [FromServices] ModelStore models, [FromServices] RecommenderTrialReport recommenders, [FromServices] RiskTrialReport risks)
    {
        ModelVersion known = await OnTrial(models, kind, version, context.RequestAborted);
        await AnswerWriter.Write(context, kind == ModelKinds.Recommender
            ? await recommenders.Make(known, known.Trial!, context.RequestAborted)
            : await risks.Make(known, known.Trial!, context.RequestAborted));
    }

    private static async Task End(HttpContext context, string kind, string version, [FromServices] ModelStore models, [FromServices] ChampionModels champions)
    {
        ModelVersion known = await OnTrial(models, kind, version, context.RequestAborted);
        ModelVersion ended = await models.Try(known, null, context.RequestAborted);
        await champions.Refresh(context.RequestAborted);
        await AnswerWriter.Write(context, ended);
    }

    private static async Task<ModelVersion> OnTrial(ModelStore models, string kind, string version, CancellationToken cancellation)
    {
        ModelVersion known = await ModelsApi.Require(models, kind, version, cancellation);
        return known is { Status: ModelStatus.Challenger, Trial: not null }
            ? known
            : throw new RequestRefusedException(Problem.Conflict("not-on-trial", "This version is not on trial.", $"It is a {known.Status}; PUT puts it on trial."));
    }

    private static TrialRequest? Read(ref Utf8JsonReader reader, ReadOnlySpan<byte> body, RequestErrors errors)
    {
        double? share = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("share"u8)) share = JsonFields.Number(ref reader, errors, "/share", 0, ModelTrial.LargestShare);
            else JsonFields.Skip(ref reader);
        }

        return errors.Any ? null : new TrialRequest { Share = share };
    }
}
