using System.Collections.Immutable;
using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Contracts.Events;
using KnowledgePay.Contracts.Grains;
using KnowledgePay.Contracts.People;
using KnowledgePay.Decisions;
using KnowledgePay.Decisions.Profiles;
using KnowledgePay.Decisions.Recommending;
using KnowledgePay.Decisions.Rules;
using KnowledgePay.Grains.Events;
using KnowledgePay.Storage;

namespace KnowledgePay.Grains.Users;

/// <summary>One person: the fold of their events, and the decisions about them. A thin shell: what is decided is decided in <c>KnowledgePay.Decisions</c>.</summary>
/// <remarks>
/// What decides holds the stream's gate and no turn of the scheduler, so that the requests of the silo's own HTTP layer call it directly (<see cref="LocalUsers"/>):
/// a message to a neighbour in the same process would cost more than the decision.
/// </remarks>
public sealed partial class UserGrain(StreamServices streams, DecisionServices decisions, LocalUsers local) : Grain, IUserGrain
{
    private string _userId = "";
    private EventStream _stream = null!;
    private RetrievalMemory? _memory;

    /// <summary>When the last message came, as a timestamp: what is called directly only would look idle to the silo.</summary>
    internal long CalledAt;

    /// <summary>True when another activation is to be called: what this one refused may be sent there.</summary>
    public bool IsRetired => _stream.IsRetired;

    /// <summary>The person's events and what was folded from them.</summary>
    internal EventStream Stream => _stream;

    private UserProfile Profile => _stream.Profile;

    public override Task OnActivateAsync(CancellationToken cancellationToken) => Activate(this.GetPrimaryKeyString(), cancellationToken);

    internal async Task Activate(string userId, CancellationToken cancellationToken)
    {
        _userId = userId;
        _stream = new EventStream(StreamNames.OfUser(_userId), streams);
        await _stream.Load(cancellationToken);
        local.Add(_userId, this);
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        local.Remove(_userId, this);
        await _stream.Retire();
    }

    public ValueTask<ImmutableArray<EventDisposition>> Append(ImmutableArray<IncomingEvent> events) => _stream.Append(events);

    public ValueTask<Answer<UserView>> View()
    {
        lock (_stream.Gate)
        {
            return ValueTask.FromResult<Answer<UserView>>(_stream.Key is null
                ? Problem.NotFound("user", _userId)
                : UserViewBuilder.Build(_userId, Profile, streams.Catalogue.Current, streams.Time.GetUtcNow(), decisions.Models.Segments));
        }
    }

    public ValueTask<Consent> GetConsent() => ValueTask.FromResult(Profile.Consent);

    public async ValueTask<Consent> PutConsent(Consent consent)
    {
        await _stream.AppendOwn(OwnSources.Consent, Guid.NewGuid().ToString("N"), new ConsentChanged { Consent = consent });
        return Profile.Consent;
    }

    public async ValueTask<bool> Erase()
    {
        // An activation whose erasing failed stays: it knows what is left.
        bool erased = await Stream.Erase();
        DeactivateOnIdle();
        return erased;
    }

    /// <summary>What a decision reads, all of it as of now.</summary>
    private DecisionContext Context(DecisionAddress address, string decisionId, DateTimeOffset now) => new()
    {
        DecisionId = decisionId,
        UserId = _userId,
        Profile = Profile,
        Catalogue = streams.Catalogue.Current,
        Signals = decisions.Signals,
        Now = now,
        Seed = SeedOf(address),
        Memory = _memory,
        Learned = decisions.Models.RecommenderFor(_userId),
        Demand = decisions.Models.Demand,
        Premiums = decisions.Models.Premiums,
        Uplift = decisions.Models.Uplift,
    };

    private PersonStanding Standing(DateTimeOffset now)
    {
        return new PersonStanding(SegmentRule.Of(Profile, now), ProfileReader.CurrentRisk(Profile, now));
    }

    /// <summary>The address is unique and random in part: so are the draws that it seeds, and the record can repeat them.</summary>
    private static ulong SeedOf(DecisionAddress address) =>
        ((ulong)address.Nonce << 32) ^ ((ulong)address.Chunk << 16) ^ (ulong)address.Index;
}

/// <summary>Sources of the engine's own events; with their ids they are what makes a repeat harmless.</summary>
internal static class OwnSources
{
    public const string Consent = "kp:consent";
    public const string Quote = "kp:quote";
    public const string Credit = "kp:credit";
    public const string Review = "kp:review";
    public const string Order = "kp:order";
    public const string Offers = "kp:offers";
}
