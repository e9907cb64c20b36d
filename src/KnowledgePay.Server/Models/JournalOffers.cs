using KnowledgePay.Contracts.Events;
using KnowledgePay.Decisions.Profiles;
using KnowledgePay.Decisions.Segmentation;
using KnowledgePay.Grains.Users;
using KnowledgePay.Learning.Uplift;
using Microsoft.Extensions.Options;

namespace KnowledgePay.Server.Models;

/// <summary>What is learned from offers, and when.</summary>
public sealed class OfferOutcomeOptions
{
    public const string Section = "KnowledgePay:Models";

    /// <summary>How long after an offer, or after it was held out, a purchase counts. A younger offer is not learned from.</summary>
    public TimeSpan OfferWindow { get; set; } = TimeSpan.FromDays(14);
}

/// <param name="Young">Offers whose window is not over.</param>
public sealed record OfferOutcomes(IReadOnlyList<OfferCase> Cases, int Young, TrainedOn TrainedOn);

/// <summary>Offers that were shown or held out by lot with what was known of the person then, read from the journal.</summary>
/// <remarks>
/// Of each person and product the first decision of a hold-out period counts: the lot is the same until the period ends, and what comes after the first showing may already be of its making.
/// Who was meant to see an offer counts as shown, whether or not the page reported it: else the arms would not be alike. Only of people whose latest word on personalisation and on partners is yes.
/// </remarks>
public sealed class JournalOffers(JournalEvents journal, JournalReplay replay, DecisionSettings settings, IOptions<OfferOutcomeOptions> options, TimeProvider time)
{
    /// <summary>Offers that are learned from at most; those of the people who came last are left out then.</summary>
    public const int MostOffers = 500_000;

    /// <param name="progress">Told the share that was read.</param>
    public async Task<OfferOutcomes> Read(Action<double> progress, CancellationToken cancellation)
    {
        (SortedSet<long> offered, long events) = await Offered(progress, cancellation);
        DateTimeOffset lastDecided = time.GetUtcNow() - options.Value.OfferWindow;
        var cases = new List<OfferCase>();
        int people = 0, young = 0, done = 0;
        (DateTimeOffset? from, DateTimeOffset? to) = (null, null);
        foreach (long stream in offered)
        {
            progress(0.5 + (0.5 * done++ / offered.Count));
            List<Offer> offers = await OffersOf(stream, cancellation);
            Offer[] ripe = [.. offers.Where(offer => offer.At <= lastDecided)];
            young += offers.Count - ripe.Length;
            people += ripe.Length > 0 ? 1 : 0;
            foreach (Offer offer in ripe)
            {
                cases.Add(new OfferCase(offer.Values, offer.Product, offer.Shown, offer.Bought));
                from = from is null || offer.At < from ? offer.At : from;
                to = to is null || offer.At > to ? offer.At : to;
            }

            if (cases.Count >= MostOffers)
            {
                break;
            }
        }

        return new OfferOutcomes(cases, young, new TrainedOn(events, people, 0, 0, from, to) { Offers = cases.Count });
    }

    /// <summary>All offers whose window is over.</summary>
    /// <param name="predicted">The difference that showing one makes.</param>
    public async Task<IReadOnlyList<WatchedOffer>> All(Func<OfferCase, double> predicted, CancellationToken cancellation)
    {
        DateTimeOffset lastDecided = time.GetUtcNow() - options.Value.OfferWindow;
        var all = new List<WatchedOffer>();
        foreach (long stream in (await Offered(_ => { }, cancellation)).Streams)
        {
            if (all.Count >= MostOffers)
            {
                break;
            }

            foreach (Offer offer in (await OffersOf(stream, cancellation)).Where(offer => offer.At <= lastDecided))
            {
                var one = new OfferCase(offer.Values, offer.Product, offer.Shown, offer.Bought);
                all.Add(new WatchedOffer(offer.At, one, predicted(one)));
            }
        }

        return all;
    }

    private Task<(SortedSet<long> Streams, long Events)> Offered(Action<double> progress, CancellationToken cancellation) =>
        journal.StreamsWith(data => data is OffersDecided, progress, cancellation);

    private async Task<List<Offer>> OffersOf(long stream, CancellationToken cancellation)
    {
        UserProfile? last = null;
        var offers = new List<Offer>();
        var seen = new HashSet<(string Product, long Period)>();
        await foreach ((StoredEvent e, UserProfile profile) in replay.Of(stream, cancellation))
        {
            last = profile;
            switch (e.Data)
            {
                case OffersDecided decided:
                    double[]? values = null;
                    foreach ((ProductReference product, bool shown) in decided.Offered.Select(one => (one, true)).Concat(decided.HeldOut.Select(one => (one, false))))
                    {
                        string key = product.PartnerId + "/" + product.ProductId;
                        if (seen.Add((key, e.Time.UtcTicks / settings.Offers.HoldOutPeriod.Ticks)))
                        {
                            offers.Add(new Offer(key, shown, e.Time, values ??= Read(profile, e.Time)));
                        }
                    }

                    break;
                case OrderPlaced or PaymentAttempted { Outcome: PaymentOutcome.Succeeded }:
                    foreach (Offer offer in offers.Where(offer => e.Time >= offer.At && e.Time <= offer.At + options.Value.OfferWindow))
                    {
                        offer.Bought = true;
                    }

                    break;
                default:
                    break;
            }
        }

        return last?.Consent is { Personalisation: true, PartnerSharing: true } ? offers : [];
    }

    private double[] Read(UserProfile profile, DateTimeOffset at)
    {
        double[] values = new double[SegmentFeatures.Count];
        SegmentFeatures.Read(profile, at, settings.Offers.Scale, values);
        return values;
    }

    private sealed class Offer(string product, bool shown, DateTimeOffset at, double[] values)
    {
        public string Product => product;

        public bool Shown => shown;

        public DateTimeOffset At => at;

        public double[] Values => values;

        public bool Bought { get; set; }
    }
}
