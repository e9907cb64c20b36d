using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Contracts.Events;
using KnowledgePay.Decisions;
using KnowledgePay.Decisions.Credit;
using KnowledgePay.Decisions.Pricing;
using KnowledgePay.Decisions.Profiles;
using KnowledgePay.Decisions.Projections;
using KnowledgePay.Decisions.Rules;

namespace KnowledgePay.RedisPeer;

/// <summary>The engine's own decisions by a stateless service: read the profile, decide by the same functions, write the changed profile and the record back.</summary>
internal sealed class PeerDecisions(PeerWorld world, ProfileStore store, TimeProvider time)
{
    private readonly QuoteKeys _keys = new(new QuoteKey(1, RandomNumberGenerator.GetBytes(QuoteKey.ShortestSecret)));

    public async Task<Answer<PriceAnswer>> Price(PriceRequest request)
    {
        while (true)
        {
            UserProfile profile = await store.Get(request.UserId).ConfigureAwait(false);
            long read = profile.Sequence;
            Answer<PriceDecision> decided = Pricer.Decide(Context(request.UserId, profile), request, PricingSettings.Default);
            if (decided.Value is not { } decision)
            {
                return decided.Problem!;
            }

            DecisionRecord record = decision.ToRecord();
            if (decision.Quoted is null)
            {
                store.Record(record);
            }
            else
            {
                // The day's quote is part of the profile, so that the next one is the same; whoever came first wins.
                Fold(profile, "kp:quote", decision.DecisionId, decision.Quoted);
                if (!await store.Change(request.UserId, read, profile, record).ConfigureAwait(false))
                {
                    continue;
                }
            }

            UInt128 quoteId = 0;
            RandomNumberGenerator.Fill(MemoryMarshal.AsBytes(new Span<UInt128>(ref quoteId)));
            QuoteClaims claims = decision.ToClaims(quoteId);
            return decision.ToAnswer(claims, QuoteToken.Create(claims, _keys.Signing));
        }
    }

    public async Task<Answer<CreditAnswer>> Credit(CreditRequest request)
    {
        while (true)
        {
            UserProfile profile = await store.Get(request.UserId).ConfigureAwait(false);
            long read = profile.Sequence;
            DecisionContext context = Context(request.UserId, profile);
            var standing = new PersonStanding(SegmentRule.Of(profile, context.Now), ProfileReader.CurrentRisk(profile, context.Now));
            Answer<CreditDecision> decided = CreditDecider.Decide(new CreditContext { Decision = context, Standing = standing, Policy = CreditPolicy.Default }, request);
            if (decided.Value is not { } decision)
            {
                return decided.Problem!;
            }

            CreditAnswer answer = decision.Answer;
            Fold(profile, "kp:credit", context.DecisionId, new CreditDecided
            {
                DecisionId = context.DecisionId,
                Outcome = answer.Outcome,
                Amount = request.Amount,
                TermMonths = request.TermMonths,
                PartnerId = decision.PartnerId,
                ProductId = decision.ProductId,
                CourseId = request.CourseId,
                ExpiresAt = answer.ExpiresAt ?? context.Now,
                AprBasisPoints = decision.AprBasisPoints ?? 0,
            });
            if (await store.Change(request.UserId, read, profile, decision.Record).ConfigureAwait(false))
            {
                return answer;
            }
        }
    }

    private DecisionContext Context(string user, UserProfile profile)
    {
        Span<byte> random = stackalloc byte[18];
        RandomNumberGenerator.Fill(random);
        return new DecisionContext
        {
            DecisionId = "dec_" + Base64Url.EncodeToString(random),
            UserId = user,
            Profile = profile,
            Catalogue = world.Catalogue,
            Signals = world.Signals,
            Now = time.GetUtcNow(),
            Seed = MemoryMarshal.Read<ulong>(random),
        };
    }

    private void Fold(UserProfile profile, string source, string id, EventData data)
    {
        var effects = new EffectBuffer();
        var e = new IncomingEvent { Source = source, Id = id, Time = time.GetUtcNow(), Data = data };
        ProfileFold.Apply(profile, profile.Sequence + 1, PeerWorld.Stored(e, world.Catalogue), person: 1, ref effects);
    }
}
