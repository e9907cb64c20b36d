using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Contracts.Events;
using KnowledgePay.Decisions.Offers;
using KnowledgePay.Decisions.Profiles;
using KnowledgePay.Decisions.Rules;
using KnowledgePay.Grains.Projections;
using KnowledgePay.Grains.Records;
using KnowledgePay.Storage;
using Microsoft.Extensions.Logging;

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
            DecisionDraft draft = default;
            lock (_stream.Gate)
            {
                standing = Standing(now) with { Learned = decisions.Models.Segments?.Of(Profile, now) };
                decided = OfferDecider.Decide(Context(address, DecisionIds.Format(address), now), standing, request, decisions.Settings.Offers);
                if (decided.Value is { } made)
                {
                    draft = DecisionRecorder.Draft(_stream.Key, RecordOf(made, standing));
                }
            }

            if (decided.Value is not { } decision)
            {
                decisions.Recorder.GiveUp(address);
                return ValueTask.FromResult<Answer<OffersAnswer>>(decided.Problem!);
            }

            decisions.Recorder.RecordLater(_userId, address, draft);
            if (decisions.Settings.Offers.HoldOutShare > 0 && decision.IsOfTrial)
            {
                Keep(decision).Ignore();
            }

            streams.Metrics.Decided(DecisionKind.Offers, decision.Answer.Offers.Length == 0 ? "none" : "offered", streams.Time.GetElapsedTime(started));
            return ValueTask.FromResult<Answer<OffersAnswer>>(decision.Answer);
        }
        catch
        {
            decisions.Recorder.GiveUp(address);
            throw;
        }
    }

    private static DecisionRecord RecordOf(OfferDecision decision, PersonStanding standing)
    {
        DecisionRecord record = decision.Record;
        return record with
        {
            // The dashboards count from these who was eligible for what.
            Inputs =
            [
                .. record.Inputs,
                new NamedValue(OfferEligibility.ProductsInput, string.Join(',', decision.EligibleProducts)),
                new NamedValue(OfferEligibility.SegmentInput, standing.Segment),
                new NamedValue(OfferEligibility.RiskBandInput, RiskBands.Of(standing.Risk)),
            ],
        };
    }

    /// <summary>Makes durable what was offered and what was held out, behind the answer: one that is lost is one case less to learn from.</summary>
    private async Task Keep(OfferDecision decision)
    {
        try
        {
            await _stream.AppendOwn(OwnSources.Offers, decision.Answer.DecisionId, new OffersDecided
            {
                DecisionId = decision.Answer.DecisionId,
                Offered = [.. decision.Answer.Offers.Select(offer => new ProductReference { PartnerId = offer.PartnerId, ProductId = offer.ProductId })],
                HeldOut = [.. decision.HeldOutProducts.Select(product => new ProductReference { PartnerId = product.PartnerId, ProductId = product.Id })],
            });
        }
        catch (Exception e)
        {
            LogTrialNotKept(decisions.Logger, e);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "What was offered and held out could not be made durable; uplift is learned without it.")]
    private static partial void LogTrialNotKept(ILogger logger, Exception e);
}
