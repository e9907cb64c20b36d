using System.Collections.Immutable;
using System.Text.Json;
using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Events;
using KnowledgePay.Server.Requests;

namespace KnowledgePay.Server.Events;

/// <summary>Reads the <c>data</c> of an event; the reader stands on its opening brace. Null when something in it is wrong.</summary>
public static partial class EventDataReader
{
    public const int LongestLabel = 100;
    public const int LongestReference = 128;
    public const int LongestComment = 5_000;
    public const int LongestReason = 500;
    public const int MostInterests = 100;
    public const int MostAnswers = 100;
    public const int EarliestBirthYear = 1900;
    public const long MostFollowers = 10_000_000_000;
    public const int LongestDaysLate = 36_500;
    public const double LongestViewSeconds = 86_400;

    /// <param name="subject">The event's subject; what the market observed is about it.</param>
    public static EventData? Read(EventKind kind, ref Utf8JsonReader reader, RequestErrors errors, string subject, int thisYear) => kind switch
    {
        EventKind.UserProfiled => Profiled(ref reader, errors, thisYear),
        EventKind.UserSocialLinked => SocialLinked(ref reader, errors),
        EventKind.CourseViewed => Viewed(ref reader, errors),
        EventKind.CourseEnrolled => Enrolled(ref reader, errors),
        EventKind.CourseProgressed or EventKind.CourseCompleted => Progressed(kind, ref reader, errors),
        EventKind.CourseRated => Rated(ref reader, errors),
        EventKind.CourseCommented => Commented(ref reader, errors),
        EventKind.PaymentAttempted => Attempted(ref reader, errors),
        EventKind.PaymentRefunded or EventKind.PaymentChargedBack => Returned(kind, ref reader, errors),
        EventKind.LoanInstallmentPaid or EventKind.LoanInstallmentMissed or EventKind.LoanDefaulted => Loan(kind, ref reader, errors),
        EventKind.PolicyClaimed => Claimed(ref reader, errors),
        EventKind.OfferShown or EventKind.OfferAccepted or EventKind.OfferDeclined => Offer(kind, ref reader, errors),
        EventKind.MarketPriceObserved => Observed(ref reader, errors, subject),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "There is no such event type."),
    };

    private static UserProfiled? Profiled(ref Utf8JsonReader reader, RequestErrors errors, int thisYear)
    {
        long? birthYear = null;
        string? gender = null, occupation = null, region = null, education = null, incomeBand = null;
        ImmutableArray<string>? interests = null;
        ImmutableDictionary<string, string>? answers = null;
        int before = errors.Count;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("birthYear"u8)) birthYear = JsonFields.Whole(ref reader, errors, "/birthYear", EarliestBirthYear, thisYear);
            else if (reader.ValueTextEquals("gender"u8)) gender = JsonFields.Text(ref reader, errors, "/gender", LongestLabel);
            else if (reader.ValueTextEquals("occupation"u8)) occupation = JsonFields.Text(ref reader, errors, "/occupation", LongestLabel);
            else if (reader.ValueTextEquals("region"u8)) region = JsonFields.Text(ref reader, errors, "/region", LongestLabel);
            else if (reader.ValueTextEquals("education"u8)) education = JsonFields.Text(ref reader, errors, "/education", LongestLabel);
            else if (reader.ValueTextEquals("incomeBand"u8)) incomeBand = JsonFields.Text(ref reader, errors, "/incomeBand", LongestLabel);
            else if (reader.ValueTextEquals("interests"u8)) interests = JsonFields.Texts(ref reader, errors, "/interests", MostInterests, LongestLabel);
            else if (reader.ValueTextEquals("answers"u8)) answers = Answers(ref reader, errors);
            else JsonFields.Skip(ref reader);
        }

        return errors.Count != before ? null : new UserProfiled
        {
            BirthYear = (int?)birthYear,
            Gender = gender,
            Occupation = occupation,
            Region = region,
            Education = education,
            IncomeBand = incomeBand,
            Interests = interests ?? [],
            Answers = answers ?? ImmutableDictionary<string, string>.Empty,
        };
    }

    // A questionnaire's answers are texts, numbers or booleans; all are kept as text.
    private static ImmutableDictionary<string, string>? Answers(ref Utf8JsonReader reader, RequestErrors errors)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null)
        {
            return null;
        }

        if (reader.TokenType != JsonTokenType.StartObject)
        {
            JsonFields.WrongType(ref reader, errors, "/answers", "an object");
            return null;
        }

        ImmutableDictionary<string, string>.Builder answers = ImmutableDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        int count = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = reader.GetString()!;
            string pointer = "/answers/" + RequestErrors.Escape(name);
            if (name.Length is < 1 or > LongestLabel)
            {
                errors.Add(pointer, $"must have a name of 1 to {LongestLabel} characters.");
            }

            reader.Read();
            string? value = null;
            switch (reader.TokenType)
            {
                case JsonTokenType.True: value = "true"; break;
                case JsonTokenType.False: value = "false"; break;
                case JsonTokenType.Number when reader.ValueSpan.Length <= LongestReason: value = System.Text.Encoding.ASCII.GetString(reader.ValueSpan); break;
                case JsonTokenType.String: value = JsonFields.TextValue(ref reader, errors, pointer, LongestReason, 0); break;
                case JsonTokenType.Null: break;
                default: JsonFields.WrongType(ref reader, errors, pointer, "a string, a number or a boolean"); break;
            }

            if (value is not null && ++count <= MostAnswers)
            {
                answers[name] = value;
            }
        }

        if (count > MostAnswers)
        {
            errors.Add("/answers", $"must hold at most {MostAnswers} answers.");
        }

        return answers.ToImmutable();
    }

    private static UserSocialLinked? SocialLinked(ref Utf8JsonReader reader, RequestErrors errors)
    {
        string? network = null;
        ImmutableArray<string>? interests = null;
        long? followers = null;
        int before = errors.Count;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("network"u8)) network = JsonFields.Text(ref reader, errors, "/network", LongestLabel);
            else if (reader.ValueTextEquals("interests"u8)) interests = JsonFields.Texts(ref reader, errors, "/interests", MostInterests, LongestLabel);
            else if (reader.ValueTextEquals("followers"u8)) followers = JsonFields.Whole(ref reader, errors, "/followers", 0, MostFollowers);
            else JsonFields.Skip(ref reader);
        }

        if (network is null) errors.Require("/network");
        if (interests is null) errors.Require("/interests");
        return errors.Count != before ? null : new UserSocialLinked { Network = network!, Interests = interests!.Value, Followers = followers };
    }

    private static OfferEvent? Offer(EventKind kind, ref Utf8JsonReader reader, RequestErrors errors)
    {
        string? decision = null, product = null, partner = null;
        int before = errors.Count;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("decisionId"u8)) decision = JsonFields.Text(ref reader, errors, "/decisionId", LongestReference);
            else if (reader.ValueTextEquals("productId"u8)) product = JsonFields.Id(ref reader, errors, "/productId");
            else if (reader.ValueTextEquals("partnerId"u8)) partner = JsonFields.Id(ref reader, errors, "/partnerId");
            else JsonFields.Skip(ref reader);
        }

        if (decision is null) errors.Require("/decisionId");
        if (product is null) errors.Require("/productId");
        if (errors.Count != before)
        {
            return null;
        }

        return kind switch
        {
            EventKind.OfferShown => new OfferShown { DecisionId = decision!, ProductId = product!, PartnerId = partner },
            EventKind.OfferAccepted => new OfferAccepted { DecisionId = decision!, ProductId = product!, PartnerId = partner },
            _ => new OfferDeclined { DecisionId = decision!, ProductId = product!, PartnerId = partner },
        };
    }

    private static MarketPriceObserved? Observed(ref Utf8JsonReader reader, RequestErrors errors, string subject)
    {
        string? competitor = null;
        Money? price = null;
        int before = errors.Count;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("competitor"u8)) competitor = JsonFields.Text(ref reader, errors, "/competitor", LongestReference);
            else if (reader.ValueTextEquals("price"u8)) price = MoneyField.Read(ref reader, errors, "/price");
            else JsonFields.Skip(ref reader);
        }

        if (competitor is null) errors.Require("/competitor");
        if (price is null) errors.Require("/price");
        return errors.Count != before ? null : new MarketPriceObserved { CourseId = subject, Competitor = competitor!, Price = price!.Value };
    }
}
