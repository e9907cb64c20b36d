using System.Globalization;
using System.Text.Json;
using KnowledgePay.Contracts;
using KnowledgePay.Learning.Files;
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

/// <summary>Learned models: what serves, training from the journal, model cards, promotion.</summary>
public static class ModelsApi
{
    private const int LongestAlgorithm = 64;
    private const int LongestReason = 1_000;

    public static void MapModels(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/v1").WithTags("Learned models");
        group.MapGet("/models", List)
            .RequireAuthorization(Roles.OperatorOrAuditor)
            .Describe("listModels", "List models by kind", "What serves now and all versions, newest first. A kind without a promoted version is decided by what is built in.")
            .Produces<ModelList>();
        group.MapPost("/models/{kind}/training-runs", Train)
            .RequireAuthorization(Roles.OperatorOnly)
            .Describe(
                "startTrainingRun",
                "Learn a version from the journal",
                "Answers at once; the run goes on beside the serving, one after another. Only people who consent to personalisation are learned from. "
                + "Kinds that are not learned here are learned from files by kpay learn.")
            .Accepts<TrainingRequest>("application/json")
            .Produces<TrainingRun>(202)
            .Refuses(400, 404, 409, 413, 415, 422, 503);
        group.MapPost("/models/{kind}/versions", Upload)
            .RequireAuthorization(Roles.OperatorOnly)
            .Describe(
                "uploadModelVersion",
                "Take in a version that was learned elsewhere",
                "The model.kpm of kpay learn recommender, or of kpay import-model for an ONNX model. It becomes a candidate, measured on what people here took last, and serves once it is promoted. "
                + "Recommenders only.")
            .Takes(routes.ServiceProvider.GetRequiredService<IOptions<ModelUploadOptions>>().Value.UploadBytes)
            .WithMetadata(new ModelBody())
            .Produces<ModelVersion>(201)
            .Refuses(404, 413, 415, 422);
        group.MapGet("/training-runs/{runId}", Run)
            .RequireAuthorization(Roles.OperatorOrAuditor)
            .Describe("getTrainingRun", "Get a training run", "How far it is, and its report once it is done.")
            .Produces<TrainingRun>()
            .Refuses(404, 422);
        group.MapGet("/models/{kind}/versions/{version}", Card)
            .RequireAuthorization(Roles.OperatorOrAuditor)
            .Describe("getModelVersion", "Get a model card", "Intended use, limits, data, metrics beside a baseline, and the learner's report.")
            .Produces<ModelVersion>()
            .Refuses(404, 422);
        group.MapPost("/models/{kind}/versions/{version}/promotion", Promote)
            .RequireAuthorization(Roles.OperatorOnly)
            .Describe(
                "promoteModelVersion",
                "Let a version serve",
                "From this answer on it decides here, and within a second on every silo; the one before is retired. An earlier version may be promoted again. "
                + "A version that does not pass its gate is refused with 409, unless two operators override that, each with a key of their own and a reason: the first is answered with 202 and the version as it was.")
            .Accepts<PromotionRequest>(true, "application/json")
            .Produces<ModelVersion>()
            .Produces<ModelVersion>(202)
            .Refuses(400, 404, 409, 413, 415, 422);
    }

    private static async Task List(HttpContext context, [FromServices] ModelStore models, [FromServices] ModelTrainings trainings)
    {
        IReadOnlyList<ModelVersion> all = await models.All(context.RequestAborted);
        await AnswerWriter.Write(context, new ModelList([.. ModelKinds.All.Select(kind =>
        {
            ModelVersion[] versions = [.. all.Where(v => v.Kind == kind.Kind).OrderByDescending(v => v.Version)];
            return new ModelOfKind(
                kind.Kind,
                versions.FirstOrDefault(v => v.Status == ModelStatus.Champion)?.Version,
                kind.BuiltIn,
                trainings.Of(kind.Kind) is not null,
                [.. versions.Select(v => new ModelVersionSummary(v.Version, v.Algorithm, v.Status, v.CreatedAt, v.Metrics))]);
        })]));
    }

