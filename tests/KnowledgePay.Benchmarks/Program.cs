using BenchmarkDotNet.Running;
using KnowledgePay.Benchmarks.Budgets;
using KnowledgePay.Benchmarks.Latency;

// budgets: allocated bytes against their budgets, exit 1 when one is over. allocations: of which types they are. latency [calls]: percentiles inside the silo.
// Anything else goes to BenchmarkDotNet, for example --filter '*Recommend*'.
switch (args.FirstOrDefault())
{
    case "budgets":
        return await BudgetCheck.Run(Console.Out).ConfigureAwait(false);
    case "allocations":
        return await BudgetCheck.Types(Console.Out).ConfigureAwait(false);
    case "latency":
        int calls = args.Length > 1 && int.TryParse(args[1], out int wanted) && wanted > 0 ? wanted : LatencyCheck.DefaultCalls;
        return await LatencyCheck.Run(Console.Out, calls).ConfigureAwait(false);
    default:
        BenchmarkSwitcher.FromAssembly(typeof(BudgetCheck).Assembly).Run(args);
        return 0;
}
