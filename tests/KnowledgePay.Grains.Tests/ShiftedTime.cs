namespace KnowledgePay.Grains.Tests;

/// <summary>The system's clock, set forward by hand: timers go on as they are, so that a whole silo can run on it.</summary>
public sealed class ShiftedTime : TimeProvider
{
    private long _shift;

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + TimeSpan.FromTicks(Volatile.Read(ref _shift));

    public void Advance(TimeSpan by) => Interlocked.Add(ref _shift, by.Ticks);
}