    private static async Task Train(
        HttpContext context, string kind, [FromServices] TrainingQueue queue, [FromServices] ModelTrainings trainings, [FromServices] ModelStore models, [FromServices] TimeProvider time, [FromServices] IOptions<HttpLimits> limits)
    {
        RequireKind(kind);
        TrainingRequest request = new();
        if (context.Request.ContentLength is not (null or 0) || context.Request.Headers.TransferEncoding.Count > 0)
        {
            using RequestBody body = await RequestBody.ReadJson(context, limits.Value.BodyBytes);
            request = body.Object<TrainingRequest>((ref Utf8JsonReader reader, ReadOnlySpan<byte> _, RequestErrors errors) => Read(ref reader, errors, trainings.Of(kind)));
        }

        if (trainings.Of(kind) is not { } training)
        {
            throw new RequestRefusedException(new Problem
            {
                Type = "not-trained-here",
                Status = 422,
                Title = "This kind is not learned from the journal.",
                Detail = $"Learned here: {string.Join(", ", trainings.Kinds)}. 'kpay learn' learns '{kind}' from a file.",
            });
        }

        ModelVersion? earlier = request.WarmStart == true ? await RequireEarlier(models, kind, request.Algorithm, context.RequestAborted) : null;
        var run = new TrainingRun
        {
            Id = TrainingRun.NewId(),
            Kind = kind,
            Algorithm = earlier?.Algorithm ?? request.Algorithm ?? training.DefaultAlgorithm,
            From = earlier?.Version,
            Seed = request.Seed ?? 1,
            Promote = request.Promote ?? false,
            Status = TrainingStatus.Queued,
            Progress = 0,
            RequestedAt = time.GetUtcNow(),
            RequestedBy = context.Key()!.KeyId,
        };
        if (!await queue.TryAdd(run, context.RequestAborted))
        {
            context.Response.Headers.RetryAfter = "60";
            await ProblemDocument.Write(context, HttpProblems.OfStatus(StatusCodes.Status503ServiceUnavailable));
            return;
        }

        context.Response.Headers.Location = "/v1/training-runs/" + run.Id;
        await AnswerWriter.Write(context, run, StatusCodes.Status202Accepted);
    }

    /// <summary>The version that serves, if a training by that algorithm can go on from it.</summary>
    private static async Task<ModelVersion> RequireEarlier(ModelStore models, string kind, string? algorithm, CancellationToken cancellation)
    {
        ModelVersion? serving = await models.Champion(kind, cancellation);
        return serving is { TrainedOn.To: not null } && (algorithm is null || algorithm == serving.Algorithm)
            ? serving
            : throw new RequestRefusedException(Problem.Conflict(
                "nothing-to-go-on-from",
                "There is no version to go on from.",
                serving is null ? "No version serves; learn one anew and promote it first."
                : serving.TrainedOn.To is null ? $"Version {serving.Version} serves and was not learned here."
                : $"Version {serving.Version} serves and was learned by '{serving.Algorithm}', not by '{algorithm}'."));
    }

    private static async Task Upload(HttpContext context, string kind, [FromServices] RecommenderUpload upload, [FromServices] IOptions<ModelUploadOptions> options)
    {
        RequireKind(kind);
        if (kind != ModelKinds.Recommender)
        {
            throw new RequestRefusedException(new Problem { Type = "not-taken-here", Status = 422, Title = "Models of this kind are not taken in.", Detail = $"Taken in: {ModelKinds.Recommender}." });
        }

        if (context.Request.ContentType is not "application/octet-stream")
        {
            await ProblemDocument.Write(context, HttpProblems.OfStatus(StatusCodes.Status415UnsupportedMediaType));
            return;
        }

        using RequestBody body = await RequestBody.Read(context, options.Value.UploadBytes);
        try
        {
            ModelVersion version = await upload.Add(body.Span.ToArray(), context.Key()!.KeyId, context.RequestAborted);
            context.Response.Headers.Location = string.Create(CultureInfo.InvariantCulture, $"/v1/models/{kind}/versions/{version.Version}");
            await AnswerWriter.Write(context, version, StatusCodes.Status201Created);
        }
        catch (InputException refused)
        {
            throw new RequestRefusedException(new Problem { Type = "invalid-model", Status = 422, Title = "This is no model that can serve here.", Detail = refused.Message });
        }
    }

