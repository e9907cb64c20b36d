using BenchmarkDotNet.Running;
using KnowledgePay.Benchmarks.Budgets;
using KnowledgePay.Benchmarks.Durable;
using KnowledgePay.Benchmarks.Latency;
using KnowledgePay.Benchmarks.Ranking;
using KnowledgePay.Benchmarks.Residents;
using KnowledgePay.Benchmarks.Retrieval;

// budgets: allocated bytes against their budgets, exit 1 when one is over. allocations: of which types they are. latency [calls [courses …]]: percentiles inside the silo.
// durable: events a second beside a bare loop into the same store and beside WriteStateAsync; needs PostgreSQL (tests/run.sh installs it). residents [people]: memory of an active person, activations a second. retrieval: the nearest ten vectors, their time and recall. ranking FOLDER: how well the engine's own lists foretell held-out enrolments.
// Anything else goes to BenchmarkDotNet, for example --filter '*Recommend*'.
switch (args.FirstOrDefault())
{
    case "budgets":
        return await BudgetCheck.Run(Console.Out).ConfigureAwait(false);
    case "allocations":
        return await BudgetCheck.Types(Console.Out).ConfigureAwait(false);
    case "durable":
        return await DurableCheck.Run(Console.Out).ConfigureAwait(false);
    case "residents":
        int people = args.Length > 1 && int.TryParse(args[1], out int some) && some > 1 ? some : ResidentCheck.DefaultPeople;
        return await ResidentCheck.Run(Console.Out, people).ConfigureAwait(false);
    case "retrieval":
        return RetrievalCheck.Run(Console.Out);
    case "ranking":
        return RankingCheck.Run(Console.Out, args.Length > 1 ? args[1] : "../shared/data/mooc");
    case "latency":
        int calls = args.Length > 1 && int.TryParse(args[1], out int wanted) && wanted > 0 ? wanted : LatencyCheck.DefaultCalls;
        int[] sizes = [.. args.Skip(2).Select(size => int.Parse(size, System.Globalization.CultureInfo.InvariantCulture))];
        return await LatencyCheck.Run(Console.Out, calls, sizes.Length > 0 ? sizes : LatencyCheck.DefaultSizes).ConfigureAwait(false);
    default:
        BenchmarkSwitcher.FromAssembly(typeof(BudgetCheck).Assembly).Run(args);
        return 0;
}
