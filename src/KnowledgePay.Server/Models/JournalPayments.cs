using System.Runtime.CompilerServices;
using KnowledgePay.Contracts.Events;
using KnowledgePay.Decisions.Fraud;
using KnowledgePay.Decisions.Profiles;
using KnowledgePay.Grains.Users;
using KnowledgePay.Learning.Risk;
using KnowledgePay.Server.Audits;
using Microsoft.Extensions.Options;

namespace KnowledgePay.Server.Models;

/// <summary>What is learned from payments, and when.</summary>
public sealed class ChargebackOptions
{
    public const string Section = "KnowledgePay:Models";

    /// <summary>How long after a payment its chargeback is waited for. A younger payment is not learned from, whatever became of it so far: a chargeback takes weeks to arrive, and those that have yet to would pass for good.</summary>
    public TimeSpan ChargebackWindow { get; set; } = TimeSpan.FromDays(90);
}

/// <param name="Methods">Names of the ways to pay, most frequent first.</param>
/// <param name="Young">Payments whose window is not over.</param>
public sealed record PaymentOutcomes(IReadOnlyList<PaymentCase> Cases, IReadOnlyList<string> Methods, int Young, TrainedOn TrainedOn);

/// <summary>Payments with what was known of the person when they were made, read from the journal.</summary>
/// <remarks>
/// A person's events are folded again from the first one, so that the attributes are those that a model in service sees. Preventing fraud rests on the contract, not on a consent that can be refused; what a
/// person can refuse (taste, price response, sentiment) is not among the attributes.
/// </remarks>
public sealed class JournalPayments(JournalEvents journal, JournalReplay replay, DecisionSettings settings, IOptions<ChargebackOptions> options, TimeProvider time)
{
    /// <summary>Payments that are learned from at most; those of the people who came last are left out then.</summary>
    public const int MostPayments = 500_000;

    private const int MostMethods = 24;

    /// <summary>Payments whose window is over, to learn from.</summary>
    /// <param name="progress">Told the share that was read.</param>
    public async Task<PaymentOutcomes> Read(Action<double> progress, CancellationToken cancellation)
    {
        Payers payers = await Find(progress, cancellation);
        DateTimeOffset lastPaid = time.GetUtcNow() - options.Value.ChargebackWindow;
        var cases = new List<PaymentCase>();
        int young = 0, people = 0;
        (DateTimeOffset? from, DateTimeOffset? to) = (null, null);
        await foreach (List<Payment> payments in Of(payers, payers.Methods, progress, cancellation))
        {
            young += payments.Count(payment => payment.At > lastPaid);
            int before = cases.Count;
            foreach (Payment payment in payments.Where(payment => payment.At <= lastPaid))
            {
                cases.Add(new PaymentCase(payment.Values, payment.WrongAfter <= options.Value.ChargebackWindow, payment.Stood, payment.Groups));
                from = from is null || payment.At < from ? payment.At : from;
                to = to is null || payment.At > to ? payment.At : to;
            }

            people += cases.Count > before ? 1 : 0;
            if (cases.Count >= MostPayments)
            {
                break;
            }
        }

        return new PaymentOutcomes(cases, payers.Methods, young, new TrainedOn(payers.Events, people, 0, 0, from, to) { Payments = cases.Count });
    }

    /// <summary>All payments that went through, with what is known of them by now.</summary>
    /// <param name="methods">The ways to pay as the model numbers them; null for those that are found.</param>
    public async Task<ScoredCases> All(IReadOnlyList<string>? methods, CancellationToken cancellation)
    {
        Payers payers = await Find(_ => { }, cancellation);
        var cases = new List<ScoredCase>();
        var reports = new List<DateTimeOffset>();
        await foreach (List<Payment> payments in Of(payers, methods ?? payers.Methods, _ => { }, cancellation))
        {
            cases.AddRange(payments);
            reports.AddRange(payments.Where(payment => payment.WrongAfter is not null).Select(payment => payment.At + payment.WrongAfter!.Value));
            if (cases.Count >= MostPayments)
            {
                break;
            }
        }

        return new ScoredCases(cases, reports);
    }

    private async Task<Payers> Find(Action<double> progress, CancellationToken cancellation)
    {
        var payers = new SortedSet<long>();
        var methods = new Dictionary<string, int>(StringComparer.Ordinal);
        long events = 0;
        await foreach ((long stream, StoredEvent e) in journal.Read(share => progress(share / 2), cancellation))
        {
            events++;
            if (e.Data is PaymentAttempted payment)
            {
                payers.Add(stream);
                methods[payment.Method] = methods.GetValueOrDefault(payment.Method) + 1;
            }
        }

        string[] names = [.. methods.OrderByDescending(one => one.Value).ThenBy(one => one.Key, StringComparer.Ordinal).Take(MostMethods).Select(one => one.Key)];
        return new Payers(payers, names, events);
    }

    private async IAsyncEnumerable<List<Payment>> Of(Payers payers, IReadOnlyList<string> methods, Action<double> progress, [EnumeratorCancellation] CancellationToken cancellation)
    {
        Dictionary<string, int> places = methods.Index().ToDictionary(one => one.Item, one => one.Index, StringComparer.Ordinal);
        int done = 0;
        foreach (long stream in payers.Streams)
        {
            progress(0.5 + (0.5 * done++ / payers.Streams.Count));
            yield return await PaymentsOf(stream, places, cancellation);
        }
    }

    private async Task<List<Payment>> PaymentsOf(long stream, Dictionary<string, int> methods, CancellationToken cancellation)
    {
        var payments = new List<Payment>();
        var byId = new Dictionary<string, Payment>(StringComparer.Ordinal);
        UserProfile? last = null;
        Payment? folding = null;
        await foreach ((StoredEvent e, UserProfile profile) in replay.Of(stream, cancellation))
        {
            last = profile;
            folding?.Stand(profile);
            folding = null;
            switch (e.Data)
            {
                case PaymentAttempted { Outcome: PaymentOutcome.Succeeded } paid:
                    double[] values = new double[PaymentAttributes.Count];
                    PaymentAttributes.Read(profile, paid, e.Time, methods.GetValueOrDefault(paid.Method, methods.Count), settings.Credit.Scale, values);
                    folding = new Payment(stream, values, e.Time, PersonGroups.Of(profile, e.Time));
                    payments.Add(folding);
                    byId[paid.PaymentId] = folding;
                    break;
                case PaymentChargedBack back when byId.TryGetValue(back.PaymentId, out Payment? known):
                    known.WentWrong(e.Time);
                    break;
                default:
                    break;
            }
        }

        if (last is not null)
        {
            folding?.Stand(last);
        }

        return payments;
    }

    private sealed record Payers(SortedSet<long> Streams, IReadOnlyList<string> Methods, long Events);

    private sealed class Payment(long person, double[] values, DateTimeOffset at, IReadOnlyList<(string, string)> groups) : ScoredCase(person, values, at, groups)
    {
        public float Stood { get; private set; }

        public void Stand(UserProfile after) => Stood = after.CurrentRisk(At);
    }
}
