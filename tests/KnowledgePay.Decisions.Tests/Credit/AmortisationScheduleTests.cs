using System.Collections.Immutable;
using CsCheck;
using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Decisions.Credit;

namespace KnowledgePay.Decisions.Tests.Credit;

public sealed class AmortisationScheduleTests
{
    private static readonly DateOnly First = new(2026, 1, 31);

    private static readonly Gen<long> Principals = Gen.OneOf(Gen.Long[1, 100], Gen.Long[1, 10_000_000], Gen.Long[1, Money.LargestMinorUnits]);

    private static readonly Gen<int> Rates = Gen.OneOf(Gen.Const(0), Gen.Int[1, 3_600], Gen.Int[0, AmortisationSchedule.LargestAprBasisPoints]);

    [Fact]
    public void Instalments_add_up_to_the_cent() => Gen.Select(Principals, Rates, Gen.Int[1, 120]).Sample((principal, apr, months) =>
    {
        ImmutableArray<Installment> plan = AmortisationSchedule.Equal(new Money("CNY", principal), apr, months, First);

        Assert.Equal(months, plan.Length);
        Assert.Equal(principal, plan.Sum(part => part.Principal.MinorUnits));
        Assert.All(plan, part =>
        {
            Assert.Equal(part.Amount.MinorUnits, part.Principal.MinorUnits + part.Interest.MinorUnits);
            Assert.True(part.Principal.MinorUnits >= 0 && part.Interest.MinorUnits >= 0);
        });
        if (apr == 0)
        {
            Assert.All(plan, part => Assert.Equal(0, part.Interest.MinorUnits));
        }
    });

    [Fact]
    public void Interest_is_that_of_the_balance_and_all_payments_but_the_last_are_equal() => Gen.Select(Gen.Long[10_000, 100_000_000], Gen.Int[1, 3_600], Gen.Int[2, 60]).Sample((principal, apr, months) =>
    {
        ImmutableArray<Installment> plan = AmortisationSchedule.Equal(new Money("CNY", principal), apr, months, First);
        long balance = principal;
        foreach (Installment part in plan)
        {
            Assert.Equal((long)Math.Round(balance * (apr / 120_000m), MidpointRounding.ToEven), part.Interest.MinorUnits);
            balance -= part.Principal.MinorUnits;
        }

        Assert.Equal(0, balance);
        Assert.Single(plan[..^1].Select(part => part.Amount.MinorUnits).Distinct());
        // Each month's rounding moves the last payment by at most one unit and its interest.
        Assert.InRange(plan[^1].Amount.MinorUnits - plan[0].Amount.MinorUnits, -2L * months, 2L * months);
    });

    [Fact]
    public void A_textbook_loan_is_paid_back_as_the_textbook_says()
    {
        ImmutableArray<Installment> plan = AmortisationSchedule.Equal(new Money("CNY", 1_000_000), 1_200, 12, First);
        Assert.Equal(88_849, plan[0].Amount.MinorUnits);
        Assert.Equal(10_000, plan[0].Interest.MinorUnits);
        Assert.Equal([new(2026, 1, 31), new(2026, 2, 28), new DateOnly(2026, 3, 31)], plan[..3].Select(part => part.DueOn));
    }
}
