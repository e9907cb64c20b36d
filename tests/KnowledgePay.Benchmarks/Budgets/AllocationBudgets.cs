namespace KnowledgePay.Benchmarks.Budgets;

/// <summary>Bytes that one operation may allocate. Lowered when something gets better, not raised because something got worse.</summary>
internal static class AllocationBudgets
{
    public const int PureRecommend = 4096;
    public const int PurePrice = 2048;
    public const int PureCredit = 4096;
    public const int PureOffers = 4096;
    public const int PureFold = 256;
    public const int SiloRecommend = 4_096;
    public const int SiloPrice = 4_200;
    public const int SiloEvent = 2_800;
}
