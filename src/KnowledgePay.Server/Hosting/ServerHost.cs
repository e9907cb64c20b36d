using KnowledgePay.Grains.Hosting;
using KnowledgePay.Server.Access;
using KnowledgePay.Server.Answers;
using KnowledgePay.Server.Apis;
using KnowledgePay.Server.Audits;
using KnowledgePay.Server.Dashboards;
using KnowledgePay.Server.Demo;
using KnowledgePay.Server.Documentation;
using KnowledgePay.Server.Events;
using KnowledgePay.Server.Idempotency;
using KnowledgePay.Server.Models;
using KnowledgePay.Server.Problems;
using KnowledgePay.Server.Telemetry;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace KnowledgePay.Server.Hosting;

/// <summary>The HTTP layer: its services, and the pipeline that a request passes.</summary>
public static class ServerHost
{
    public const string DefaultUrl = "http://127.0.0.1:8080";

    /// <summary>Adds the HTTP layer. The engine's own services come with <c>AddKnowledgePayEngine</c>.</summary>
    public static WebApplicationBuilder AddHttpLayer(this WebApplicationBuilder builder)
    {
        IServiceCollection services = builder.Services;
        services.AddOptions<HttpLimits>().BindConfiguration(HttpLimits.Section).ValidateDataAnnotations().ValidateOnStart();
        HttpLimits limits = builder.Configuration.GetSection(HttpLimits.Section).Get<HttpLimits>() ?? new HttpLimits();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxConcurrentConnections = limits.Connections;
            // The largest that any endpoint takes. Each has its own limit (RequestBody), whose refusal a sender can read: Kestrel's own cuts the connection.
            kestrel.Limits.MaxRequestBodySize = limits.BulkBodyBytes;
            kestrel.Limits.MaxRequestHeadersTotalSize = 32 * 1024;
            kestrel.Limits.MaxRequestHeaderCount = 100;
            kestrel.Limits.MaxRequestLineSize = 8 * 1024;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
            kestrel.Limits.KeepAliveTimeout = TimeSpan.FromMinutes(2);
        });

        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<IReasonTexts, SpokenReasonTexts>();
        services.AddSingleton<IEligibilityValidator, RuleEligibilityValidator>();
        services.AddOptions<DemoOptions>().BindConfiguration(DemoOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddHostedService<DemoMarketplace>();
        services.AddSingleton<GrainReferences>();
        services.AddSingleton<UserCalls>();
        services.AddSingleton<EventIngestion>();
        services.AddSingleton<DashboardReader>();
        services.AddSingleton<DashboardStreams>();
        services.AddSingleton<IdempotentRequests>();
        services.AddSingleton<ModelStore>();
        services.AddSingleton<JournalEvents>();
        services.AddSingleton<JournalPlaces>();
        services.AddSingleton<JournalInteractions>();
        services.AddSingleton<JournalComments>();
        services.AddSingleton<JournalReplay>();
        services.AddSingleton<JournalLoans>();
        services.AddOptions<LoanOutcomeOptions>().BindConfiguration(LoanOutcomeOptions.Section)
            .Validate(o => o.OutcomeWindow > TimeSpan.Zero && o.OutcomeWindow <= TimeSpan.FromDays(3650), $"{LoanOutcomeOptions.Section}:OutcomeWindow: expected more than 0 and at most ten years.").ValidateOnStart();
        services.AddSingleton<JournalPeople>();
        services.AddSingleton<JournalPayments>();
        services.AddOptions<ChargebackOptions>().BindConfiguration(ChargebackOptions.Section)
            .Validate(o => o.ChargebackWindow > TimeSpan.Zero && o.ChargebackWindow <= TimeSpan.FromDays(3650), $"{ChargebackOptions.Section}:ChargebackWindow: expected more than 0 and at most ten years.").ValidateOnStart();
        services.AddSingleton<JournalPolicies>();
        services.AddOptions<PolicyOutcomeOptions>().BindConfiguration(PolicyOutcomeOptions.Section)
            .Validate(o => o.ClaimDelay >= TimeSpan.Zero && o.ClaimDelay <= TimeSpan.FromDays(3650), $"{PolicyOutcomeOptions.Section}:ClaimDelay: expected 0 to ten years.").ValidateOnStart();
        services.AddSingleton<JournalOffers>();
        services.AddOptions<OfferOutcomeOptions>().BindConfiguration(OfferOutcomeOptions.Section)
            .Validate(o => o.OfferWindow > TimeSpan.Zero && o.OfferWindow <= TimeSpan.FromDays(366), $"{OfferOutcomeOptions.Section}:OfferWindow: expected more than 0 and at most 366 days.").ValidateOnStart();
        services.AddSingleton<RecommenderFiles>();
        services.AddSingleton<RecommenderUpload>();
        services.AddOptions<ModelUploadOptions>().BindConfiguration(ModelUploadOptions.Section)
            .Validate(o => o.UploadBytes is > 0 and <= 1 << 30, $"{ModelUploadOptions.Section}:UploadBytes: expected 1 to {1 << 30}.").ValidateOnStart();
        services.AddSingleton<RecommenderTraining>();
        services.AddSingleton<IModelTraining>(s => s.GetRequiredService<RecommenderTraining>());
        services.AddSingleton<IModelTraining, CommentSentimentTraining>();
        services.AddSingleton<IModelTraining, CreditRiskTraining>();
        services.AddSingleton<IModelTraining, FraudTraining>();
        services.AddSingleton<IModelTraining, DemandTraining>();
        services.AddSingleton<IModelTraining, SegmenterTraining>();
        services.AddSingleton<IModelTraining, UpliftTraining>();
        services.AddSingleton<IModelTraining, PremiumTraining>();
        services.AddSingleton<ModelTrainings>();
        services.AddSingleton<ModelPromotion>();
        services.AddSingleton<JournalTakings>();
        services.AddSingleton<RecommenderTrialReport>();
        services.AddSingleton<RiskTrialReport>();
        services.AddSingleton<ChampionModels>();
        services.AddHostedService(s => s.GetRequiredService<ChampionModels>());
        services.AddSingleton<TrainingQueue>();
        services.AddHostedService(s => s.GetRequiredService<TrainingQueue>());
        services.AddSingleton<IValidateOptions<ScheduledTrainingOptions>, ScheduledTrainingOptionsValidator>();
        services.AddOptions<TakingSignalOptions>().BindConfiguration(TakingSignalOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<ScheduledTrainingOptions>().BindConfiguration(ScheduledTrainingOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<ScheduledTurns>();
        services.AddHostedService<ScheduledTraining>();
        services.AddOptions<DecisionAuditOptions>().BindConfiguration(DecisionAuditOptions.Section)
            .Validate(o => o.Every >= TimeSpan.FromSeconds(1) && o.Every <= TimeSpan.FromDays(365), $"{DecisionAuditOptions.Section}:Every: expected 1 second to 365 days.")
            .Validate(o => o.Window >= TimeSpan.FromHours(1) && o.Window <= TimeSpan.FromDays(3650), $"{DecisionAuditOptions.Section}:Window: expected 1 hour to ten years.").ValidateOnStart();
        services.AddSingleton<DecisionAuditor>();
        services.AddHostedService<ScheduledAudit>();
        services.AddOptions<ModelWatchOptions>().BindConfiguration(ModelWatchOptions.Section)
            .Validate(o => o.Every >= TimeSpan.FromSeconds(1) && o.Every <= TimeSpan.FromDays(365), $"{ModelWatchOptions.Section}:Every: expected 1 second to 365 days.")
            .Validate(o => o.Recent >= TimeSpan.FromHours(1) && o.Recent <= TimeSpan.FromDays(3650), $"{ModelWatchOptions.Section}:Recent: expected 1 hour to ten years.").ValidateOnStart();
        services.AddSingleton<ModelWatcher>();
        services.AddHostedService<ScheduledModelWatch>();
        services.AddHostedService<IdempotencyRetention>();
        services.AddAccess();
        services.AddRequestDecompression();
        services.AddRequestTimeouts(timeouts =>
        {
            timeouts.DefaultPolicy = Timeout(limits.TimeoutSeconds);
            timeouts.AddPolicy(EndpointLimits.BulkTimeout, Timeout(limits.BulkTimeoutSeconds));
        });
        services.AddApiDocument();
        builder.AddTelemetry();
        builder.AddSiloDashboard();
        return builder;
    }

    /// <summary>Puts the pipeline together and maps every endpoint.</summary>
    public static WebApplication UseHttpLayer(this WebApplication app)
    {
        AnswerJson.Use(app.Services.GetRequiredService<IReasonTexts>());
        IEngineStatus engine = app.Services.GetRequiredService<IEngineStatus>();
        app.Use((context, next) =>
        {
            if (engine.IsDraining)
            {
                // The caller's next request is to go to another silo, and not into a connection that is about to be closed.
                context.Response.Headers.Connection = "close";
            }

            IHeaderDictionary headers = context.Response.Headers;
            headers.XContentTypeOptions = "nosniff";
            headers.XFrameOptions = "DENY";
            headers["Referrer-Policy"] = "no-referrer";
            return next(context);
        });
        app.UseMiddleware<ProblemMiddleware>();
        app.UseStatusCodePages(context => ProblemDocument.Write(context.HttpContext, HttpProblems.OfStatus(context.HttpContext.Response.StatusCode)));
        app.UseRouting();
        app.UseMiddleware<KeyAuthentication>();
        app.UseAuthorization();
        app.UseMiddleware<Admission>();
        app.UseMiddleware<Negotiation>();
        app.UseRequestTimeouts();
        app.UseRequestDecompression();
        app.MapEvents();
        app.MapCourses();
        app.MapPartners();
        app.MapRankingRules();
        app.MapDashboards();
        app.MapUsers();
        app.MapDecisions();
        app.MapCheckout();
        app.MapKeys();
        app.MapReviews();
        app.MapModels();
        app.MapTrials();
        app.MapAudits();
        app.MapOperations();
        app.MapSiloDashboard();
        return app;
    }

    private static RequestTimeoutPolicy Timeout(int seconds) => new()
    {
        Timeout = TimeSpan.FromSeconds(seconds),
        TimeoutStatusCode = StatusCodes.Status504GatewayTimeout,
        WriteTimeoutResponse = context => ProblemDocument.Write(context, HttpProblems.OfStatus(StatusCodes.Status504GatewayTimeout)),
    };
}
