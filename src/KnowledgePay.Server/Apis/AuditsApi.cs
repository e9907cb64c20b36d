using KnowledgePay.Contracts;
using KnowledgePay.Server.Access;
using KnowledgePay.Server.Answers;
using KnowledgePay.Server.Audits;
using KnowledgePay.Server.Documentation;
using KnowledgePay.Server.Problems;
using Microsoft.AspNetCore.Mvc;

namespace KnowledgePay.Server.Apis;

/// <summary>Audits of what was decided, and of what decided it.</summary>
public static class AuditsApi
{
    public static void MapAudits(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/v1/audits/fairness").WithTags("Audits");
        group.MapGet("", Last)
            .RequireAuthorization(Roles.OperatorOrAuditor)
            .Describe(
                "getFairnessAudit",
                "Get the last fairness audit",
                "Credit decisions and quoted prices by gender and age: rates, disparate impact with its interval, the four-fifths rule. Made once a day unless configured otherwise (KnowledgePay:Audits).")
            .Produces<DecisionAuditReport>()
            .Refuses(404);
        group.MapPost("", Run)
            .RequireAuthorization(Roles.OperatorOnly)
            .Describe("runFairnessAudit", "Audit now", "Reads the journal of the window and answers with the report, which is kept as the last.")
            .Produces<DecisionAuditReport>();

        RouteGroupBuilder models = routes.MapGroup("/v1/audits/models").WithTags("Audits");
        models.MapGet("", LastOfModels)
            .RequireAuthorization(Roles.OperatorOrAuditor)
            .Describe(
                "getModelWatch",
                "Get the last look at the models of risk",
                "Whether probabilities of default and of chargeback came true since the model learned, how late bad outcomes become known, how far scores and attributes have moved, and what somebody should look at. Made once a day unless configured otherwise (KnowledgePay:Watch).")
            .Produces<ModelWatchReport>()
            .Refuses(404);
        models.MapPost("", WatchModels)
            .RequireAuthorization(Roles.OperatorOnly)
            .Describe("runModelWatch", "Look at the models of risk now", "Reads the journal and answers with the report, which is kept as the last.")
            .Produces<ModelWatchReport>();
    }

    private static async Task LastOfModels(HttpContext context, [FromServices] ModelWatcher watcher) =>
        await AnswerWriter.Write(context, await watcher.Last(context.RequestAborted) ?? throw new RequestRefusedException(Problem.NotFound("audit", ModelWatcher.Name)));

    private static async Task WatchModels(HttpContext context, [FromServices] ModelWatcher watcher) =>
        await AnswerWriter.Write(context, await watcher.Run(context.RequestAborted));

    private static async Task Last(HttpContext context, [FromServices] DecisionAuditor auditor) =>
        await AnswerWriter.Write(context, await auditor.Last(context.RequestAborted) ?? throw new RequestRefusedException(Problem.NotFound("audit", DecisionAuditor.Name)));

    private static async Task Run(HttpContext context, [FromServices] DecisionAuditor auditor) =>
        await AnswerWriter.Write(context, await auditor.Run(context.RequestAborted));
}
