using System.Collections.Immutable;
using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Contracts.Events;
using KnowledgePay.Contracts.Grains;
using KnowledgePay.Contracts.People;
using KnowledgePay.Grains.Users;
using Orleans.Runtime;

namespace KnowledgePay.Server.Hosting;

/// <summary>The calls that come thousands of times a second: directly when the person's activation is in this process, else by a message, which is at most one hop.</summary>
public sealed class UserCalls(GrainReferences grains, LocalUsers local, TimeProvider time)
{
    private const int TriesAtMost = 4;
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(100);

    public ValueTask<Answer<RecommendationAnswer>> Recommend(string userId, RecommendationRequest request) =>
        local.Find(userId) is { } near ? near.Recommend(request) : ByMessage(userId, request, static (grain, sent) => grain.Recommend(sent));

    public ValueTask<Answer<PathAnswer>> Path(string userId, string courseId) => ByMessage(userId, courseId, static (grain, sent) => grain.Path(sent));

    public ValueTask<Answer<PriceAnswer>> Price(PriceRequest request) =>
        local.Find(request.UserId) is { } near ? near.Price(request) : ByMessage(request.UserId, request, static (grain, sent) => grain.Price(sent));

    public ValueTask<Answer<OffersAnswer>> Offers(OffersRequest request) =>
        local.Find(request.UserId) is { } near ? near.Offers(request) : ByMessage(request.UserId, request, static (grain, sent) => grain.Offers(sent));

    /// <remarks>
    /// What is tried again after the person's silo died under it may have been decided there, as with a caller who asks again: the first decision is on record, and
    /// what it approved lapses unused, since nobody was told its id.
    /// </remarks>
    public ValueTask<Answer<CreditAnswer>> Credit(CreditRequest request) =>
        NearOrByMessage(request.UserId, request, static (grain, sent) => grain.Credit(sent));

    /// <remarks>Tried again, the same quote and payment give the order that they placed the first time.</remarks>
    public ValueTask<Answer<CheckoutAnswer>> Checkout(string userId, CheckoutRequest request) => ByMessage(userId, request, static (grain, sent) => grain.Checkout(sent));

    public ValueTask<Answer<UserView>> View(string userId) => ByMessage(userId, 0, static (grain, _) => grain.View());

    public ValueTask<Consent> GetConsent(string userId) => ByMessage(userId, 0, static (grain, _) => grain.GetConsent());

    /// <remarks>Put twice, it is the same consent.</remarks>
    public ValueTask<Consent> PutConsent(string userId, Consent consent) => ByMessage(userId, consent, static (grain, sent) => grain.PutConsent(sent));

    public ValueTask<ImmutableArray<EventDisposition>> Append(string userId, ImmutableArray<IncomingEvent> events) =>
        NearOrByMessage(userId, events, static (grain, sent) => grain.Append(sent));

    /// <summary>For what is appended to the person's events, which an activation that is going refuses.</summary>
    private ValueTask<TAnswer> NearOrByMessage<TRequest, TAnswer>(string userId, TRequest request, Func<IUserGrain, TRequest, ValueTask<TAnswer>> call) =>
        local.Find(userId) is { } near ? Near(near, userId, request, call) : ByMessage(userId, request, call);

    private async ValueTask<TAnswer> Near<TRequest, TAnswer>(UserGrain near, string userId, TRequest request, Func<IUserGrain, TRequest, ValueTask<TAnswer>> call)
    {
        try
        {
            return await call(near, request);
        }
        catch (StoreUnavailableException) when (near.IsRetired)
        {
            // It went between the look and the call. Events that it took, the next activation has and knows again.
            return await ByMessage(userId, request, call);
        }
    }

    private async ValueTask<TAnswer> ByMessage<TRequest, TAnswer>(string userId, TRequest request, Func<IUserGrain, TRequest, ValueTask<TAnswer>> call)
    {
        for (int tries = 1; ; tries++)
        {
            try
            {
                TAnswer answer = await call(grains.User(userId), request);
                local.Called(userId);
                return answer;
            }
            catch (Exception e) when (tries < TriesAtMost && e is SiloUnavailableException or OrleansMessageRejectionException)
            {
                // The person's silo has left: the next try finds where they are now. What is called here may be done twice without harm.
                await Task.Delay(RetryDelay * tries, time);
            }
        }
    }
}
