using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Contracts.Events;
using KnowledgePay.Decisions.Credit;
using KnowledgePay.Grains.Records;
using KnowledgePay.Storage;

namespace KnowledgePay.Grains.Users;

/// <summary>Credit that a person looks at: asked for, and answered.</summary>
public sealed partial class UserGrain
{
    private const string ReviewIdInput = "reviewId";

    /// <summary>Credit decisions and answers to reviews come one at a time, so that each counts what was approved before it, and one answer given twice at once leaves one record.</summary>
    private readonly SemaphoreSlim _creditTurn = new(1, 1);

    public async ValueTask<Answer<ReviewCase>> AnswerReview(string reviewId, ReviewAnswer answer, string answeredBy)
    {
        await _creditTurn.WaitAsync();
        try
        {
            return await AnswerReviewInTurn(reviewId, answer, answeredBy);
        }
        finally
        {
            _creditTurn.Release();
        }
    }

    public async ValueTask<Answer<ReviewCase>> AskReview(string decisionId, string? statement)
    {
        await _creditTurn.WaitAsync();
        try
        {
            if (_stream.Key is not { } key
                || await decisions.Recorder.Find(decisionId, CancellationToken.None) is not { } record
                || record.UserId != _userId)
            {
                return Problem.NotFound("decision", decisionId);
            }

            string reviewId = ReviewDesk.IdOf(decisionId);
            if (await decisions.Reviews.FindVersioned(reviewId, CancellationToken.None) is { } known)
            {
                return known.Case;
            }

            if (record is not { Kind: DecisionKind.Credit, Outcome: "declined" })
            {
                return Problem.Conflict("nothing-to-review", "Only a declined credit is put before a person.", $"Decision '{decisionId}' is none.");
            }

            var opened = new ReviewCase
            {
                ReviewId = reviewId,
                DecisionId = decisionId,
                UserId = _userId,
                Amount = new Money(TextInput(record, "currency")!, (long)NumberInput(record, "amountMinorUnits")!.Value),
                TermMonths = (int)NumberInput(record, "termMonths")!.Value,
                Score = (int)record.Candidates[0].Score,
                Reasons = record.Reasons,
                OpenedAt = streams.Time.GetUtcNow(),
                Status = ReviewDesk.Open,
                Statement = statement,
            };
            try
            {
                await decisions.Reviews.Put(key, opened, expectedVersion: 0, CancellationToken.None);
            }
            catch (DocumentConflictException)
            {
                // Another activation was quicker.
                return (await decisions.Reviews.FindVersioned(reviewId, CancellationToken.None))?.Case ?? opened;
            }

            return opened;
        }
        finally
        {
            _creditTurn.Release();
        }
    }

    private async ValueTask<Answer<ReviewCase>> AnswerReviewInTurn(string reviewId, ReviewAnswer answer, string answeredBy)
    {
        long started = streams.Time.GetTimestamp();
        if (answer.Outcome is not (CreditOutcome.Approved or CreditOutcome.Declined))
        {
            return Problem.Invalid("/outcome", "expected approved or declined");
        }

        if (await decisions.Reviews.FindVersioned(reviewId, CancellationToken.None) is not { } found
            || found.Case.UserId != _userId
            || _stream.Key is not { } key
            || await decisions.Recorder.Find(found.Case.DecisionId, CancellationToken.None) is not { } original)
        {
            return Problem.NotFound("review", reviewId);
        }

        string status = answer.Outcome == CreditOutcome.Approved ? "approved" : "declined";
        ReviewCase review = found.Case;
        DateTimeOffset now = streams.Time.GetUtcNow();
        bool isRepeat = review.Status != ReviewDesk.Open;
        if (!isRepeat)
        {
            review = review with { Status = status, AnsweredBy = answeredBy, AnsweredAt = now, Note = answer.Note };
            if (answer.Outcome == CreditOutcome.Approved)
            {
                Answer<ReviewTerms> terms = ReviewTerms.Of(review, answer, original, streams.Catalogue.Current, decisions.Settings.Credit);
                if (terms.Value is not { } approved)
                {
                    return terms.Problem!;
                }

                review = review with { Limit = approved.Limit, Apr = approved.AprBasisPoints / 10_000m };
            }

            try
            {
                await decisions.Reviews.Put(key, review, found.Version, CancellationToken.None);
            }
            catch (DocumentConflictException)
            {
                return AnsweredAlready(reviewId);
            }
        }
        else if (review.Status != status || (answer.Limit is { } limit && limit != review.Limit) || (answer.Apr is { } apr && apr != review.Apr))
        {
            return AnsweredAlready(reviewId);
        }

        // The same answer again finishes what a failure may have left half done: the record comes before the event, whose id makes its repeat harmless.
        if (!isRepeat || !await IsReviewRecorded(original, review, answer.Outcome))
        {
            await RecordReview(key, original, review);
        }

        await _stream.AppendOwn(OwnSources.Review, reviewId, new CreditDecided
        {
            DecisionId = review.DecisionId,
            Outcome = answer.Outcome,
            Amount = review.Limit ?? review.Amount,
            TermMonths = review.TermMonths,
            PartnerId = TextInput(original, "partnerId"),
            ProductId = TextInput(original, "productId"),
            CourseId = TextInput(original, "courseId"),
            ExpiresAt = now + decisions.Settings.Credit.ApprovalLifetime,
            // A case that was approved before cases kept their rate has the decision's.
            AprBasisPoints = (int)((review.Apr * 10_000m) ?? (decimal?)NumberInput(original, "aprBasisPoints") ?? 0),
            ByPerson = true,
        });
        streams.Metrics.Decided(DecisionKind.Review, status, streams.Time.GetElapsedTime(started));
        return review;
    }

