using System.Collections.Immutable;
using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Decisions.Profiles;
using KnowledgePay.Decisions.Rules;

namespace KnowledgePay.Decisions.Credit;

/// <summary>What a person can pay a month and how much may be lent to them; amounts in fen on the policy's scale.</summary>
/// <param name="CapacityFen">What all instalments together may be a month: the larger of a share of the declared disposable income and a multiple of the observed monthly spend, and never less than the policy's minimum.</param>
/// <param name="ObligationsFen">Instalments a month of the open loans, and of approvals for other purchases that may still be drawn on.</param>
/// <param name="ExposureFen">What is outstanding, and approvals for other purchases that may still be drawn on.</param>
/// <param name="AffordableFen">The largest principal whose instalment fits into what is left of the capacity.</param>
/// <param name="BandRoomFen">The score band's limit less the exposure.</param>
/// <param name="Limit">The smaller of both, in the request's currency, whole major units.</param>
public sealed record Affordability(decimal CapacityFen, decimal ObligationsFen, decimal ExposureFen, decimal AffordableFen, decimal BandRoomFen, Money Limit)
{
    /// <summary>True when the instalment, not the band, is what limits.</summary>
    public bool LimitedByInstallment => AffordableFen < BandRoomFen;

    /// <param name="mostMinorUnits">Largest amount of the loan product; null for none.</param>
    internal static Affordability Of(in CreditContext context, CreditRequest request, ScoreBand band, int aprBasisPoints, long? mostMinorUnits)
    {
        CreditPolicy policy = context.Policy;
        UserProfile profile = context.Decision.Profile;
        DateTimeOffset now = context.Decision.Now;
        double months = Math.Max(policy.ShortestSpendMonths, CreditAttributes.MonthsSinceFirstSeen(profile, now));
        decimal spend = CreditAttributes.SpentFen(profile, policy.Scale) / (decimal)months * policy.ObservedSpendMultiple;
        decimal income = (IncomeBands.MonthlyDisposableFen(profile.IncomeBand) ?? 0m) * policy.DisposableShare;
        decimal capacity = Math.Max(policy.MinimumCapacityFen, Math.Max(spend, income));

        decimal obligations = 0;
        foreach (LoanState loan in profile.Loans ?? [])
        {
            if (LoanBook.IsOpen(loan))
            {
                obligations += InstalmentFen(loan.Principal, loan.AprBasisPoints, loan.TermMonths, policy.Scale);
            }
        }

        decimal exposure = CreditAttributes.OutstandingFen(profile, policy.Scale);
        foreach (CreditStanding standing in profile.Credit ?? [])
        {
            if (IsReserved(standing, request, now))
            {
                obligations += InstalmentFen(standing.Amount, standing.AprBasisPoints, standing.TermMonths, policy.Scale);
                exposure += policy.Scale.ToFen(standing.Amount);
            }
        }

        decimal affordable = Math.Max(0, capacity - obligations) / AmortisationSchedule.PaymentFactor(aprBasisPoints, request.TermMonths);
        decimal room = Math.Max(0, band.LimitFen - exposure);
        long limit = policy.Scale.FromFen(Math.Min(affordable, room), request.Amount.Currency);
        limit = Math.Min(limit, mostMinorUnits ?? limit);
        long major = (long)Math.Pow(10, Currencies.ExponentOf(request.Amount.Currency));
        return new(capacity, obligations, exposure, affordable, room, new Money(request.Amount.Currency, limit - (limit % major)));
    }

    internal void AddTo(ImmutableArray<NamedValue>.Builder inputs)
    {
        inputs.Add(new("capacityFen", (double)CapacityFen));
        inputs.Add(new("obligationsFen", (double)ObligationsFen));
        inputs.Add(new("exposureFen", (double)ExposureFen));
        inputs.Add(new("affordableFen", (double)AffordableFen));
        inputs.Add(new("bandRoomFen", (double)BandRoomFen));
        inputs.Add(new("limitMinorUnits", (double)Limit.MinorUnits));
    }

    private static decimal InstalmentFen(Money principal, int aprBasisPoints, int termMonths, CurrencyScale scale) =>
        scale.ToFen(principal) * AmortisationSchedule.PaymentFactor(Math.Max(0, aprBasisPoints), Math.Max(1, termMonths));

    /// <summary>True of an approval that is neither used nor expired, other than for this very purchase: asking again for the same thing does not use up the limit.</summary>
    private static bool IsReserved(CreditStanding standing, CreditRequest request, DateTimeOffset now) =>
        standing.Outcome == CreditOutcome.Approved && !standing.Used && standing.ExpiresTicks > now.UtcTicks
        && (standing.CourseId != request.CourseId || standing.ProductId != request.ProductId);
}
