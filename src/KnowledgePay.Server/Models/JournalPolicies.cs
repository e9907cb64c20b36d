using KnowledgePay.Contracts.Events;
using KnowledgePay.Contracts.Partners;
using KnowledgePay.Decisions.Catalogue;
using KnowledgePay.Decisions.Premiums;
using KnowledgePay.Decisions.Profiles;
using KnowledgePay.Grains.Catalogue;
using KnowledgePay.Grains.Users;
using KnowledgePay.Learning.Premium;
using KnowledgePay.Server.Audits;
using Microsoft.Extensions.Options;

namespace KnowledgePay.Server.Models;

/// <summary>What is learned from policies, and when.</summary>
public sealed class PolicyOutcomeOptions
{
    public const string Section = "KnowledgePay:Models";

    /// <summary>How long after it happened a claim may be reported. The last so many days are not learned from: claims of theirs that have yet to arrive would pass for none.</summary>
    public TimeSpan ClaimDelay { get; set; } = TimeSpan.FromDays(30);
}

/// <param name="Unmatched">Claims of policies that nobody here is known to have taken.</param>
public sealed record PolicyOutcomes(IReadOnlyList<PolicyCase> Policies, int Unmatched, TrainedOn TrainedOn);

/// <summary>Insurance that was taken, with what was known of the person then and the claims since, read from the journal.</summary>
/// <remarks>
/// A policy begins when its offer is accepted and runs for the months of cover that the product's terms state. A claim says its policy's id, which a partner chooses: it belongs to the policy that had that id before,
/// to the one whose decision the id names, else to the one in force that was taken last and has no other id. Only of people whose latest word on personalisation is not no.
/// </remarks>
public sealed class JournalPolicies(JournalEvents journal, JournalReplay replay, ICatalogue catalogue, DecisionSettings settings, IOptions<PolicyOutcomeOptions> options, TimeProvider time)
{
    /// <summary>Policies that are learned from at most; those of the people who came last are left out then.</summary>
    public const int MostPolicies = 500_000;

    private const double DaysOfYear = 365.25;

    /// <param name="progress">Told the share that was read.</param>
    public async Task<PolicyOutcomes> Read(Action<double> progress, CancellationToken cancellation)
    {
        (SortedSet<long> holders, long events) = await Holders(progress, cancellation);
        DateTimeOffset until = time.GetUtcNow() - options.Value.ClaimDelay;
        var policies = new List<PolicyCase>();
        int people = 0, unmatched = 0, done = 0;
        (DateTimeOffset? from, DateTimeOffset? to) = (null, null);
        foreach (long stream in holders)
        {
            progress(0.5 + (0.5 * done++ / holders.Count));
            if (await PoliciesOf(stream, until, cancellation) is not { } held)
            {
                continue;
            }

            Policy[] begun = [.. held.Policies.Where(policy => policy.From < until)];
            unmatched += held.Unmatched;
            people += begun.Length > 0 ? 1 : 0;
            foreach (Policy policy in begun)
            {
                DateTimeOffset end = policy.To < until ? policy.To : until;
                policies.Add(new PolicyCase(policy.Values, policy.Product, (end - policy.From).TotalDays / DaysOfYear, policy.Claims.Count, policy.Claims.Sum(claim => claim.Yuan), policy.Groups));
                from = from is null || policy.From < from ? policy.From : from;
                to = to is null || end > to ? end : to;
            }

            if (policies.Count >= MostPolicies)
            {
                break;
            }
        }

        return new PolicyOutcomes(policies, unmatched, new TrainedOn(events, people, 0, 0, from, to) { Policies = policies.Count });
    }

    /// <summary>All policies, up to where claims are known.</summary>
    public async Task<IReadOnlyList<WatchedPolicy>> All(CancellationToken cancellation)
    {
        DateTimeOffset until = time.GetUtcNow() - options.Value.ClaimDelay;
        var policies = new List<WatchedPolicy>();
        foreach (long stream in (await Holders(_ => { }, cancellation)).Streams)
        {
            if (policies.Count < MostPolicies && await PoliciesOf(stream, until, cancellation) is { } held)
            {
                policies.AddRange(held.Policies.Where(policy => policy.From < until).Select(
                    policy => new WatchedPolicy(policy.From, policy.To < until ? policy.To : until, policy.Values, policy.Product, policy.Claims)));
            }
        }

        return policies;
    }

