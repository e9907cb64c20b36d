using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Grains;
using Microsoft.AspNetCore.Http.Timeouts;
using Orleans.Runtime;

namespace KnowledgePay.Server.Problems;

/// <summary>Makes a problem document of every exception, without telling what is inside.</summary>
public sealed partial class ProblemMiddleware(RequestDelegate next, ILogger<ProblemMiddleware> logger)
{
    public Task Invoke(HttpContext context)
    {
        Task running;
        try
        {
            running = next(context);
        }
        catch (Exception e)
        {
            return Handle(context, e);
        }

        return running.IsCompletedSuccessfully ? running : Await(context, running);
    }

    private async Task Await(HttpContext context, Task running)
    {
        try
        {
            await running;
        }
        catch (Exception e)
        {
            await Handle(context, e);
        }
    }

    private Task Handle(HttpContext context, Exception e)
    {
        if (e is OperationCanceledException && context.RequestAborted.IsCancellationRequested
            && context.Features.Get<IHttpRequestTimeoutFeature>()?.RequestTimeoutToken.IsCancellationRequested != true)
        {
            // The caller has gone; nobody reads an answer.
            if (!context.Response.HasStarted)
            {
                context.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
            }

            return Task.CompletedTask;
        }

        Problem problem = OfException(e);
        if (problem.Status >= 500)
        {
            if (problem.Type == "internal-error" || e is OrleansException and not (SiloUnavailableException or LimitExceededException or OrleansMessageRejectionException))
            {
                LogUnexpected(logger, e, context.Request.Method, RouteOf(context));
            }
            else
            {
                LogUnavailable(logger, problem.Type, e.GetType().Name);
            }
        }

        return ProblemDocument.Write(context, problem);
    }

    /// <summary>The problem that an exception is to a caller.</summary>
    public static Problem OfException(Exception e) => e switch
    {
        RequestRefusedException refused => refused.Problem,
        StoreUnavailableException => HttpProblems.StoreDown("Nothing was acknowledged; the same request may be sent again."),
        BadHttpRequestException { StatusCode: var status } => HttpProblems.OfStatus(status),
        InvalidDataException => HttpProblems.Malformed("", "could not be decompressed: the bytes are not what Content-Encoding says."),
        TimeoutException or OperationCanceledException => HttpProblems.OfStatus(504),
        // What the cluster itself could not do, as while silos come and go, may be asked again.
        OrleansException => HttpProblems.OfStatus(503),
        _ => HttpProblems.OfStatus(500),
    };

    // The route's pattern, not the path: a path carries ids of people.
    private static string RouteOf(HttpContext context) => (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "(no route)";

    [LoggerMessage(1, LogLevel.Error, "{Method} {Route} failed.")]
    private static partial void LogUnexpected(ILogger logger, Exception exception, string method, string route);

    [LoggerMessage(2, LogLevel.Warning, "A request was refused as {Problem} after {Exception}.")]
    private static partial void LogUnavailable(ILogger logger, string problem, string exception);
}
