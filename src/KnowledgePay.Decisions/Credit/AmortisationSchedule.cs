using System.Collections.Immutable;
using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Decisions;

namespace KnowledgePay.Decisions.Credit;

/// <summary>Plans by which a loan is paid back.</summary>
public static class AmortisationSchedule
{
    /// <summary>Longest plan in months.</summary>
    public const int LongestTermMonths = 480;

    /// <summary>Largest annual rate: 1,000 %.</summary>
    public const int LargestAprBasisPoints = 100_000;

    /// <summary>Equal monthly payments (an annuity); the last one takes what rounding left.</summary>
    /// <remarks>
    /// Payment = P·r·q/(q − 1), q = (1 + r)^n, r = APR/12 (standard annuity formula), rounded half to even to the minor unit, as is each month's interest.
    /// Principals add up to <paramref name="principal"/> exactly, and each amount is its principal plus its interest; no part is negative.
    /// Where rounding up would pay a tiny loan back before its term, payments are rounded down instead.
    /// </remarks>
    /// <param name="principal">More than 0.</param>
    /// <param name="aprBasisPoints">0 to <see cref="LargestAprBasisPoints"/>; 1,200 is 12 %.</param>
    /// <param name="months">1 to <see cref="LongestTermMonths"/>.</param>
    /// <param name="firstDue">Day of the first payment; the others fall on the same day of later months, or on the month's last day where it is shorter.</param>
    public static ImmutableArray<Installment> Equal(Money principal, int aprBasisPoints, int months, DateOnly firstDue)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(principal.MinorUnits, 1, nameof(principal));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(principal.MinorUnits, Money.LargestMinorUnits, nameof(principal));
        ArgumentOutOfRangeException.ThrowIfNegative(aprBasisPoints);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(aprBasisPoints, LargestAprBasisPoints);
        ArgumentOutOfRangeException.ThrowIfLessThan(months, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(months, LongestTermMonths);

        decimal exact = principal.MinorUnits * PaymentFactor(aprBasisPoints, months);
        Span<long> principals = months <= 120 ? stackalloc long[months] : new long[months];
        Span<long> interests = months <= 120 ? stackalloc long[months] : new long[months];
        if (!TrySplit(principal.MinorUnits, aprBasisPoints, (long)Math.Round(exact, MidpointRounding.ToEven), principals, interests))
        {
            TrySplit(principal.MinorUnits, aprBasisPoints, (long)Math.Floor(exact), principals, interests);
        }

        var plan = ImmutableArray.CreateBuilder<Installment>(months);
        for (int i = 0; i < months; i++)
        {
            plan.Add(new Installment
            {
                Number = i + 1,
                DueOn = firstDue.AddMonths(i),
                Amount = principal with { MinorUnits = principals[i] + interests[i] },
                Principal = principal with { MinorUnits = principals[i] },
                Interest = principal with { MinorUnits = interests[i] },
            });
        }

        return plan.MoveToImmutable();
    }

    /// <summary>The exact monthly payment for a principal of 1.</summary>
    public static decimal PaymentFactor(int aprBasisPoints, int months)
    {
        decimal rate = MonthlyRate(aprBasisPoints);
        if (rate == 0)
        {
            return 1m / months;
        }

        // r·q/(q − 1) = r/(1 − v) with v = (1 + r)^−n, which stays below 1 where q would overflow.
        decimal discount = 1m / (1m + rate);
        decimal v = 1m;
        for (int i = 0; i < months; i++)
        {
            v *= discount;
        }

        return rate / (1m - v);
    }

    private static decimal MonthlyRate(int aprBasisPoints) => aprBasisPoints / 120_000m;

    /// <summary>Fills both spans; false when the loan is paid back before the last month.</summary>
    private static bool TrySplit(long principal, int aprBasisPoints, long payment, Span<long> principals, Span<long> interests)
    {
        decimal rate = MonthlyRate(aprBasisPoints);
        long balance = principal;
        bool lasts = true;
        for (int i = 0; i < principals.Length; i++)
        {
            lasts &= balance > 0;
            interests[i] = (long)Math.Round(balance * rate, MidpointRounding.ToEven);
            // Below zero only where the interest of a loan of a few minor units was rounded up and the payment down.
            principals[i] = i == principals.Length - 1 ? balance : Math.Clamp(payment - interests[i], 0, balance);
            balance -= principals[i];
        }

        return lasts;
    }
}