    /// <summary>Of who ever took insurance or claimed.</summary>
    private Task<(SortedSet<long> Streams, long Events)> Holders(Action<double> progress, CancellationToken cancellation) =>
        journal.StreamsWith(data => data is OfferAccepted or OrderPlaced { AcceptedOffers.Length: > 0 } or PolicyClaimed, progress, cancellation);

    private async Task<(List<Policy> Policies, int Unmatched)?> PoliciesOf(long stream, DateTimeOffset until, CancellationToken cancellation)
    {
        UserProfile? last = null;
        var policies = new List<Policy>();
        int unmatched = 0;
        await foreach ((StoredEvent e, UserProfile profile) in replay.Of(stream, cancellation))
        {
            last = profile;
            switch (e.Data)
            {
                case OfferAccepted accepted:
                    Take(policies, e.Facts.Product, accepted.DecisionId, e.Time, profile);
                    break;
                case OrderPlaced order:
                    for (int i = 0; i < Math.Min(e.Facts.AcceptedProducts.Length, order.AcceptedOffers.IsDefault ? 0 : order.AcceptedOffers.Length); i++)
                    {
                        Take(policies, e.Facts.AcceptedProducts[i], order.AcceptedOffers[i].DecisionId, e.Time, profile);
                    }

                    break;
                case PolicyClaimed claim when e.Time <= until:
                    if (PolicyOf(policies, claim.PolicyId, e.Time) is { } policy)
                    {
                        policy.Claim(claim, e.Time, (double)(settings.Offers.Scale.ToFen(claim.Amount) / 100m));
                    }
                    else
                    {
                        unmatched++;
                    }

                    break;
                default:
                    break;
            }
        }

        return last?.Consent.Personalisation == true ? (policies, unmatched) : null;
    }

    private void Take(List<Policy> policies, int product, string? decision, DateTimeOffset at, UserProfile profile)
    {
        CatalogueSnapshot now = catalogue.Current;
        if (product < 0 || product >= now.Products.Length || now.Products[product] is not { Product.Kind: ProductKind.Insurance } entry)
        {
            return;
        }

        // An order and the partner's own event may both say that the same offer was accepted.
        string name = entry.Key;
        if (!policies.Exists(policy => policy.Product == name && (policy.IsInForce(at) || (decision is not null && policy.Decision == decision))))
        {
            double[] values = new double[PolicyAttributes.Count];
            PolicyAttributes.Read(profile, settings.Offers.Scale, values);
            policies.Add(new Policy(name, decision, at, at.AddMonths(entry.Terms.CoverMonths), values, PersonGroups.Of(profile, at)));
        }
    }

    private static Policy? PolicyOf(List<Policy> policies, string id, DateTimeOffset at) =>
        policies.Find(policy => policy.Id == id)
        ?? policies.Where(policy => policy.Id is null && policy.Decision is { Length: > 0 } decision && id.Contains(decision, StringComparison.Ordinal)).MaxBy(policy => policy.Decision!.Length)
        ?? policies.FindLast(policy => policy.Id is null && policy.IsInForce(at));

    private sealed class Policy(string product, string? decision, DateTimeOffset from, DateTimeOffset to, double[] values, IReadOnlyList<(string Kind, string Group)> groups)
    {
        public string Product => product;

        public string? Decision => decision;

        public DateTimeOffset From => from;

        public DateTimeOffset To => to;

        public double[] Values => values;

        public IReadOnlyList<(string Kind, string Group)> Groups => groups;

        /// <summary>The partner's name for it, once a claim said it.</summary>
        public string? Id { get; private set; }

        public List<(DateTimeOffset At, double Yuan)> Claims { get; } = [];

        public bool IsInForce(DateTimeOffset at) => at >= from && at < to;

        public void Claim(PolicyClaimed claim, DateTimeOffset at, double yuan)
        {
            Id ??= claim.PolicyId;
            Claims.Add((at, yuan));
        }
    }
}
