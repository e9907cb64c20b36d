using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Events;

namespace KnowledgePay.Client.Events;

/// <summary>Writes events as CloudEvents 1.0 in JSON, one object an event.</summary>
public static class CloudEventWriter
{
    /// <summary>Non-Latin text stays as it is: the output is UTF-8 and goes into no web page.</summary>
    public static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>Writes one line of NDJSON: the event and a line feed.</summary>
    public static void WriteLine(IBufferWriter<byte> output, Utf8JsonWriter writer, in OutgoingEvent outgoing)
    {
        writer.Reset(output);
        Write(writer, outgoing.Subject, outgoing.Event);
        writer.Flush();
        output.GetSpan(1)[0] = (byte)'\n';
        output.Advance(1);
    }

    /// <summary>Writes one event as a structured-mode CloudEvent.</summary>
    /// <exception cref="ArgumentException">The event is one that only the engine itself writes.</exception>
    public static void Write(Utf8JsonWriter writer, string subject, IncomingEvent incoming)
    {
        writer.WriteStartObject();
        writer.WriteString("specversion"u8, "1.0"u8);
        writer.WriteString("id"u8, incoming.Id);
        writer.WriteString("source"u8, incoming.Source);
        writer.WriteString("type"u8, TypeOf(incoming.Data));
        writer.WriteString("subject"u8, subject);
        writer.WriteString("time"u8, incoming.Time.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture));
        writer.WriteStartObject("data"u8);
        WriteData(writer, incoming.Data);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    /// <summary>The CloudEvents <c>type</c> of an event from outside.</summary>
    public static string TypeOf(EventData data) => data switch
    {
        UserProfiled => EventTypes.UserProfiled,
        UserSocialLinked => EventTypes.UserSocialLinked,
        CourseViewed => EventTypes.CourseViewed,
        CourseEnrolled => EventTypes.CourseEnrolled,
        CourseProgressed => EventTypes.CourseProgressed,
        CourseCompleted => EventTypes.CourseCompleted,
        CourseRated => EventTypes.CourseRated,
        CourseCommented => EventTypes.CourseCommented,
        PaymentAttempted => EventTypes.PaymentAttempted,
        PaymentRefunded => EventTypes.PaymentRefunded,
        PaymentChargedBack => EventTypes.PaymentChargedBack,
        LoanInstallmentPaid => EventTypes.LoanInstallmentPaid,
        LoanInstallmentMissed => EventTypes.LoanInstallmentMissed,
        LoanDefaulted => EventTypes.LoanDefaulted,
        PolicyClaimed => EventTypes.PolicyClaimed,
        OfferShown => EventTypes.OfferShown,
        OfferAccepted => EventTypes.OfferAccepted,
        OfferDeclined => EventTypes.OfferDeclined,
        MarketPriceObserved => EventTypes.MarketPriceObserved,
        _ => throw new ArgumentException($"{data.GetType().Name} is not an event that comes from outside.", nameof(data)),
    };

    private static void WriteData(Utf8JsonWriter writer, EventData data)
    {
        switch (data)
        {
            case CourseEvent course:
                WriteCourse(writer, course);
                break;
            case UserProfiled profiled:
                WriteProfiled(writer, profiled);
                break;
            case UserSocialLinked social:
                writer.WriteString("network"u8, social.Network);
                WriteArray(writer, "interests", social.Interests);
                if (social.Followers is { } followers) writer.WriteNumber("followers"u8, followers);
                break;
            case LoanEvent loan:
                writer.WriteString("loanId"u8, loan.LoanId);
                WriteMoney(writer, "amount"u8, loan.Amount);
                if (loan.DaysLate is { } days) writer.WriteNumber("daysLate"u8, days);
                break;
            case PolicyClaimed claim:
                writer.WriteString("policyId"u8, claim.PolicyId);
                WriteMoney(writer, "amount"u8, claim.Amount);
                break;
            case OfferEvent offer:
                writer.WriteString("decisionId"u8, offer.DecisionId);
                writer.WriteString("productId"u8, offer.ProductId);
                WriteOptional(writer, "partnerId"u8, offer.PartnerId);
                break;
            default:
                WritePayment(writer, data);
                break;
        }
    }

