using CsCheck;
using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Contracts.Events;
using KnowledgePay.Decisions.Profiles;

namespace KnowledgePay.Decisions.Tests.Profiles;

/// <summary>Random lives: every event type there is, in any order, at any time, with values that are there, missing or wrong.</summary>
internal static class EventGen
{
    public const int Kinds = 23;

    /// <summary>Values as they may come, among them such as no validation would let through.</summary>
    private static readonly double?[] Fractions = [null, 0, 0.25, 0.5, 1, -1, 7, double.NaN, double.PositiveInfinity, 1e300];
    private static readonly long[] Amounts = [0, 1, 990, 19_900, 1_000_000, Money.LargestMinorUnits, Money.LargestMinorUnits + 1, -5, long.MaxValue, long.MinValue];
    private static readonly string[] CurrencyCodes = ["CNY", "USD", "JPY", "KWD", "EUR", "XXX", "GBP", "KRW", "HKD", "TWD", "SGD", "INR"];

    public static readonly Gen<StoredEvent> Event =
        Gen.Select(Gen.Int[0, Kinds - 1], Gen.Int[0, 40], Gen.Int[0, 9], Gen.Int[-20_000, 600_000])
            .Select((kind, what, value, minute) => FoldedPerson.Stored(Data(kind, what, value, minute), FoldedPerson.Start.AddMinutes(minute)));

    public static readonly Gen<StoredEvent[]> Life = Event.Array[0, 80];

    private static EventData Data(int kind, int what, int value, int minute)
    {
        var money = new Money(CurrencyCodes[(what + value) % CurrencyCodes.Length], Amounts[value]);
        double day = minute / 1440.0;
        return kind switch
        {
            0 => Happening.Viewed(what, value == 7 ? double.NaN : value == 0 ? null : value * 20_000),
            1 => Happening.Enrolled(what, value == 0 ? null : money),
            2 => Happening.Progressed(what, Fractions[value]),
            3 => Happening.Completed(what, Fractions[value]),
            4 => Happening.Rated(what, Fractions[value] * 5 ?? 3),
            5 => Happening.Commented(what),
            6 => Happening.Paid(Amounts[value], (PaymentOutcome)(what % 3), $"pay-{what}", value == 1 ? null : $"device-{what % 6}", money.Currency),
            7 => Happening.Refunded(Amounts[value], $"pay-{what}"),
            8 => Happening.ChargedBack(Amounts[value], $"pay-{what}"),
            9 => new LoanInstallmentPaid { LoanId = $"l{what}", Amount = money, DaysLate = value == 0 ? null : value - 2 },
            10 => Happening.InstallmentMissed($"l{what}", value == 0 ? null : value * 20),
            11 => Happening.Defaulted($"l{what}"),
            12 => new PolicyClaimed { PolicyId = "po", Amount = money },
            13 => Happening.Shown(what),
            14 => Happening.Accepted(what, $"d-{value}"),
            15 => Happening.Declined(what),
            16 => new MarketPriceObserved { CourseId = $"c{what}", Competitor = $"m{value}", Price = money },
            17 => new UserProfiled
            {
                BirthYear = value switch { 0 => null, 1 => 3000, 2 => int.MinValue, _ => 1950 + (value * 7) },
                Occupation = value % 3 == 0 ? null : new string('x', value * 30),
                IncomeBand = value % 2 == 0 ? null : "middle",
                Interests = value == 0 ? default : [.. Enumerable.Range(0, value * 3).Select(i => $"interest {i + what}")],
            },
            18 => new UserSocialLinked { Network = "weibo", Followers = value == 0 ? null : Amounts[value], Interests = ["chess"] },
            19 => Happening.Consents(personalisation: value != 3, personalPricing: value % 2 == 0),
            20 => Happening.Quoted(what, 10_000 - (value * 500), day, rung: value),
            21 => Happening.Credit($"d-{what}", (CreditOutcome)(value % 3), day + value - 3),
            _ => Happening.Ordered(what, 10_000 - (value * 500), $"pay-{what}", value == 4 ? Happening.Loan($"l{what}", decision: $"d-{what}") : null,
                value > 6 ? [new ProductReference { PartnerId = "x", ProductId = $"p{what}", DecisionId = $"d-{value}" }] : []),
        };
    }
}