    private async ValueTask<bool> IsReviewRecorded(DecisionRecord original, ReviewCase review, CreditOutcome outcome)
    {
        // A decline that was upheld leaves the standing that there was: it says nothing.
        if (original.Outcome != review.Status && Profile.Credit?.Any(c => c.DecisionId == review.DecisionId && c.Outcome == outcome) == true)
        {
            return true;
        }

        // A scan, after a failure only.
        await foreach (DecisionRecord record in decisions.Recorder.OfUser(_userId, CancellationToken.None))
        {
            if (record.Kind == DecisionKind.Review && TextInput(record, ReviewIdInput) == review.ReviewId)
            {
                return true;
            }
        }

        return false;
    }

    private async Task RecordReview(StreamKey key, DecisionRecord original, ReviewCase review)
    {
        DecisionAddress address = decisions.Recorder.Reserve();
        Task written;
        try
        {
            written = decisions.Recorder.Record(address, key, ReviewRecord(DecisionIds.Format(address), original, review), durable: true);
        }
        catch
        {
            decisions.Recorder.GiveUp(address);
            throw;
        }

        await written;
    }

    private static Problem AnsweredAlready(string reviewId) =>
        Problem.Conflict("review-answered", "The review was answered already.", $"Review '{reviewId}' has another answer; see GET /v1/reviews/{reviewId}.");

    private static double? NumberInput(DecisionRecord record, string name) => record.Inputs.FirstOrDefault(i => i.Name == name).Number;

    private static string? TextInput(DecisionRecord record, string name) => record.Inputs.FirstOrDefault(i => i.Name == name).Text;

    private DecisionRecord ReviewRecord(string decisionId, DecisionRecord original, ReviewCase review) => new()
    {
        DecisionId = decisionId,
        Kind = DecisionKind.Review,
        UserId = _userId,
        At = review.AnsweredAt!.Value,
        UserSequence = Profile.Sequence,
        ModelVersions = original.ModelVersions,
        Inputs = [.. ReviewInputs(review), .. original.Inputs],
        Candidates = original.Candidates,
        Rules = original.Rules,
        Reasons = original.Reasons,
        Overrides = [new Override(review.AnsweredBy!, review.AnsweredAt.Value, review.Status, review.Note ?? "")],
        Outcome = review.Status,
    };

    private static IEnumerable<NamedValue> ReviewInputs(ReviewCase review)
    {
        yield return new(ReviewIdInput, review.ReviewId);
        yield return new("creditDecisionId", review.DecisionId);
        if (review.Statement is { } statement)
        {
            yield return new("statement", statement);
        }

        if (review is { Limit: { } limit, Apr: { } apr })
        {
            yield return new("approvedMinorUnits", limit.MinorUnits);
            yield return new("approvedAprBasisPoints", (double)(apr * 10_000m));
        }
    }
}
