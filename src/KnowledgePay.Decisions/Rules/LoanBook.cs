using KnowledgePay.Contracts;
using KnowledgePay.Decisions.Profiles;

namespace KnowledgePay.Decisions.Rules;

/// <summary>A person's loans in numbers.</summary>
public static class LoanBook
{
    /// <summary>True for a loan that is neither paid off nor written off.</summary>
    public static bool IsOpen(LoanState loan) => !loan.Defaulted && loan.Paid < loan.TermMonths;

    public static int OpenCount(UserProfile profile)
    {
        int count = 0;
        foreach (LoanState loan in Of(profile))
        {
            count += IsOpen(loan) ? 1 : 0;
        }

        return count;
    }

    /// <summary>Instalments paid, over all loans ever: those that the profile no longer keeps count too.</summary>
    public static int Paid(UserProfile profile) => profile.InstallmentsPaid;

    /// <summary>Instalments missed, over all loans ever.</summary>
    public static int Missed(UserProfile profile) => profile.InstallmentsMissed;

    /// <summary>Loans that defaulted, ever.</summary>
    public static int Defaults(UserProfile profile) => profile.LoansDefaulted;

    /// <summary>What is left of the principal, taking payments as all principal would understate it, so by the share of instalments left; a defaulted loan counts in full.</summary>
    public static Money Outstanding(LoanState loan)
    {
        if (loan.Defaulted)
        {
            return loan.Principal;
        }

        long left = Math.Max(0, loan.TermMonths - loan.Paid);
        return new Money(loan.Principal.Currency, (long)Math.Ceiling((decimal)loan.Principal.MinorUnits * left / Math.Max(1, loan.TermMonths)));
    }

    /// <summary>True for a defaulted loan, and for an open one of which an instalment was missed and fewer are paid than months have passed.</summary>
    public static bool IsOverdue(LoanState loan, DateTimeOffset now)
    {
        if (loan.Defaulted)
        {
            return true;
        }

        if (loan.Missed == 0 || !IsOpen(loan))
        {
            return false;
        }

        var opened = new DateTime(loan.OpenedTicks, DateTimeKind.Utc);
        DateTime at = now.UtcDateTime;
        int months = ((at.Year - opened.Year) * 12) + at.Month - opened.Month - (at.Day < opened.Day ? 1 : 0);
        return loan.Paid < Math.Min(months, loan.TermMonths);
    }

    public static bool AnyOverdue(UserProfile profile, DateTimeOffset now)
    {
        foreach (LoanState loan in Of(profile))
        {
            if (IsOverdue(loan, now))
            {
                return true;
            }
        }

        return false;
    }

    private static ReadOnlySpan<LoanState> Of(UserProfile profile) => profile.Loans;
}