    private static async Task Run(HttpContext context, string runId, [FromServices] ModelStore models)
    {
        QueryFields.RequireId(runId, "runId");
        await AnswerWriter.Write(context, await models.FindRun(runId, context.RequestAborted) ?? throw new RequestRefusedException(Problem.NotFound("training run", runId)));
    }

    private static async Task Card(HttpContext context, string kind, string version, [FromServices] ModelStore models) =>
        await AnswerWriter.Write(context, await Require(models, kind, version, context.RequestAborted));

    private static async Task Promote(
        HttpContext context, string kind, string version, [FromServices] ModelStore models, [FromServices] ModelPromotion promotion, [FromServices] IOptions<HttpLimits> limits)
    {
        ModelVersion known = await Require(models, kind, version, context.RequestAborted);
        PromotionRequest request = new();
        if (context.Request.ContentLength is not (null or 0) || context.Request.Headers.TransferEncoding.Count > 0)
        {
            using RequestBody body = await RequestBody.ReadJson(context, limits.Value.BodyBytes);
            request = body.Object<PromotionRequest>(ReadPromotion);
        }

        Answer<ModelVersion> answer = await promotion.Promote(known, context.Key()!.KeyId, request.OverrideReason, context.RequestAborted);
        ModelVersion now = answer.Value ?? throw new RequestRefusedException(answer.Problem!);
        await AnswerWriter.Write(context, now, now.Status == ModelStatus.Champion ? StatusCodes.Status200OK : StatusCodes.Status202Accepted);
    }

    private static PromotionRequest? ReadPromotion(ref Utf8JsonReader reader, ReadOnlySpan<byte> body, RequestErrors errors)
    {
        string? reason = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("overrideReason"u8)) reason = JsonFields.Text(ref reader, errors, "/overrideReason", LongestReason);
            else JsonFields.Skip(ref reader);
        }

        if (reason is not null && string.IsNullOrWhiteSpace(reason))
        {
            errors.Add("/overrideReason", "must say why.");
        }

        return errors.Any ? null : new PromotionRequest { OverrideReason = reason };
    }

    private static void RequireKind(string kind)
    {
        if (!ModelKinds.IsKnown(kind))
        {
            throw new RequestRefusedException(Problem.NotFound("kind of model", kind));
        }
    }

    internal static async Task<ModelVersion> Require(ModelStore models, string kind, string version, CancellationToken cancellation)
    {
        RequireKind(kind);
        return int.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && await models.Find(kind, number, cancellation) is { } found
            ? found
            : throw new RequestRefusedException(Problem.NotFound($"version of {kind}", version));
    }

    private static TrainingRequest? Read(ref Utf8JsonReader reader, RequestErrors errors, IModelTraining? training)
    {
        string? algorithm = null;
        long? seed = null;
        bool? promote = null, warmStart = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("algorithm"u8)) algorithm = JsonFields.Text(ref reader, errors, "/algorithm", LongestAlgorithm);
            else if (reader.ValueTextEquals("seed"u8)) seed = JsonFields.Whole(ref reader, errors, "/seed", 0, long.MaxValue);
            else if (reader.ValueTextEquals("promote"u8)) promote = JsonFields.Flag(ref reader, errors, "/promote");
            else if (reader.ValueTextEquals("warmStart"u8)) warmStart = JsonFields.Flag(ref reader, errors, "/warmStart");
            else JsonFields.Skip(ref reader);
        }

        if (warmStart == true && training is { CanRefit: false })
        {
            errors.Add("/warmStart", $"a version of '{training.Kind}' is always learned anew.");
        }

        if (algorithm is not null && training is not null && !training.Algorithms.Contains(algorithm))
        {
            errors.Add("/algorithm", $"must be one of {string.Join(", ", training.Algorithms)}.");
        }

        return errors.Any ? null : new TrainingRequest { Algorithm = algorithm, Seed = seed, Promote = promote, WarmStart = warmStart };
    }
}
