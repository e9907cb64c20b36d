namespace KnowledgePay.Grains.Tests.Events;

/// <summary>Runs a stream's calls as a grain does: one at a time, continuations included.</summary>
public sealed class SingleTurn
{
    private readonly TaskScheduler _scheduler = new ConcurrentExclusiveSchedulerPair().ExclusiveScheduler;

    public Task<T> Run<T>(Func<T> work) =>
        Task.Factory.StartNew(work, TestContext.Current.CancellationToken, TaskCreationOptions.None, _scheduler);

    public Task<T> Run<T>(Func<Task<T>> work) =>
        Task.Factory.StartNew(work, TestContext.Current.CancellationToken, TaskCreationOptions.None, _scheduler).Unwrap();
}
