using System.Buffers;
using System.Runtime.InteropServices;
using KnowledgePay.Decisions.Profiles;
using KnowledgePay.Grains.Compact;
using Orleans.Serialization;

namespace KnowledgePay.Grains.Events;

/// <summary>Format 2 of a stored event: what every event has in the engine's own few bytes, then the serializer's of what it says, without the name of its type.</summary>
/// <remarks>
/// In this order: the number of the type in <see cref="EventDataForms"/> (0: the serializer's bytes name it); source and id; when it was received, in ticks, and how much earlier it
/// happened; a set of <see cref="Parts"/>; those parts of the offsets from UTC and of the facts that are in it, in the order of its bits; and the event's data.
/// </remarks>
internal sealed class StoredEventFormat(Serializer serializer)
{
    private readonly EventDataForms _forms = new(serializer);

    [Flags]
    private enum Parts
    {
        None = 0,
        TimeOffset = 1,
        ReceivedOffset = 2,
        Course = 4,
        Category = 8,
        Concepts = 16,
        ListPrice = 32,
        Currency = 64,
        Vector = 128,
        Sentiment = 256,
        Product = 512,
        AcceptedProducts = 1024,
        PaymentRisk = 2048,
        PaymentRiskBy = 4096,
        All = 8191,
    }

    public void Write(IBufferWriter<byte> output, StoredEvent e)
    {
        EventDataForm form = _forms.Of(e.Data);
        EventFacts facts = e.Facts;
        Parts parts = PartsOf(e);
        var writer = new CompactWriter(output);
        writer.Count(form.Number);
        writer.Text(e.Source);
        writer.Text(e.Id);
        writer.Integer(e.ReceivedAt.UtcTicks);
        writer.Integer(e.ReceivedAt.UtcTicks - e.Time.UtcTicks);
        writer.Unsigned((ulong)parts);
        if (parts.HasFlag(Parts.TimeOffset))
        {
            writer.Integer(e.Time.TotalOffsetMinutes);
        }

        if (parts.HasFlag(Parts.ReceivedOffset))
        {
            writer.Integer(e.ReceivedAt.TotalOffsetMinutes);
        }

        if (parts.HasFlag(Parts.Course))
        {
            writer.Integer(facts.Course);
        }

        if (parts.HasFlag(Parts.Category))
        {
            writer.Integer(facts.Category);
        }

        if (parts.HasFlag(Parts.Concepts))
        {
            Write(ref writer, facts.Concepts);
        }

        if (parts.HasFlag(Parts.ListPrice))
        {
            writer.Integer(facts.ListPriceMinorUnits);
        }

        if (parts.HasFlag(Parts.Currency))
        {
            writer.Text(facts.Currency);
        }

        if (parts.HasFlag(Parts.Vector))
        {
            writer.Bytes(MemoryMarshal.AsBytes(facts.Vector.AsSpan()));
        }

        if (parts.HasFlag(Parts.Sentiment))
        {
            writer.Single(facts.Sentiment!.Value);
        }

        if (parts.HasFlag(Parts.Product))
        {
            writer.Integer(facts.Product);
        }

        if (parts.HasFlag(Parts.AcceptedProducts))
        {
            Write(ref writer, facts.AcceptedProducts);
        }

        if (parts.HasFlag(Parts.PaymentRisk))
        {
            writer.Single(facts.PaymentRisk!.Value);
        }

        if (parts.HasFlag(Parts.PaymentRiskBy))
        {
            writer.Text(facts.PaymentRiskBy);
        }

        writer.Flush();
        form.Write(output, e.Data);
    }

