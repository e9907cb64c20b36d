using System.Buffers;
using System.Collections.Frozen;
using KnowledgePay.Contracts.Events;
using Orleans.Serialization;

namespace KnowledgePay.Grains.Events;

/// <summary>The types of event data by the number that stands for each in the journal.</summary>
internal sealed class EventDataForms
{
    private readonly EventDataForm[] _forms;
    private readonly FrozenDictionary<Type, EventDataForm> _byType;

    public EventDataForms(Serializer serializer)
    {
        // A type's number is its place here, for as long as there are journals: a new type goes to the end.
        _forms =
        [
            Form<EventData>(serializer, 0),
            Form<UserProfiled>(serializer, 1),
            Form<UserSocialLinked>(serializer, 2),
            Form<CourseViewed>(serializer, 3),
            Form<CourseEnrolled>(serializer, 4),
            Form<CourseProgressed>(serializer, 5),
            Form<CourseCompleted>(serializer, 6),
            Form<CourseRated>(serializer, 7),
            Form<CourseCommented>(serializer, 8),
            Form<PaymentAttempted>(serializer, 9),
            Form<PaymentRefunded>(serializer, 10),
            Form<PaymentChargedBack>(serializer, 11),
            Form<LoanInstallmentPaid>(serializer, 12),
            Form<LoanInstallmentMissed>(serializer, 13),
            Form<LoanDefaulted>(serializer, 14),
            Form<PolicyClaimed>(serializer, 15),
            Form<OfferShown>(serializer, 16),
            Form<OfferAccepted>(serializer, 17),
            Form<OfferDeclined>(serializer, 18),
            Form<MarketPriceObserved>(serializer, 19),
            Form<ConsentChanged>(serializer, 20),
            Form<PriceQuoted>(serializer, 21),
            Form<CreditDecided>(serializer, 22),
            Form<OffersDecided>(serializer, 23),
            Form<OrderPlaced>(serializer, 24),
        ];
        _byType = _forms.Skip(1).ToFrozenDictionary(form => form.Type);
    }

    /// <summary>The form for some data; that of any type where its own has no number.</summary>
    public EventDataForm Of(EventData data) => _byType.GetValueOrDefault(data.GetType(), _forms[0]);

    /// <exception cref="InvalidDataException">No type that this version knows has the number.</exception>
    public EventDataForm Of(int number) =>
        number < _forms.Length ? _forms[number] : throw new InvalidDataException($"A stored event is of type number {number}; this version knows them up to {_forms.Length - 1}.");

    private static EventDataForm<T> Form<T>(Serializer serializer, int number)
        where T : EventData => new(serializer.GetSerializer<T>(), number);
}

/// <summary>How data of one type is written and read.</summary>
internal abstract class EventDataForm(Type type, int number)
{
    public Type Type { get; } = type;

    public int Number { get; } = number;

    public abstract void Write(IBufferWriter<byte> output, EventData data);

    public abstract EventData Read(ReadOnlySpan<byte> bytes);
}

/// <inheritdoc/>
internal sealed class EventDataForm<T>(Serializer<T> serializer, int number) : EventDataForm(typeof(T), number)
    where T : EventData
{
    public override void Write(IBufferWriter<byte> output, EventData data) => serializer.Serialize((T)data, output);

    public override EventData Read(ReadOnlySpan<byte> bytes) => serializer.Deserialize(bytes)!;
}
