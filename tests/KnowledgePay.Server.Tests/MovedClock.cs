namespace KnowledgePay.Server.Tests;

/// <summary>The system's clock, set otherwise; timers run as ever.</summary>
internal sealed class MovedClock : TimeProvider
{
    private long _ticks;

    public TimeSpan Moved
    {
        get => new(Volatile.Read(ref _ticks));
        set => Volatile.Write(ref _ticks, value.Ticks);
    }

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Moved;
}
