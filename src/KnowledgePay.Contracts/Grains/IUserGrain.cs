using System.Collections.Immutable;
using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Contracts.Events;
using KnowledgePay.Contracts.People;
using Orleans.Concurrency;

namespace KnowledgePay.Contracts.Grains;

/// <summary>One person. Keyed by the user id. Decisions interleave: they read the last durable state while an event's write is in flight.</summary>
[Alias("kp.IUserGrain")]
public interface IUserGrain : IGrainWithStringKey
{
    /// <summary>Makes the events durable, folds them, then answers; one disposition an event, in order.</summary>
    /// <exception cref="StoreUnavailableException">Nothing was accepted; the same events may be sent again.</exception>
    [AlwaysInterleave, Alias("Append")]
    ValueTask<ImmutableArray<EventDisposition>> Append(ImmutableArray<IncomingEvent> events);

    [AlwaysInterleave, Alias("Recommend")]
    ValueTask<Answer<RecommendationAnswer>> Recommend(RecommendationRequest request);

    /// <summary>What to take first to get to a course. Nothing is recorded: it follows from the catalogue and from what the person has.</summary>
    [AlwaysInterleave, Alias("Path")]
    ValueTask<Answer<PathAnswer>> Path(string courseId);

    [AlwaysInterleave, Alias("Price")]
    ValueTask<Answer<PriceAnswer>> Price(PriceRequest request);

    /// <summary>The answer leaves after its record is durable.</summary>
    [AlwaysInterleave, Alias("Credit")]
    ValueTask<Answer<CreditAnswer>> Credit(CreditRequest request);

    [AlwaysInterleave, Alias("Offers")]
    ValueTask<Answer<OffersAnswer>> Offers(OffersRequest request);

    /// <summary>Redeems a quote. The token was verified by the caller; single use is enforced here.</summary>
    [AlwaysInterleave, Alias("Checkout")]
    ValueTask<Answer<CheckoutAnswer>> Checkout(CheckoutRequest request);

    /// <summary>Puts a declined credit before a person: opens its case, or gives the one that there is.</summary>
    /// <param name="statement">What is said on the person's behalf, or null.</param>
    [AlwaysInterleave, Alias("AskReview")]
    ValueTask<Answer<ReviewCase>> AskReview(string decisionId, string? statement);

    /// <summary>An operator's answer to a review case.</summary>
    [AlwaysInterleave, Alias("AnswerReview")]
    ValueTask<Answer<ReviewCase>> AnswerReview(string reviewId, ReviewAnswer answer, string answeredBy);

    /// <summary>What is held about the person; <c>not-found</c> when nothing is.</summary>
    [AlwaysInterleave, Alias("View")]
    ValueTask<Answer<UserView>> View();

    [AlwaysInterleave, Alias("GetConsent")]
    ValueTask<Consent> GetConsent();

    [AlwaysInterleave, Alias("PutConsent")]
    ValueTask<Consent> PutConsent(Consent consent);

    /// <summary>Destroys the person's key and drops the state: everything stored becomes unreadable as this person's. False when nothing was held.</summary>
    [AlwaysInterleave, Alias("Erase")]
    ValueTask<bool> Erase();
}

/// <summary>The store did not take a write; nothing was acknowledged.</summary>
[GenerateSerializer, Alias("kp.StoreUnavailableException")]
public sealed class StoreUnavailableException : Exception
{
    public StoreUnavailableException()
    {
    }

    public StoreUnavailableException(string message)
        : base(message)
    {
    }

    public StoreUnavailableException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
