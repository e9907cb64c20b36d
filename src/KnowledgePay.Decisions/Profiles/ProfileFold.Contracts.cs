using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Events;
using KnowledgePay.Decisions.Projections;

namespace KnowledgePay.Decisions.Profiles;

public static partial class ProfileFold
{
    private const int MostDaysLate = 36_500;

    private static void OpenLoan(UserProfile profile, LoanOpened loan, long ticks)
    {
        int at = FindLoan(profile, loan.LoanId);
        LoanState? known = at >= 0 ? profile.Loans![at] : null;
        var opened = new LoanState
        {
            LoanId = loan.LoanId,
            Principal = loan.Principal,
            TermMonths = loan.TermMonths,
            AprBasisPoints = loan.AprBasisPoints,
            OpenedTicks = ticks,
            PartnerId = loan.PartnerId,
            ProductId = loan.ProductId,
            Paid = known?.Paid ?? 0,
            Missed = known?.Missed ?? 0,
            WorstDaysLate = known?.WorstDaysLate ?? 0,
            Defaulted = known?.Defaulted ?? false,
            PaidMinorUnits = known?.PaidMinorUnits ?? 0,
        };
        KeepLoan(profile, at, opened);
    }

    /// <remarks>
    /// A loan that was opened elsewhere is kept like the others, with a principal and a term of 0. The totals over all loans
    /// (<see cref="UserProfile.InstallmentsPaid"/> and the two beside it) outlive a loan that had to give way.
    /// </remarks>
    private static void FoldLoan(UserProfile profile, LoanEvent d, in Moment at, ref EffectBuffer effects)
    {
        int index = FindLoan(profile, d.LoanId);
        LoanState loan = index >= 0 ? profile.Loans![index] : new LoanState
        {
            LoanId = d.LoanId,
            Principal = Money.Zero(d.Amount.Currency),
            TermMonths = 0,
            AprBasisPoints = 0,
            OpenedTicks = at.Ticks,
        };
        int late = (int)(Bounded(profile, d.DaysLate, 0, MostDaysLate) ?? 0);
        loan = loan with { WorstDaysLate = Math.Max(loan.WorstDaysLate, late) };
        EffectKind kind;
        switch (d)
        {
            case LoanInstallmentPaid:
                profile.InstallmentsPaid = Next(profile.InstallmentsPaid);
                PaymentRisk.Ease(profile, at.Ticks, PaymentRisk.AfterInstallment);
                long paid = d.Amount.IsValidPrice && (loan.Principal.Currency is null || d.Amount.Currency == loan.Principal.Currency) ? d.Amount.MinorUnits : 0;
                loan = loan with { Paid = Next(loan.Paid), PaidMinorUnits = loan.PaidMinorUnits > long.MaxValue - paid ? long.MaxValue : loan.PaidMinorUnits + paid };
                kind = EffectKind.LoanInstallmentPaid;
                break;
            case LoanInstallmentMissed:
                profile.InstallmentsMissed = Next(profile.InstallmentsMissed);
                PaymentRisk.Raise(profile, at.Ticks, late >= PaymentRisk.LongDaysLate ? PaymentRisk.MissedLong : PaymentRisk.Missed);
                loan = loan with { Missed = Next(loan.Missed) };
                kind = EffectKind.LoanInstallmentMissed;
                break;
            case LoanDefaulted:
                if (!loan.Defaulted)
                {
                    profile.LoansDefaulted = Next(profile.LoansDefaulted);
                    PaymentRisk.Raise(profile, at.Ticks, PaymentRisk.Defaulted);
                }

                loan = loan with { Defaulted = true };
                kind = EffectKind.LoanDefaulted;
                break;
            default:
                return;
        }

        KeepLoan(profile, index, loan);
        effects.Add(at.Effect(kind) with { Amount = d.Amount });
    }

    private static void FoldClaim(UserProfile profile, PolicyClaimed d, in Moment at, ref EffectBuffer effects)
    {
        profile.Claims = Next(profile.Claims);
        effects.Add(at.Effect(EffectKind.PolicyClaimed) with { Amount = d.Amount });
    }

    /// <remarks>A person's answer to a review replaces the standing of the same decision; a standing that was drawn on stays so.</remarks>
    private static void FoldCredit(UserProfile profile, CreditDecided d, long ticks)
    {
        CreditStanding[] standings = profile.Credit ?? [];
        int at = Array.FindIndex(standings, s => s.DecisionId == d.DecisionId);
        var standing = new CreditStanding
        {
            DecisionId = d.DecisionId,
            Outcome = d.Outcome,
            Amount = d.Amount,
            TermMonths = d.TermMonths,
            AprBasisPoints = d.AprBasisPoints,
            ExpiresTicks = d.ExpiresAt.UtcTicks,
            PartnerId = d.PartnerId,
            ProductId = d.ProductId,
            CourseId = d.CourseId,
            Used = at >= 0 && standings[at].Used,
        };
        if (at >= 0)
        {
            standings[at] = standing;
            return;
        }

        if (standings.Length >= StandingsKept)
        {
            // One that can no longer be drawn on goes first, then the oldest.
            int spent = Math.Max(0, Array.FindIndex(standings, s => s.Used || s.ExpiresTicks < ticks));
            standings = [.. standings.AsSpan(0, spent), .. standings.AsSpan(spent + 1)];
        }

        profile.Credit = [.. standings, standing];
    }

    private static void UseCredit(UserProfile profile, string decisionId)
    {
        foreach (ref CreditStanding standing in profile.Credit.AsSpan())
        {
            if (standing.DecisionId == decisionId)
            {
                standing = standing with { Used = true };
            }
        }
    }

    private static int FindLoan(UserProfile profile, string loanId) =>
        profile.Loans is { } loans ? Array.FindIndex(loans, l => l.LoanId == loanId) : -1;

    private static void KeepLoan(UserProfile profile, int index, LoanState loan)
    {
        if (index >= 0)
        {
            profile.Loans![index] = loan;
            return;
        }

        LoanState[] loans = profile.Loans ?? [];
        if (loans.Length >= LoansKept)
        {
            // What is paid off goes first, then a loan of which nothing but payments is known, then the oldest.
            int ended = Array.FindIndex(loans, l => l.TermMonths > 0 && l.Paid >= l.TermMonths);
            ended = ended >= 0 ? ended : Math.Max(0, Array.FindIndex(loans, l => l.TermMonths == 0));
            loans = [.. loans.AsSpan(0, ended), .. loans.AsSpan(ended + 1)];
        }

        profile.Loans = [.. loans, loan];
    }
}
