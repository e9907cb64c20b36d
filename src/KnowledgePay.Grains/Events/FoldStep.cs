using KnowledgePay.Decisions.Profiles;
using KnowledgePay.Decisions.Projections;
using Microsoft.Extensions.Logging;

namespace KnowledgePay.Grains.Events;

/// <summary>One step of a fold, live or replayed: the one place that says what happens to an event that cannot be folded.</summary>
internal static partial class FoldStep
{
    public static void Apply(UserProfile profile, long sequence, StoredEvent e, long person, ref EffectBuffer effects, ILogger logger)
    {
        try
        {
            ProfileFold.Apply(profile, sequence, e, person, ref effects);
        }
        catch (Exception ex) when (ex is not OutOfMemoryException)
        {
            // The event is durable and acknowledged: one that the fold cannot take must not lock a person out. A replay skips it the same way.
            profile.Sequence = sequence;
            LogFoldFailed(logger, ex, e.Data.GetType().Name);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "An event of type {Type} could not be folded and counts for nothing.")]
    private static partial void LogFoldFailed(ILogger logger, Exception e, string type);
}
