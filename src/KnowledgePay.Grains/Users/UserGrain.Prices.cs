using System.Runtime.InteropServices;
using System.Security.Cryptography;
using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Contracts.Events;
using KnowledgePay.Contracts.Grains;
using KnowledgePay.Decisions.Credit;
using KnowledgePay.Decisions.Pricing;
using KnowledgePay.Decisions.Profiles;
using KnowledgePay.Grains.Records;
using KnowledgePay.Storage;
using Microsoft.Extensions.Logging;

namespace KnowledgePay.Grains.Users;

/// <summary>Prices and checkouts.</summary>
public sealed partial class UserGrain
{
    private const string OrderPrefix = "ord_";
    private const string LoanPrefix = "loan_";
    private const string DecisionPrefix = "dec_";

    /// <summary>Quotes on their way into the journal, by course: the next quote for the course waits for them, so that a day has one price. Under the stream's gate.</summary>
    private Dictionary<string, Task>? _pinning;

    public ValueTask<Answer<PriceAnswer>> Price(PriceRequest request) => DecidePrice(request, out Task pinning) is { } answer
        ? ValueTask.FromResult(answer)
        : PriceAfter(pinning, request);

    private async ValueTask<Answer<PriceAnswer>> PriceAfter(Task pinning, PriceRequest request)
    {
        while (true)
        {
            await pinning;
            if (DecidePrice(request, out pinning) is { } answer)
            {
                return answer;
            }
        }
    }

    public async ValueTask<Answer<CheckoutAnswer>> Checkout(CheckoutRequest request)
    {
        long started = streams.Time.GetTimestamp();
        if (!QuoteToken.TryRead(request.QuoteToken, decisions.QuoteKeys.Keys, out QuoteClaims claims, out _))
        {
            return CheckoutRules.Unreadable;
        }

        if (claims.UserId != _userId)
        {
            return new Problem { Type = "quote-not-yours", Status = 403, Title = "The quote is another person's." };
        }

        if (Pinning(claims.CourseId) is { } pinning)
        {
            await pinning;
        }

        if (await IsUnrecorded(request, claims))
        {
            return CheckoutRules.UnknownCredit;
        }

        DecisionAddress address = decisions.Recorder.Reserve();
        bool recorded = false;
        try
        {
            string decisionId = DecisionIds.Format(address);
            string suffix = decisionId[DecisionPrefix.Length..];
            DateTimeOffset now = default;
            CheckoutVerdict verdict = default;
            DecisionRecord? evidence = null;
            // Judged in the state that the order is appended to: of two checkouts at once, the second sees what the first took.
            bool placed = await _stream.AppendOwn(OwnSources.Order, claims.QuoteText, at =>
            {
                now = at;
                verdict = Verify(claims, request, now, suffix);
                evidence = verdict.Order is { } accepted ? CheckoutRecord.Of(decisionId, _userId, Profile.Sequence, now, claims, request, accepted) : null;
                return verdict.Order;
            });
            if (verdict.Order is { } order)
            {
                if (placed)
                {
                    // The order stands from here; a caller that is cut off asks again with the same payment id and gets it.
                    Task record = decisions.Recorder.Record(address, _stream.Key!, evidence!, durable: true);
                    recorded = true;
                    await Task.WhenAll(
                        record,
                        decisions.Ledger.Order(order.OrderId, order.CourseId, order.Charged, order.ListPrice, now, CancellationToken.None).AsTask());
                    streams.Metrics.Decided(DecisionKind.Checkout, order.Loan is null ? "paid" : "financed", streams.Time.GetElapsedTime(started));
                    return CheckoutRecord.Answer(_userId, order, evidence!, now);
                }

                // Another checkout of the same quote was quicker.
                verdict = Verify(claims, request, now, suffix);
            }

            if (verdict.Earlier is { } earlier)
            {
                // The first answer may have been cut off between the order and the books.
                await decisions.Ledger.OrderUnlessKept(
                    earlier.OrderId, earlier.CourseId, earlier.Charged, claims.ListPrice, new DateTimeOffset(earlier.PlacedTicks, TimeSpan.Zero), CancellationToken.None);
                return CheckoutRecord.Answer(_userId, earlier, Profile);
            }

            return verdict.Problem ?? CheckoutRules.Unreadable;
        }
        finally
        {
            if (!recorded)
            {
                decisions.Recorder.GiveUp(address);
            }
        }
    }

