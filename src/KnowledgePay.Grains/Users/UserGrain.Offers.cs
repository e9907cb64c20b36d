using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Decisions.Offers;
using KnowledgePay.Decisions.Profiles;
using KnowledgePay.Decisions.Rules;
using KnowledgePay.Grains.Projections;
using KnowledgePay.Grains.Records;
using KnowledgePay.Storage;

namespace KnowledgePay.Grains.Users;

/// <summary>Partner offers.</summary>
public sealed partial class UserGrain
{
    public ValueTask<Answer<OffersAnswer>> Offers(OffersRequest request)
    {
        long started = streams.Time.GetTimestamp();
        DecisionAddress address = decisions.Recorder.Reserve();
        try
        {
            DateTimeOffset now = streams.Time.GetUtcNow();
            PersonStanding standing;
            Answer<OfferDecision> decided;
            lock (_stream.Gate)
            {
                standing = Standing(now) with { Learned = decisions.Models.Segments?.Of(Profile, now) };
                decided = OfferDecider.Decide(Context(address, DecisionIds.Format(address), now), standing, request, decisions.Settings.Offers);
            }

            if (decided.Value is not { } decision)
            {
                decisions.Recorder.GiveUp(address);
                return ValueTask.FromResult<Answer<OffersAnswer>>(decided.Problem!);
            }

            DecisionRecord record = decision.Record;
            Record(address, record with
            {
                // The dashboards count from these who was eligible for what.
                Inputs =
                [
                    .. record.Inputs,
                    new NamedValue(OfferEligibility.ProductsInput, string.Join(',', decision.EligibleProducts)),
                    new NamedValue(OfferEligibility.SegmentInput, standing.Segment),
                    new NamedValue(OfferEligibility.RiskBandInput, RiskBands.Of(standing.Risk)),
                ],
            });
            streams.Metrics.Decided(DecisionKind.Offers, decision.Answer.Offers.Length == 0 ? "none" : "offered", streams.Time.GetElapsedTime(started));
            return ValueTask.FromResult<Answer<OffersAnswer>>(decision.Answer);
        }
        catch
        {
            decisions.Recorder.GiveUp(address);
            throw;
        }
    }
}
