using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace KnowledgePay.Server.Telemetry;

/// <summary>Metrics for Prometheus always; traces and OTLP only where <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is set, so that a request pays for no trace that nobody reads.</summary>
public static class ServerTelemetry
{
    public static void AddTelemetry(this WebApplicationBuilder builder)
    {
        bool hasOtlp = !string.IsNullOrWhiteSpace(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]);
        OpenTelemetryBuilder telemetry = builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService("knowledgepay", serviceVersion: typeof(ServerTelemetry).Assembly.GetName().Version?.ToString(3)))
            .WithMetrics(metrics =>
            {
                metrics
                    .AddMeter("KnowledgePay", "KnowledgePay.*", "Microsoft.Orleans", "System.Runtime", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel")
                    .AddPrometheusExporter();
                if (hasOtlp)
                {
                    metrics.AddOtlpExporter();
                }
            });
        if (hasOtlp)
        {
            telemetry.WithTracing(tracing => tracing
                .AddAspNetCoreInstrumentation()
                .AddSource("KnowledgePay", "KnowledgePay.*", "Microsoft.Orleans.Application", "Microsoft.Orleans.Runtime")
                .AddOtlpExporter());
        }
    }
}
