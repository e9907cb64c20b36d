using System.Globalization;
using KnowledgePay.Server.Problems;
using Microsoft.Extensions.Primitives;

namespace KnowledgePay.Server.Hosting;

/// <summary>Refuses with 406 what asks for a form that no answer here has, before anything is done.</summary>
public sealed class Negotiation(RequestDelegate next)
{
    private const string Json = "application/json";
    private const string EventStream = "text/event-stream";
    private const string Text = "text/plain";
    private const string OpenMetrics = "application/openmetrics-text";

    public Task Invoke(HttpContext context)
    {
        StringValues accept = context.Request.Headers.Accept;
        if (accept.Count == 0 || (accept.Count == 1 && accept[0] == "*/*"))
        {
            return next(context);
        }

        if (context.GetEndpoint() is RouteEndpoint { RoutePattern.RawText: { } route } endpoint)
        {
            bool isMetrics = route == "/metrics";
            string answered = isMetrics ? Text : endpoint.Metadata.GetMetadata<LongLived>() is null ? Json : EventStream;
            if ((isMetrics || route.StartsWith("/v1/", StringComparison.Ordinal)) && !Takes(accept, answered) && !(isMetrics && Takes(accept, OpenMetrics)))
            {
                return ProblemDocument.Write(context, HttpProblems.OfStatus(StatusCodes.Status406NotAcceptable) with { Detail = $"It is {answered}. Nothing was done." });
            }
        }

        return next(context);
    }

    /// <summary>Whether a media type is among those that are accepted: of the ranges that match it the most specific decides, and a weight of 0 says no.</summary>
    public static bool Takes(StringValues accept, ReadOnlySpan<char> mediaType)
    {
        int best = -1;
        double weight = 0;
        foreach (string? header in accept)
        {
            ReadOnlySpan<char> text = header;
            foreach (Range part in text.Split(','))
            {
                ReadOnlySpan<char> range = text[part];
                int parameters = range.IndexOf(';');
                int specific = Match((parameters < 0 ? range : range[..parameters]).Trim(), mediaType);
                if (specific >= best && specific >= 0)
                {
                    double given = parameters < 0 ? 1 : Weight(range[(parameters + 1)..]);
                    (best, weight) = (specific, specific == best ? Math.Max(weight, given) : given);
                }
            }
        }

        return weight > 0;
    }

    /// <returns>0 for <c>*/*</c>, 1 for <c>type/*</c>, 2 for the type itself, −1 for another.</returns>
    private static int Match(ReadOnlySpan<char> range, ReadOnlySpan<char> mediaType)
    {
        if (range is "*/*")
        {
            return 0;
        }

        if (range.EndsWith("/*") && mediaType.StartsWith(range[..^1], StringComparison.OrdinalIgnoreCase))
        {
            return 1;
        }

        return range.Equals(mediaType, StringComparison.OrdinalIgnoreCase) ? 2 : -1;
    }

    private static double Weight(ReadOnlySpan<char> parameters)
    {
        foreach (Range part in parameters.Split(';'))
        {
            ReadOnlySpan<char> parameter = parameters[part].Trim();
            if (parameter.StartsWith("q=", StringComparison.OrdinalIgnoreCase))
            {
                return double.TryParse(parameter[2..], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double weight) ? Math.Clamp(weight, 0, 1) : 1;
            }
        }

        return 1;
    }
}
