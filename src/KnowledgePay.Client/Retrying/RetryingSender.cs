using System.Net;

namespace KnowledgePay.Client.Retrying;

/// <summary>Sends a request until it is answered, within the bounds of <see cref="RetryOptions"/>.</summary>
internal sealed class RetryingSender(HttpClient http, RetryOptions options, TimeProvider time)
{
    /// <summary>Sends and reads the answer with <paramref name="read"/>; a failure while reading counts as a lost connection.</summary>
    /// <param name="make">Makes a fresh request for each try.</param>
    /// <exception cref="HttpRequestException">No answer came in the tries and the time allowed.</exception>
    /// <exception cref="KnowledgePayProblemException">The server refused.</exception>
    public async Task<T> Send<T>(
        Func<HttpRequestMessage> make,
        RepeatSafety safety,
        Func<HttpResponseMessage, CancellationToken, Task<T>> read,
        CancellationToken cancellation)
    {
        long started = time.GetTimestamp();
        for (int tries = 1; ; tries++)
        {
            Exception failure;
            TimeSpan? retryAfter = null;
            HttpResponseMessage? response = null;
            bool handedOver = false;
            try
            {
                using HttpRequestMessage request = make();
                response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation).ConfigureAwait(false);
                if (response.IsSuccessStatusCode)
                {
                    T answer = await read(response, cancellation).ConfigureAwait(false);
                    handedOver = answer is HttpResponseMessage;
                    return answer;
                }

                retryAfter = RetryAfter(response);
                KnowledgePayProblemException problem = await ProblemReader.Read(response, retryAfter, cancellation).ConfigureAwait(false);
                if (response.StatusCode is not (HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable))
                {
                    throw problem;
                }

                failure = problem;
            }
            catch (Exception lost) when (safety == RepeatSafety.Harmless && IsLostConnection(lost, cancellation))
            {
                failure = lost;
            }
            finally
            {
                if (!handedOver)
                {
                    response?.Dispose();
                }
            }

            TimeSpan delay = options.DelayAfter(tries, retryAfter);
            if (tries >= options.MaxTries || time.GetElapsedTime(started) + delay > options.MaxElapsed)
            {
                System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
            }

            await Task.Delay(delay, time, cancellation).ConfigureAwait(false);
        }
    }

    private static bool IsLostConnection(Exception exception, CancellationToken cancellation) =>
        exception is HttpRequestException or IOException
        || (exception is OperationCanceledException && !cancellation.IsCancellationRequested);

    private TimeSpan? RetryAfter(HttpResponseMessage response)
    {
        if (response.Headers.RetryAfter is not { } said)
        {
            return null;
        }

        TimeSpan? wait = said.Delta ?? (said.Date - time.GetUtcNow());
        return wait > TimeSpan.Zero ? wait : null;
    }
}
