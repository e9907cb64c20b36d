using KnowledgePay.Contracts.Events;
using KnowledgePay.Decisions.Credit;
using KnowledgePay.Decisions.Profiles;
using KnowledgePay.Grains.Users;
using KnowledgePay.Learning.Risk;
using KnowledgePay.Server.Audits;
using Microsoft.Extensions.Options;

namespace KnowledgePay.Server.Models;

/// <summary>What is learned from loans, and when.</summary>
public sealed class LoanOutcomeOptions
{
    public const string Section = "KnowledgePay:Models";

    /// <summary>How long after the decision a loan's outcome is looked at. A younger loan is not learned from, whatever became of it so far: those that go wrong early would outweigh those that have yet to.</summary>
    public TimeSpan OutcomeWindow { get; set; } = TimeSpan.FromDays(90);
}

/// <summary>Loans with what was known of the person when they were decided on, read from the journal.</summary>
/// <remarks>
/// A person's events are folded again from the first one, so that the attributes are those that the decision saw. A loan that was opened elsewhere is taken from its first event on.
/// Bad is a default, or an instalment <see cref="PaymentRisk.LongDaysLate"/> days late, within the window. Only of people whose latest word on credit checks is yes.
/// </remarks>
public sealed class JournalLoans(JournalEvents journal, JournalReplay replay, DecisionSettings settings, IOptions<LoanOutcomeOptions> options, TimeProvider time)
{
    /// <summary>Loans that are learned from at most; the latest are dropped then.</summary>
    public const int MostLoans = 500_000;

    /// <param name="progress">Told the share that was read.</param>
    public async Task<LoanOutcomes> Read(Action<double> progress, CancellationToken cancellation)
    {
        var borrowers = new SortedSet<long>();
        long events = 0;
        await foreach ((long stream, StoredEvent e) in journal.Read(share => progress(share / 2), cancellation))
        {
            events++;
            if (e.Data is LoanEvent or OrderPlaced { Loan: not null })
            {
                borrowers.Add(stream);
            }
        }

        DateTimeOffset lastDecided = time.GetUtcNow() - options.Value.OutcomeWindow;
        var cases = new List<CreditCase>();
        int young = 0, people = 0, done = 0;
        (DateTimeOffset? from, DateTimeOffset? to) = (null, null);
        foreach (long stream in borrowers)
        {
            progress(0.5 + (0.5 * done++ / borrowers.Count));
            List<Loan> loans = await LoansOf(stream, cancellation);
            young += loans.Count(loan => loan.DecidedAt > lastDecided);
            Loan[] ripe = [.. loans.Where(loan => loan.DecidedAt <= lastDecided)];
            people += ripe.Length > 0 ? 1 : 0;
            foreach (Loan loan in ripe)
            {
                cases.Add(new CreditCase(loan.Values, loan.IsBad, loan.Groups));
                from = from is null || loan.DecidedAt < from ? loan.DecidedAt : from;
                to = to is null || loan.DecidedAt > to ? loan.DecidedAt : to;
            }

            if (cases.Count >= MostLoans)
            {
                break;
            }
        }

        return new LoanOutcomes(cases, young, new TrainedOn(events, people, 0, 0, from, to) { Loans = cases.Count });
    }

    private async Task<List<Loan>> LoansOf(long stream, CancellationToken cancellation)
    {
        UserProfile? last = null;
        var decided = new Dictionary<string, Loan>(StringComparer.Ordinal);
        var loans = new Dictionary<string, Loan>(StringComparer.Ordinal);
        await foreach ((StoredEvent e, UserProfile profile) in replay.Of(stream, cancellation))
        {
            last = profile;
            switch (e.Data)
            {
                case CreditDecided credit:
                    decided[credit.DecisionId] = At(profile, e.Time);
                    break;
                case OrderPlaced { Loan: { } opened }:
                    loans[opened.LoanId] = decided.GetValueOrDefault(opened.DecisionId) ?? At(profile, e.Time);
                    break;
                case LoanEvent loan:
                    // The first that is heard of a loan may be that it went wrong: nothing was known before then.
                    Loan known = loans.TryGetValue(loan.LoanId, out Loan? one) ? one : loans[loan.LoanId] = At(profile, e.Time);
                    known.IsBad |= e.Time - known.DecidedAt <= options.Value.OutcomeWindow && loan is LoanDefaulted or LoanInstallmentMissed { DaysLate: >= PaymentRisk.LongDaysLate };
                    break;
                default:
                    break;
            }
        }

        return last?.Consent.CreditChecks == true ? [.. loans.Values] : [];
    }

    private Loan At(UserProfile profile, DateTimeOffset at) =>
        new(CreditAttributes.Read(profile, ProfileReader.CurrentRisk(profile, at), at, settings.Credit.Scale), at, PersonGroups.Of(profile, at));

    private sealed class Loan(double[] values, DateTimeOffset decidedAt, IReadOnlyList<(string, string)> groups)
    {
        public double[] Values { get; } = values;

        public DateTimeOffset DecidedAt { get; } = decidedAt;

        public IReadOnlyList<(string, string)> Groups { get; } = groups;

        public bool IsBad { get; set; }
    }
}

/// <param name="Young">Loans whose window is not over.</param>
public sealed record LoanOutcomes(IReadOnlyList<CreditCase> Cases, int Young, TrainedOn TrainedOn);
