using System.Collections.Immutable;
using System.Text.Json;
using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Contracts.People;
using KnowledgePay.Grains.Access;

namespace KnowledgePay.Server.Requests;

/// <summary>What <c>POST /v1/keys</c> takes.</summary>
public sealed record KeyRequest
{
    /// <summary><c>platform</c>, <c>partner</c>, <c>operator</c> or <c>auditor</c>.</summary>
    public required string Role { get; init; }

    /// <summary>The one partner that a partner key is bound to; required for that role, refused for the others.</summary>
    public string? PartnerId { get; init; }

    /// <summary>A name for lists, up to 100 characters.</summary>
    public string? Label { get; init; }
}

/// <summary>Reads the bodies that ask for decisions, and the small ones of people and operators.</summary>
public static class DecisionDocuments
{
    public const int LongestTermMonths = 60;
    public const int MostOffers = 10;
    public const int LongestSurface = 64;
    public const int LongestReference = 128;
    public const int LongestQuoteToken = 2_048;
    public const int LongestNote = 2_000;

    public static PriceRequest? Price(ref Utf8JsonReader reader, ReadOnlySpan<byte> body, RequestErrors errors)
    {
        string? user = null, course = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("userId"u8)) user = JsonFields.Id(ref reader, errors, "/userId");
            else if (reader.ValueTextEquals("courseId"u8)) course = JsonFields.Id(ref reader, errors, "/courseId");
            else JsonFields.Skip(ref reader);
        }

        if (user is null) errors.Require("/userId");
        if (course is null) errors.Require("/courseId");
        return errors.Any ? null : new PriceRequest { UserId = user!, CourseId = course! };
    }

    public static CreditRequest? Credit(ref Utf8JsonReader reader, ReadOnlySpan<byte> body, RequestErrors errors)
    {
        string? user = null, product = null, course = null, partner = null;
        Money? amount = null;
        long? months = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("userId"u8)) user = JsonFields.Id(ref reader, errors, "/userId");
            else if (reader.ValueTextEquals("amount"u8)) amount = MoneyField.Read(ref reader, errors, "/amount");
            else if (reader.ValueTextEquals("termMonths"u8)) months = JsonFields.Whole(ref reader, errors, "/termMonths", 1, LongestTermMonths);
            else if (reader.ValueTextEquals("productId"u8)) product = JsonFields.Id(ref reader, errors, "/productId");
            else if (reader.ValueTextEquals("courseId"u8)) course = JsonFields.Id(ref reader, errors, "/courseId");
            else if (reader.ValueTextEquals("partnerId"u8)) partner = JsonFields.Id(ref reader, errors, "/partnerId");
            else JsonFields.Skip(ref reader);
        }

        if (user is null) errors.Require("/userId");
        if (amount is null) errors.Require("/amount");
        else if (amount.Value.MinorUnits == 0) errors.Add("/amount/minorUnits", "must be more than 0.");
        if (months is null) errors.Require("/termMonths");
        return errors.Any ? null : new CreditRequest
        {
            UserId = user!,
            Amount = amount!.Value,
            TermMonths = (int)months!.Value,
            ProductId = product,
            CourseId = course,
            PartnerId = partner,
        };
    }

    public static OffersRequest? Offers(ref Utf8JsonReader reader, ReadOnlySpan<byte> body, RequestErrors errors)
    {
        string? user = null, surface = null, course = null;
        long? count = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("userId"u8)) user = JsonFields.Id(ref reader, errors, "/userId");
            else if (reader.ValueTextEquals("surface"u8)) surface = JsonFields.Text(ref reader, errors, "/surface", LongestSurface);
            else if (reader.ValueTextEquals("courseId"u8)) course = JsonFields.Id(ref reader, errors, "/courseId");
            else if (reader.ValueTextEquals("count"u8)) count = JsonFields.Whole(ref reader, errors, "/count", 1, MostOffers);
            else JsonFields.Skip(ref reader);
        }

        if (user is null) errors.Require("/userId");
        if (surface is null) errors.Require("/surface");
        return errors.Any ? null : new OffersRequest { UserId = user!, Surface = surface!, CourseId = course, Count = (int)(count ?? 3) };
    }

    public static CheckoutRequest? Checkout(ref Utf8JsonReader reader, ReadOnlySpan<byte> body, RequestErrors errors)
    {
        string? token = null, payment = null, method = null, credit = null, user = null;
        ImmutableArray<AcceptedOffer> offers = [];
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("quoteToken"u8)) token = JsonFields.Text(ref reader, errors, "/quoteToken", LongestQuoteToken);
            else if (reader.ValueTextEquals("paymentId"u8)) payment = JsonFields.Text(ref reader, errors, "/paymentId", LongestReference);
            else if (reader.ValueTextEquals("method"u8)) method = JsonFields.Text(ref reader, errors, "/method", LongestSurface);
            else if (reader.ValueTextEquals("creditDecisionId"u8)) credit = JsonFields.Text(ref reader, errors, "/creditDecisionId", LongestReference);
            else if (reader.ValueTextEquals("userId"u8)) user = JsonFields.Id(ref reader, errors, "/userId");
            else if (reader.ValueTextEquals("acceptedOffers"u8)) offers = AcceptedOffers(ref reader, errors);
            else JsonFields.Skip(ref reader);
        }

        if (token is null) errors.Require("/quoteToken");
        if (payment is null) errors.Require("/paymentId");
        if (method is null) errors.Require("/method");
        return errors.Any ? null : new CheckoutRequest
        {
            QuoteToken = token!,
            PaymentId = payment!,
            Method = method!,
            CreditDecisionId = credit,
            UserId = user,
            AcceptedOffers = offers,
        };
    }

    public static ReviewAnswer? Review(ref Utf8JsonReader reader, ReadOnlySpan<byte> body, RequestErrors errors)
    {
        string? outcome = null, note = null;
        Money? limit = null;
        decimal? apr = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("outcome"u8)) outcome = JsonFields.Text(ref reader, errors, "/outcome", 20);
            else if (reader.ValueTextEquals("note"u8)) note = JsonFields.Text(ref reader, errors, "/note", LongestNote);
            else if (reader.ValueTextEquals("limit"u8)) limit = MoneyField.Read(ref reader, errors, "/limit");
            else if (reader.ValueTextEquals("apr"u8)) apr = JsonFields.Exact(ref reader, errors, "/apr", 0, 1);
            else JsonFields.Skip(ref reader);
        }

        if (outcome is null) errors.Require("/outcome");
        else if (outcome is not ("approved" or "declined")) errors.Add("/outcome", "must be approved or declined.");
        if (note is null) errors.Require("/note");
        if (outcome == "declined" && limit is not null) errors.Add("/limit", "is for an approval only.");
        if (outcome == "declined" && apr is not null) errors.Add("/apr", "is for an approval only.");
        return errors.Any ? null : new ReviewAnswer
        {
            Outcome = outcome == "approved" ? CreditOutcome.Approved : CreditOutcome.Declined,
            Note = note!,
            Limit = limit,
            Apr = apr,
        };
    }

    public static Apis.ReviewRequest? ReviewRequest(ref Utf8JsonReader reader, ReadOnlySpan<byte> body, RequestErrors errors)
    {
        string? decision = null, statement = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("decisionId"u8)) decision = JsonFields.Id(ref reader, errors, "/decisionId");
            else if (reader.ValueTextEquals("statement"u8)) statement = JsonFields.Text(ref reader, errors, "/statement", LongestNote);
            else JsonFields.Skip(ref reader);
        }

        return errors.Any ? null : new Apis.ReviewRequest { DecisionId = decision, Statement = statement };
    }

    /// <summary>A put replaces: what is left out is as it is until said otherwise (<see cref="Contracts.People.Consent.Default"/>).</summary>
    public static Consent? Consent(ref Utf8JsonReader reader, ReadOnlySpan<byte> body, RequestErrors errors)
    {
        Consent consent = Contracts.People.Consent.Default;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("personalisation"u8)) consent = consent with { Personalisation = Flag(ref reader, errors, "/personalisation") };
            else if (reader.ValueTextEquals("personalPricing"u8)) consent = consent with { PersonalPricing = Flag(ref reader, errors, "/personalPricing") };
            else if (reader.ValueTextEquals("creditChecks"u8)) consent = consent with { CreditChecks = Flag(ref reader, errors, "/creditChecks") };
            else if (reader.ValueTextEquals("partnerSharing"u8)) consent = consent with { PartnerSharing = Flag(ref reader, errors, "/partnerSharing") };
            else if (reader.ValueTextEquals("marketing"u8)) consent = consent with { Marketing = Marketing(ref reader, errors) };
            else JsonFields.Skip(ref reader);
        }

        return errors.Any ? null : consent;
    }

    public static KeyRequest? Key(ref Utf8JsonReader reader, ReadOnlySpan<byte> body, RequestErrors errors)
    {
        string? role = null, partner = null, label = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("role"u8)) role = JsonFields.Text(ref reader, errors, "/role", 20);
            else if (reader.ValueTextEquals("partnerId"u8)) partner = JsonFields.Id(ref reader, errors, "/partnerId");
            else if (reader.ValueTextEquals("label"u8)) label = JsonFields.Text(ref reader, errors, "/label", 100);
            else JsonFields.Skip(ref reader);
        }

        AccessRole? known = RoleOf(role);
        if (role is null) errors.Require("/role");
        else if (known is null) errors.Add("/role", "must be platform, partner, operator or auditor.");
        if (known == AccessRole.Partner && partner is null) errors.Require("/partnerId");
        if (known is not null and not AccessRole.Partner && partner is not null) errors.Add("/partnerId", "is for partner keys only.");
        return errors.Any ? null : new KeyRequest { Role = role!, PartnerId = partner, Label = label };
    }

    public static AccessRole? RoleOf(string? role) => role switch
    {
        "platform" => AccessRole.Platform,
        "partner" => AccessRole.Partner,
        "operator" => AccessRole.Operator,
        "auditor" => AccessRole.Auditor,
        _ => null,
    };

    // Consent is never guessed: null is not "no".
    private static bool Flag(ref Utf8JsonReader reader, RequestErrors errors, string pointer)
    {
        bool? flag = JsonFields.Flag(ref reader, errors, pointer);
        if (flag is null && reader.TokenType == JsonTokenType.Null)
        {
            errors.Add(pointer, "must be true or false, not null.");
        }

        return flag ?? false;
    }

    private static MarketingConsent Marketing(ref Utf8JsonReader reader, RequestErrors errors)
    {
        MarketingConsent marketing = MarketingConsent.None;
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            JsonFields.WrongType(ref reader, errors, "/marketing", "an object with email, sms and social");
            return marketing;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("email"u8)) marketing = marketing with { Email = Flag(ref reader, errors, "/marketing/email") };
            else if (reader.ValueTextEquals("sms"u8)) marketing = marketing with { Sms = Flag(ref reader, errors, "/marketing/sms") };
            else if (reader.ValueTextEquals("social"u8)) marketing = marketing with { Social = Flag(ref reader, errors, "/marketing/social") };
            else JsonFields.Skip(ref reader);
        }

        return marketing;
    }

    private static ImmutableArray<AcceptedOffer> AcceptedOffers(ref Utf8JsonReader reader, RequestErrors errors)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null)
        {
            return [];
        }

        if (reader.TokenType != JsonTokenType.StartArray)
        {
            JsonFields.WrongType(ref reader, errors, "/acceptedOffers", "an array");
            return [];
        }

        ImmutableArray<AcceptedOffer>.Builder offers = ImmutableArray.CreateBuilder<AcceptedOffer>();
        string outer = errors.Prefix;
        int index = 0;
        for (; reader.Read() && reader.TokenType != JsonTokenType.EndArray; index++)
        {
            errors.Prefix = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{outer}/acceptedOffers/{index}");
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                JsonFields.WrongType(ref reader, errors, "", "an object");
                continue;
            }

            string? partner = null, product = null, decision = null;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("partnerId"u8)) partner = JsonFields.Id(ref reader, errors, "/partnerId");
                else if (reader.ValueTextEquals("productId"u8)) product = JsonFields.Id(ref reader, errors, "/productId");
                else if (reader.ValueTextEquals("decisionId"u8)) decision = JsonFields.Text(ref reader, errors, "/decisionId", LongestReference);
                else JsonFields.Skip(ref reader);
            }

            if (partner is null) errors.Require("/partnerId");
            if (product is null) errors.Require("/productId");
            if (partner is not null && product is not null && index < MostOffers)
            {
                offers.Add(new AcceptedOffer { PartnerId = partner, ProductId = product, DecisionId = decision });
            }
        }

        errors.Prefix = outer;
        if (index > MostOffers)
        {
            errors.Add("/acceptedOffers", string.Create(System.Globalization.CultureInfo.InvariantCulture, $"must hold at most {MostOffers} items, but holds {index}."));
        }

        return offers.ToImmutable();
    }
}