    /// <summary>True when all that a checkout wants of its credit is there but the decision's record: its event alone became durable, and it was never answered.</summary>
    private async ValueTask<bool> IsUnrecorded(CheckoutRequest request, QuoteClaims claims) =>
        request.CreditDecisionId is { } creditId
        && await decisions.Recorder.FindWritten(creditId, CancellationToken.None) is null
        && Verify(claims, request, streams.Time.GetUtcNow(), suffix: "").Order is not null;

    private CheckoutVerdict Verify(in QuoteClaims claims, CheckoutRequest request, DateTimeOffset now, string suffix)
    {
        lock (_stream.Gate)
        {
            return CheckoutRules.Verify(claims, request, Profile, streams.Catalogue.Current, now, OrderPrefix + suffix, LoanPrefix + suffix);
        }
    }

    private Task? Pinning(string courseId)
    {
        lock (_stream.Gate)
        {
            return _pinning?.GetValueOrDefault(courseId);
        }
    }

    /// <returns>Null when an earlier quote for the course is on its way into the journal, which is to be awaited first.</returns>
    private Answer<PriceAnswer>? DecidePrice(PriceRequest request, out Task pinning)
    {
        long started = streams.Time.GetTimestamp();
        pinning = Task.CompletedTask;
        DecisionAddress address = decisions.Recorder.Reserve();
        try
        {
            string decisionId = DecisionIds.Format(address);
            PriceDecision decision;
            DecisionDraft draft;
            TaskCompletionSource? pinned = null;
            lock (_stream.Gate)
            {
                if (_pinning is not null && _pinning.TryGetValue(request.CourseId, out Task? earlier))
                {
                    pinning = earlier;
                    decisions.Recorder.GiveUp(address);
                    return null;
                }

                Answer<PriceDecision> decided = Pricer.Decide(Context(address, decisionId, streams.Time.GetUtcNow()), request, decisions.Settings.Pricing);
                if (decided.Value is null)
                {
                    decisions.Recorder.GiveUp(address);
                    return decided.Problem!;
                }

                decision = decided.Value;
                draft = DecisionRecorder.Draft(_stream.Key, decision);
                if (decision.Quoted is not null)
                {
                    pinned = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                    (_pinning ??= new Dictionary<string, Task>(StringComparer.Ordinal))[request.CourseId] = pinned.Task;
                }
            }

            if (pinned is not null)
            {
                _ = Pin(decision.Quoted!, pinned);
            }

            UInt128 quoteId = 0;
            RandomNumberGenerator.Fill(MemoryMarshal.AsBytes(new Span<UInt128>(ref quoteId)));
            QuoteClaims claims = decision.ToClaims(quoteId);
            string token = QuoteToken.Create(claims, decisions.QuoteKeys.Keys.Signing);
            decisions.Recorder.RecordLater(_userId, address, draft);
            streams.Metrics.Decided(DecisionKind.Price, decision.Personalised ? "personal" : "standard", streams.Time.GetElapsedTime(started));
            return decision.ToAnswer(claims, token);
        }
        catch
        {
            decisions.Recorder.GiveUp(address);
            throw;
        }
    }

    /// <summary>Makes the day's quote durable. The answer does not wait for it: the buyer's protection is the signed token.</summary>
    private async Task Pin(PriceQuoted quoted, TaskCompletionSource pinned)
    {
        try
        {
            await _stream.AppendOwn(OwnSources.Quote, quoted.DecisionId, quoted);
        }
        catch (Exception e)
        {
            LogQuoteNotPinned(decisions.Logger, e);
        }
        finally
        {
            lock (_stream.Gate)
            {
                _pinning!.Remove(quoted.CourseId);
            }

            pinned.SetResult();
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A quote could not be made durable; its token stays good, but a later quote of the day may differ.")]
    private static partial void LogQuoteNotPinned(ILogger logger, Exception e);
}