    /// <exception cref="InvalidDataException">The bytes are no event of this format, or say something that this version does not know.</exception>
    public StoredEvent Read(ReadOnlySpan<byte> bytes)
    {
        try
        {
            var reader = new CompactReader(bytes);
            EventDataForm form = _forms.Of(reader.Count());
            string source = reader.Text();
            string id = reader.Text();
            long received = reader.Integer();
            long happened = received - reader.Integer();
            ulong set = reader.Unsigned();
            if (set > (ulong)Parts.All)
            {
                throw new InvalidDataException("A stored event has parts that this version does not know.");
            }

            var parts = (Parts)set;
            DateTimeOffset time = At(happened, parts.HasFlag(Parts.TimeOffset) ? reader.Integer() : 0);
            DateTimeOffset receivedAt = At(received, parts.HasFlag(Parts.ReceivedOffset) ? reader.Integer() : 0);
            EventFacts facts = (parts & ~(Parts.TimeOffset | Parts.ReceivedOffset)) == Parts.None ? EventFacts.None : new EventFacts
            {
                Course = parts.HasFlag(Parts.Course) ? checked((int)reader.Integer()) : -1,
                Category = parts.HasFlag(Parts.Category) ? checked((int)reader.Integer()) : -1,
                Concepts = parts.HasFlag(Parts.Concepts) ? Numbers(ref reader) : [],
                ListPriceMinorUnits = parts.HasFlag(Parts.ListPrice) ? reader.Integer() : 0,
                Currency = parts.HasFlag(Parts.Currency) ? reader.Text() : null,
                Vector = parts.HasFlag(Parts.Vector) ? MemoryMarshal.Cast<byte, sbyte>(reader.Bytes()).ToArray() : [],
                Sentiment = parts.HasFlag(Parts.Sentiment) ? reader.Single() : null,
                Product = parts.HasFlag(Parts.Product) ? checked((int)reader.Integer()) : -1,
                AcceptedProducts = parts.HasFlag(Parts.AcceptedProducts) ? Numbers(ref reader) : [],
                PaymentRisk = parts.HasFlag(Parts.PaymentRisk) ? reader.Single() : null,
                PaymentRiskBy = parts.HasFlag(Parts.PaymentRiskBy) ? reader.Text() : null,
            };
            return new StoredEvent { Source = source, Id = id, Time = time, ReceivedAt = receivedAt, Data = form.Read(reader.Rest), Facts = facts };
        }
        catch (Exception e) when (e is IndexOutOfRangeException or ArgumentException or OverflowException)
        {
            throw new InvalidDataException("A stored event ends early or holds what its format does not have.", e);
        }
    }

    private static Parts PartsOf(StoredEvent e)
    {
        EventFacts facts = e.Facts;
        return (e.Time.TotalOffsetMinutes != 0 ? Parts.TimeOffset : 0)
            | (e.ReceivedAt.TotalOffsetMinutes != 0 ? Parts.ReceivedOffset : 0)
            | (facts.Course != -1 ? Parts.Course : 0)
            | (facts.Category != -1 ? Parts.Category : 0)
            | (facts.Concepts.Length > 0 ? Parts.Concepts : 0)
            | (facts.ListPriceMinorUnits != 0 ? Parts.ListPrice : 0)
            | (facts.Currency is not null ? Parts.Currency : 0)
            | (facts.Vector.Length > 0 ? Parts.Vector : 0)
            | (facts.Sentiment is not null ? Parts.Sentiment : 0)
            | (facts.Product != -1 ? Parts.Product : 0)
            | (facts.AcceptedProducts.Length > 0 ? Parts.AcceptedProducts : 0)
            | (facts.PaymentRisk is not null ? Parts.PaymentRisk : 0)
            | (facts.PaymentRiskBy is not null ? Parts.PaymentRiskBy : 0);
    }

    private static DateTimeOffset At(long ticks, long offsetMinutes) => new DateTimeOffset(ticks, TimeSpan.Zero).ToOffset(TimeSpan.FromMinutes(offsetMinutes));

    private static void Write(ref CompactWriter writer, int[] numbers)
    {
        writer.Count(numbers.Length);
        foreach (int number in numbers)
        {
            writer.Integer(number);
        }
    }

    private static int[] Numbers(ref CompactReader reader)
    {
        int[] numbers = new int[reader.Count()];
        foreach (ref int number in numbers.AsSpan())
        {
            number = checked((int)reader.Integer());
        }

        return numbers;
    }
}
