using System.Reflection;
using CsCheck;
using KnowledgePay.Contracts.Events;
using KnowledgePay.Decisions.Profiles;
using KnowledgePay.Grains.Events;
using KnowledgePay.Storage;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;

namespace KnowledgePay.Grains.Tests.Events;

public sealed class StoredEventFormatTests
{
    private static readonly Serializer Serializer = new ServiceCollection().AddSerializer().BuildServiceProvider().GetRequiredService<Serializer>();
    private static readonly StreamKey Key = new(1, [.. Enumerable.Repeat((byte)3, 32)]);

    private static readonly Gen<EventFacts> Facts = Gen.OneOf(
        Gen.Const(EventFacts.None),
        Gen.Select(Gen.Int[-1, 300], Gen.Int[-1, 20], Gen.Int[0, 9].Array[0, 8], Gen.Long[0, 10_000_000], Gen.SByte.Array[0, 64]).Select((course, category, concepts, price, vector) => new EventFacts
        {
            Course = course,
            Category = category,
            Concepts = concepts,
            ListPriceMinorUnits = price,
            Currency = price % 3 == 0 ? null : "CNY",
            Vector = vector,
        }),
        Gen.Select(Gen.Single[-1, 1], Gen.Int[-1, 70_000], Gen.Int[0, 9].Array[0, 4], Gen.Single[0, 1], Gen.Bool).Select((sentiment, product, accepted, risk, by) => new EventFacts
        {
            Sentiment = by ? sentiment : null,
            Product = product,
            AcceptedProducts = accepted,
            PaymentRisk = by ? null : risk,
            PaymentRiskBy = by ? "scorecard/1" : null,
        }));

    private static readonly Gen<StoredEvent> Events = Gen.Select(AnyEvents.Sequences(6), Facts, Gen.Int[-14, 14], Gen.Int[0, 1]).Select((events, facts, hours, received) => new StoredEvent
    {
        Source = "/shop/店",
        Id = events[^1].Id,
        Time = events[^1].Time.ToOffset(TimeSpan.FromHours(hours)),
        ReceivedAt = events[^1].Time.AddTicks(987_654_321 * (received - 3L)).ToOffset(TimeSpan.FromHours(hours * received)),
        Data = events[^1].Data,
        Facts = facts,
    });

    [Fact]
    public void Both_formats_give_back_what_was_stored()
    {
        EventCodec old = Codec(1), present = Codec(2);
        long oldBytes = 0, presentBytes = 0;
        Events.Sample(
            stored =>
            {
                byte[] before = old.Encode(Key, stored).Payload, after = present.Encode(Key, stored).Payload;
                (oldBytes, presentBytes) = (oldBytes + before.Length, presentBytes + after.Length);
                foreach (StoredEvent read in (StoredEvent[])[present.Decode(Key, before), present.Decode(Key, after)])
                {
                    Assert.Equal(stored.Data.GetType(), read.Data.GetType());
                    Assert.Equal(StateText.Of(stored), StateText.Of(read));
                    Assert.Equal((stored.Time.Offset, stored.ReceivedAt.Offset), (read.Time.Offset, read.ReceivedAt.Offset));
                }
            },
            iter: 2_000,
            threads: 1);
        TestContext.Current.TestOutputHelper?.WriteLine($"{oldBytes} bytes in format 1, {presentBytes} in format 2");
        Assert.True(presentBytes < oldBytes);
    }

    [Fact]
    public void Every_type_of_data_has_a_number_which_is_its_place()
    {
        var forms = new EventDataForms(Serializer);
        Type[] types = [.. typeof(EventData).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(EventData)) && !type.IsAbstract)];
        foreach (Type type in types)
        {
            EventDataForm form = forms.Of((EventData)System.Runtime.CompilerServices.RuntimeHelpers.GetUninitializedObject(type));
            Assert.Equal(type, form.Type);
            Assert.Same(form, forms.Of(form.Number));
        }

        Assert.Throws<InvalidDataException>(() => forms.Of(types.Length + 1));
    }

    [Fact]
    public void A_process_refuses_the_format_that_it_does_not_read()
    {
        StoredEvent stored = Events.Single();
        byte[] payload = Codec(2).Encode(Key, stored).Payload;
        var older = new EventCodec(Serializer, new byte[32], reads: 1);

        Assert.Contains("has format 2; this engine reads 1 to 1", Assert.Throws<InvalidDataException>(() => older.Decode(Key, payload)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => older.Writes = 2);
    }

    private static EventCodec Codec(int writes) => new(Serializer, new byte[32]) { Writes = writes };
}
