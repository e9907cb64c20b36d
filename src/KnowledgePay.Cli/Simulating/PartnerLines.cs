using System.Buffers;
using System.Text.Json;
using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Partners;
using KnowledgePay.Contracts.People;

namespace KnowledgePay.Cli.Simulating;

/// <summary>Partners, products and consents as JSON lines; the bodies of the contract's PUTs with the ids of their paths.</summary>
internal static class PartnerLines
{
    public static void Write(IBufferWriter<byte> output, Utf8JsonWriter writer, Partner partner)
    {
        Begin(output, writer);
        writer.WriteString("id"u8, partner.Id);
        writer.WriteString("name"u8, partner.Name);
        if (partner.Contact is { } contact) writer.WriteString("contact"u8, contact);
        End(output, writer);
    }

    public static void Write(IBufferWriter<byte> output, Utf8JsonWriter writer, PartnerProduct product)
    {
        Begin(output, writer);
        writer.WriteString("partnerId"u8, product.PartnerId);
        writer.WriteString("id"u8, product.Id);
        writer.WriteString("kind"u8, product.Kind switch { ProductKind.Membership => "membership"u8, ProductKind.Loan => "loan"u8, _ => "insurance"u8 });
        writer.WriteString("name"u8, product.Name);
        writer.WritePropertyName("terms"u8);
        writer.WriteRawValue(product.Terms);
        writer.WritePropertyName("eligibility"u8);
        writer.WriteRawValue(product.Eligibility);
        writer.WriteStartArray("channels"u8);
        foreach (string channel in product.Channels)
        {
            writer.WriteStringValue(channel);
        }

        writer.WriteEndArray();
        if (product.Budget is { } budget)
        {
            writer.WriteStartObject("budget"u8);
            writer.WriteString("currency"u8, budget.Currency);
            writer.WriteNumber("minorUnits"u8, budget.MinorUnits);
            writer.WriteEndObject();
        }

        End(output, writer);
    }

    public static void Write(IBufferWriter<byte> output, Utf8JsonWriter writer, string userId, Consent consent)
    {
        Begin(output, writer);
        writer.WriteString("userId"u8, userId);
        writer.WriteBoolean("personalisation"u8, consent.Personalisation);
        writer.WriteBoolean("personalPricing"u8, consent.PersonalPricing);
        writer.WriteBoolean("creditChecks"u8, consent.CreditChecks);
        writer.WriteBoolean("partnerSharing"u8, consent.PartnerSharing);
        writer.WriteStartObject("marketing"u8);
        writer.WriteBoolean("email"u8, consent.Marketing.Email);
        writer.WriteBoolean("sms"u8, consent.Marketing.Sms);
        writer.WriteBoolean("social"u8, consent.Marketing.Social);
        writer.WriteEndObject();
        End(output, writer);
    }

    private static void Begin(IBufferWriter<byte> output, Utf8JsonWriter writer)
    {
        writer.Reset(output);
        writer.WriteStartObject();
    }

    private static void End(IBufferWriter<byte> output, Utf8JsonWriter writer)
    {
        writer.WriteEndObject();
        writer.Flush();
        output.Write("\n"u8);
    }
}
