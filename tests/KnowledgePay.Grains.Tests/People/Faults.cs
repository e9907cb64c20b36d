using System.Reflection;
using KnowledgePay.Contracts.Grains;
using KnowledgePay.Storage;

namespace KnowledgePay.Grains.Tests.People;

/// <summary>The engine's own store, of which single calls fail: before they did anything, or after all was done and only the answer is lost.</summary>
public sealed class Faults(IEngineStore store)
{
    private readonly List<(string Method, bool Before)> _pending = [];

    /// <summary>The store to work with.</summary>
    public IEngineStore Store => Wrap(store);

    /// <summary>The next call of this method fails; methods are named as in the contract, such as <c>IKeyStore.Delete</c>.</summary>
    public void Fail(string method, bool before) => _pending.Add((method, before));

    private T Wrap<T>(T inner)
        where T : class
    {
        T proxy = DispatchProxy.Create<T, Proxy<T>>();
        var faulty = (Proxy<T>)(object)proxy;
        faulty.Inner = inner;
        faulty.Faults = this;
        return proxy;
    }

    private object? Call(object inner, MethodInfo method, object?[]? arguments)
    {
        string name = method.DeclaringType!.Name + "." + method.Name;
        int pending = _pending.FindIndex(f => f.Method == name);
        if (pending < 0)
        {
            object? result = method.Invoke(inner, BindingFlags.DoNotWrapExceptions, null, arguments, null);
            return result switch
            {
                IKeyStore keys => Wrap(keys),
                ISnapshotStore snapshots => Wrap(snapshots),
                IJournal journal => Wrap(journal),
                _ => result,
            };
        }

        bool before = _pending[pending].Before;
        _pending.RemoveAt(pending);
        if (!before)
        {
            Task done = method.Invoke(inner, BindingFlags.DoNotWrapExceptions, null, arguments, null) switch
            {
                ValueTask<bool> flag => flag.AsTask(),
                ValueTask nothing => nothing.AsTask(),
                ValueTask<AppendResult> append => append.AsTask(),
                object other => throw new NotSupportedException($"{name} returns {other.GetType()}."),
                null => Task.CompletedTask,
            };
            done.GetAwaiter().GetResult();
        }

        throw new StoreUnavailableException($"{name} fails in this test.");
    }

    public class Proxy<T> : DispatchProxy
        where T : class
    {
        internal T Inner { get; set; } = null!;

        internal Faults Faults { get; set; } = null!;

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => Faults.Call(Inner, targetMethod!, args);
    }
}
