using System.Collections.Immutable;

namespace KnowledgePay.Decisions.Credit;

/// <summary>What a score earns.</summary>
/// <param name="MinimumScore">The band reaches up from here.</param>
/// <param name="LimitFen">Largest exposure, hundredths of a yuan on the policy's scale.</param>
/// <param name="AprBasisPoints">Annual rate where the loan product names none.</param>
/// <param name="NeedsReview">True for the borderline band: a person decides.</param>
public sealed record ScoreBand(string Name, int MinimumScore, long LimitFen, int AprBasisPoints, bool NeedsReview = false);

/// <summary>All constants of the credit decision. Amounts are fen (hundredths of a yuan) on the scale of <see cref="CurrencyScale"/>.</summary>
public sealed record CreditPolicy
{
    public static readonly CreditPolicy Default = new();

    public string Version { get; init; } = "1";
    public CreditScorecard Scorecard { get; init; } = CreditScorecard.V1;
    public CurrencyScale Scale { get; init; } = CurrencyScale.Default;
    public ImmutableArray<KnockOutRule> KnockOuts { get; init; } = DefaultKnockOuts();

    /// <summary>Best band first; below the last one is a decline.</summary>
    public ImmutableArray<ScoreBand> Bands { get; init; } =
    [
        new("A", 680, 5_000_000, 900),
        new("B", 640, 2_000_000, 1_200),
        new("C", 600, 800_000, 1_500),
        new("D", 570, 300_000, 1_800),
        new("E", 540, 150_000, 2_160, NeedsReview: true),
    ];

    /// <summary>No rate is above this: 24 %, up to which Chinese courts have long enforced interest in full (Supreme People's Court, 2015 private lending rules and 2017 guidance on financial lenders).</summary>
    public int LegalAprBasisPoints { get; init; } = 2_400;

    /// <summary>Share of the disposable monthly income that instalments may take, all loans together.</summary>
    public decimal DisposableShare { get; init; } = 0.35m;

    /// <summary>Instalments may be this multiple of what the person was seen to spend a month.</summary>
    public decimal ObservedSpendMultiple { get; init; } = 2m;

    /// <summary>Observed spend is spread over at least this many months, so that one first purchase is not taken for a habit.</summary>
    public double ShortestSpendMonths { get; init; } = 3;

    /// <summary>What anybody is taken to be able to pay a month: CNY 100.</summary>
    public long MinimumCapacityFen { get; init; } = 10_000;

    /// <summary>A file is thin below this many months or <see cref="ThinFilePurchases"/>.</summary>
    public double ThinFileMonths { get; init; } = 1;
    public int ThinFilePurchases { get; init; } = 1;

    /// <summary>On a thin file a person looks at amounts above this (CNY 300), up to the limit and what is near it.</summary>
    public long ThinFileAmountFen { get; init; } = 30_000;

    /// <summary>An amount above the limit by at most this share goes to a person.</summary>
    public decimal NearLimitShare { get; init; } = 0.25m;

    public int LongestTermMonths { get; init; } = 60;

    /// <summary>How long an approval may be drawn on.</summary>
    public TimeSpan ApprovalLifetime { get; init; } = TimeSpan.FromDays(7);

    /// <summary>At most this many principal reasons.</summary>
    public int LargestReasonCount { get; init; } = 4;

    private static ImmutableArray<KnockOutRule> DefaultKnockOuts() => KnockOutRule.Parse(KnockOutRule.DefaultJson, out _);
}
