using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Contracts.Events;
using KnowledgePay.Decisions.Credit;
using KnowledgePay.Grains.Records;
using KnowledgePay.Storage;

namespace KnowledgePay.Grains.Users;

/// <summary>Credit decisions.</summary>
public sealed partial class UserGrain
{
    public async ValueTask<Answer<CreditAnswer>> Credit(CreditRequest request)
    {
        await _creditTurn.WaitAsync();
        try
        {
            return await CreditInTurn(request);
        }
        finally
        {
            _creditTurn.Release();
        }
    }

    private async ValueTask<Answer<CreditAnswer>> CreditInTurn(CreditRequest request)
    {
        long started = streams.Time.GetTimestamp();
        DecisionAddress address = decisions.Recorder.Reserve();
        bool recorded = false;
        try
        {
            string decisionId = DecisionIds.Format(address);
            DateTimeOffset now = streams.Time.GetUtcNow();
            CreditPolicy policy = decisions.Settings.Credit;
            policy = decisions.Models.ScorecardFor(_userId) is { } learned ? policy with { Scorecard = learned } : policy;
            Answer<CreditDecision> decided;
            lock (_stream.Gate)
            {
                decided = CreditDecider.Decide(
                    new CreditContext { Decision = Context(address, decisionId, now), Standing = Standing(now), Policy = policy }, request);
            }

            if (decided.Value is not { } decision)
            {
                return decided.Problem!;
            }

            // Consent to credit checks is an event, so whoever gets here has a key.
            StreamKey key = _stream.Key!;
            CreditAnswer answer = decision.Answer;
            bool toReview = answer.Outcome == CreditOutcome.Review;
            answer = toReview ? answer with { ReviewId = ReviewDesk.IdOf(decisionId) } : answer;
            Task record = decisions.Recorder.Record(address, key, decision.Record, durable: true);
            recorded = true;
            // In one group commit where the store has one. An approval whose record did not become durable (nobody was told of it) is drawn by no checkout.
            await Task.WhenAll(
                record,
                decisions.Ledger.Credit(
                    decision.Record.Outcome, request.Amount, answer.Score, decisions.Settings.Credit.Version, now, CancellationToken.None).AsTask(),
                toReview ? decisions.Reviews.Put(key, CaseOf(answer, request, now), expectedVersion: 0, CancellationToken.None).AsTask() : Task.CompletedTask,
                _stream.AppendOwn(OwnSources.Credit, decisionId, EventOf(decision, request, now)).AsTask());
            streams.Metrics.Decided(DecisionKind.Credit, decision.Record.Outcome, streams.Time.GetElapsedTime(started));
            return answer;
        }
        finally
        {
            if (!recorded)
            {
                decisions.Recorder.GiveUp(address);
            }
        }
    }

    private static CreditDecided EventOf(CreditDecision decision, CreditRequest request, DateTimeOffset now) => new()
    {
        DecisionId = decision.Answer.DecisionId,
        Outcome = decision.Answer.Outcome,
        Amount = request.Amount,
        TermMonths = request.TermMonths,
        PartnerId = decision.PartnerId,
        ProductId = decision.ProductId,
        CourseId = request.CourseId,
        ExpiresAt = decision.Answer.ExpiresAt ?? now,
        AprBasisPoints = decision.AprBasisPoints ?? 0,
    };

    private ReviewCase CaseOf(CreditAnswer answer, CreditRequest request, DateTimeOffset now) => new()
    {
        ReviewId = answer.ReviewId!,
        DecisionId = answer.DecisionId,
        UserId = _userId,
        Amount = request.Amount,
        TermMonths = request.TermMonths,
        Score = answer.Score,
        Reasons = answer.Reasons,
        OpenedAt = now,
        Status = ReviewDesk.Open,
    };
}