    private static void WriteCourse(Utf8JsonWriter writer, CourseEvent data)
    {
        // The course of a market price is the event's subject.
        if (data is MarketPriceObserved market)
        {
            writer.WriteString("competitor"u8, market.Competitor);
            WriteMoney(writer, "price"u8, market.Price);
            return;
        }

        writer.WriteString("courseId"u8, data.CourseId);
        switch (data)
        {
            case CourseViewed viewed:
                if (viewed.Seconds is { } seconds) writer.WriteNumber("seconds"u8, seconds);
                WriteOptional(writer, "surface"u8, viewed.Surface);
                WriteOptional(writer, "decisionId"u8, viewed.DecisionId);
                break;
            case CourseEnrolled enrolled:
                if (enrolled.Price is { } price) WriteMoney(writer, "price"u8, price);
                WriteOptional(writer, "decisionId"u8, enrolled.DecisionId);
                break;
            case CourseProgressed progressed:
                if (progressed.Fraction is { } fraction) writer.WriteNumber("fraction"u8, fraction);
                break;
            case CourseCompleted completed:
                if (completed.Fraction is { } whole) writer.WriteNumber("fraction"u8, whole);
                break;
            case CourseRated rated:
                writer.WriteNumber("stars"u8, rated.Stars);
                break;
            case CourseCommented commented:
                writer.WriteString("text"u8, commented.Text);
                WriteOptional(writer, "language"u8, commented.Language);
                break;
        }
    }

    private static void WriteProfiled(Utf8JsonWriter writer, UserProfiled data)
    {
        if (data.BirthYear is { } year) writer.WriteNumber("birthYear"u8, year);
        WriteOptional(writer, "gender"u8, data.Gender);
        WriteOptional(writer, "occupation"u8, data.Occupation);
        WriteOptional(writer, "region"u8, data.Region);
        WriteOptional(writer, "education"u8, data.Education);
        WriteOptional(writer, "incomeBand"u8, data.IncomeBand);
        WriteArray(writer, "interests", data.Interests);
        if (data.Answers.Count > 0)
        {
            writer.WriteStartObject("answers"u8);
            foreach ((string question, string answer) in data.Answers.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            {
                writer.WriteString(question, answer);
            }

            writer.WriteEndObject();
        }
    }

    private static void WritePayment(Utf8JsonWriter writer, EventData data)
    {
        switch (data)
        {
            case PaymentAttempted attempted:
                writer.WriteString("paymentId"u8, attempted.PaymentId);
                WriteMoney(writer, "amount"u8, attempted.Amount);
                writer.WriteString("method"u8, attempted.Method);
                WriteOptional(writer, "deviceId"u8, attempted.DeviceId);
                WriteOptional(writer, "network"u8, attempted.Network);
                writer.WriteString("outcome"u8, attempted.Outcome switch
                {
                    PaymentOutcome.Succeeded => "succeeded"u8,
                    PaymentOutcome.Failed => "failed"u8,
                    _ => "abandoned"u8,
                });
                break;
            case PaymentRefunded refunded:
                writer.WriteString("paymentId"u8, refunded.PaymentId);
                WriteMoney(writer, "amount"u8, refunded.Amount);
                WriteOptional(writer, "reason"u8, refunded.Reason);
                break;
            case PaymentChargedBack chargedBack:
                writer.WriteString("paymentId"u8, chargedBack.PaymentId);
                WriteMoney(writer, "amount"u8, chargedBack.Amount);
                WriteOptional(writer, "reason"u8, chargedBack.Reason);
                break;
        }
    }

    private static void WriteMoney(Utf8JsonWriter writer, ReadOnlySpan<byte> name, Money money)
    {
        writer.WriteStartObject(name);
        writer.WriteString("currency"u8, money.Currency);
        writer.WriteNumber("minorUnits"u8, money.MinorUnits);
        writer.WriteEndObject();
    }

    private static void WriteOptional(Utf8JsonWriter writer, ReadOnlySpan<byte> name, string? value)
    {
        if (value is not null) writer.WriteString(name, value);
    }

    private static void WriteArray(Utf8JsonWriter writer, string name, System.Collections.Immutable.ImmutableArray<string> values)
    {
        if (values.IsDefaultOrEmpty)
        {
            return;
        }

        writer.WriteStartArray(name);
        foreach (string value in values)
        {
            writer.WriteStringValue(value);
        }

        writer.WriteEndArray();
    }
}
