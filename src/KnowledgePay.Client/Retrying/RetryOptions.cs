namespace KnowledgePay.Client.Retrying;

/// <summary>Bounds of the retries of one call.</summary>
public sealed record RetryOptions
{
    /// <summary>Tries in all, 1–100; 1 never repeats.</summary>
    public int MaxTries { get; init; } = 6;

    /// <summary>No try starts later than this after the first one started.</summary>
    public TimeSpan MaxElapsed { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Wait before the first repeat; doubled for each further one.</summary>
    public TimeSpan FirstDelay { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Longest wait that the back-off makes by itself; a <c>Retry-After</c> may ask for more.</summary>
    public TimeSpan LongestDelay { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>A number in [0, 1) that spreads the waits of many callers; replaced in tests.</summary>
    public Func<double> Jitter { get; init; } = Random.Shared.NextDouble;

    internal void Validate()
    {
        if (MaxTries is < 1 or > 100)
        {
            throw new ArgumentException("Retry.MaxTries must be 1 to 100.");
        }

        if (MaxElapsed < TimeSpan.Zero || FirstDelay < TimeSpan.Zero || LongestDelay < FirstDelay)
        {
            throw new ArgumentException("Retry times must not be negative, and LongestDelay not less than FirstDelay.");
        }
    }

    /// <summary>The wait after a try: exponential with "equal jitter" (half fixed, half random), and at least what the server asked for.</summary>
    /// <param name="tries">Tries made so far, 1 or more.</param>
    /// <param name="retryAfter">What <c>Retry-After</c> said, if anything.</param>
    public TimeSpan DelayAfter(int tries, TimeSpan? retryAfter)
    {
        double ceiling = Math.Min(LongestDelay.TotalMilliseconds, FirstDelay.TotalMilliseconds * Math.Pow(2, Math.Min(tries - 1, 30)));
        TimeSpan backOff = TimeSpan.FromMilliseconds((ceiling / 2) + (ceiling / 2 * Jitter()));
        return retryAfter > backOff ? retryAfter.Value : backOff;
    }
}

/// <summary>What a second try of the same request can do.</summary>
internal enum RepeatSafety
{
    /// <summary>Repeating is harmless: reads, replacements, deletions, events (source, id), decisions, and what carries an idempotency key.</summary>
    Harmless,

    /// <summary>Repeat only after the server refused (429, 503), when nothing was done; a lost answer may have been a success.</summary>
    AfterRefusal,
}
