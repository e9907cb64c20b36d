using System.Runtime.CompilerServices;
using KnowledgePay.Contracts.Decisions;
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

    /// <summary>Loans whose window is over, to learn from.</summary>
    /// <param name="progress">Told the share that was read.</param>
    public async Task<LoanOutcomes> Read(Action<double> progress, CancellationToken cancellation)
    {
        DateTimeOffset lastDecided = time.GetUtcNow() - options.Value.OutcomeWindow;
        var cases = new List<CreditCase>();
        int young = 0, people = 0;
        long events = 0;
        (DateTimeOffset? from, DateTimeOffset? to) = (null, null);
        await foreach (Borrower borrower in Borrowers(progress, read => events = read, cancellation))
        {
            ScoredCase[] ripe = [.. borrower.Loans.Where(loan => loan.At <= lastDecided)];
            young += borrower.Loans.Count - ripe.Length;
            people += ripe.Length > 0 ? 1 : 0;
            foreach (ScoredCase loan in ripe)
            {
                cases.Add(new CreditCase(loan.Values, loan.WrongAfter <= options.Value.OutcomeWindow, loan.Groups));
                from = from is null || loan.At < from ? loan.At : from;
                to = to is null || loan.At > to ? loan.At : to;
            }

            if (cases.Count >= MostLoans)
            {
                break;
            }
        }

        return new LoanOutcomes(cases, young, new TrainedOn(events, people, 0, 0, from, to) { Loans = cases.Count });
    }

    /// <summary>All applications that were decided on and all loans, with what is known of them by now.</summary>
    public async Task<ScoredCases> All(CancellationToken cancellation)
    {
        var cases = new List<ScoredCase>();
        var reports = new List<DateTimeOffset>();
        await foreach (Borrower borrower in Borrowers(_ => { }, _ => { }, cancellation))
        {
            var taken = new HashSet<ScoredCase>(borrower.Loans);
            foreach (ScoredCase asked in borrower.Decided)
            {
                asked.IsFollowed = taken.Contains(asked);
            }

            cases.AddRange(borrower.Decided.Where(loan => !loan.IsFollowed));
            cases.AddRange(borrower.Loans);
            reports.AddRange(borrower.Reports);
            if (cases.Count >= MostLoans)
            {
                break;
            }
        }

        return new ScoredCases(cases, reports);
    }

    private async IAsyncEnumerable<Borrower> Borrowers(Action<double> progress, Action<long> events, [EnumeratorCancellation] CancellationToken cancellation)
    {
        (SortedSet<long> borrowers, long read) = await journal.StreamsWith(data => data is LoanEvent or OrderPlaced { Loan: not null } or CreditDecided, progress, cancellation);
        events(read);
        int done = 0;
        foreach (long stream in borrowers)
        {
            progress(0.5 + (0.5 * done++ / borrowers.Count));
            if (await BorrowerOf(stream, cancellation) is { } borrower)
            {
                yield return borrower;
            }
        }
    }

    private async Task<Borrower?> BorrowerOf(long stream, CancellationToken cancellation)
    {
        UserProfile? last = null;
        var decided = new Dictionary<string, ScoredCase>(StringComparer.Ordinal);
        var loans = new Dictionary<string, ScoredCase>(StringComparer.Ordinal);
        var reports = new List<DateTimeOffset>();
        await foreach ((StoredEvent e, UserProfile profile) in replay.Of(stream, cancellation))
        {
            last = profile;
            switch (e.Data)
            {
                // What a person answered to a review is decided on what the scorecard saw first.
                case CreditDecided credit when !decided.ContainsKey(credit.DecisionId):
                    decided[credit.DecisionId] = At(stream, profile, e.Time, credit.Outcome);
                    break;
                case OrderPlaced { Loan: { } opened }:
                    loans[opened.LoanId] = decided.GetValueOrDefault(opened.DecisionId) ?? At(stream, profile, e.Time);
                    break;
                case LoanEvent loan:
                    // The first that is heard of a loan may be that it went wrong: nothing was known before then.
                    ScoredCase known = loans.TryGetValue(loan.LoanId, out ScoredCase? one) ? one : loans[loan.LoanId] = At(stream, profile, e.Time);
                    reports.Add(e.Time);
                    if (loan is LoanDefaulted or LoanInstallmentMissed { DaysLate: >= PaymentRisk.LongDaysLate })
                    {
                        known.WentWrong(e.Time);
                    }

                    break;
                default:
                    break;
            }
        }

        return last?.Consent.CreditChecks == true ? new Borrower([.. decided.Values], [.. loans.Values.Distinct()], reports) : null;
    }

    private ScoredCase At(long stream, UserProfile profile, DateTimeOffset at, CreditOutcome? outcome = null) =>
        new(stream, CreditAttributes.Read(profile, ProfileReader.CurrentRisk(profile, at), at, settings.Credit.Scale), at, PersonGroups.Of(profile, at)) { Outcome = outcome };

    /// <param name="Decided">What was asked for, also what was taken.</param>
    /// <param name="Reports">When anything was heard of how a loan goes.</param>
    private sealed record Borrower(IReadOnlyList<ScoredCase> Decided, IReadOnlyList<ScoredCase> Loans, IReadOnlyList<DateTimeOffset> Reports);
}

/// <param name="Young">Loans whose window is not over.</param>
public sealed record LoanOutcomes(IReadOnlyList<CreditCase> Cases, int Young, TrainedOn TrainedOn);
