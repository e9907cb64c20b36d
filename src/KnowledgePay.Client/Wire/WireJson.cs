using System.Text.Json;
using System.Text.Json.Serialization;
using KnowledgePay.Contracts.Catalogue;
using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Contracts.Partners;
using KnowledgePay.Contracts.People;

namespace KnowledgePay.Client.Wire;

/// <summary>How the wire's JSON is read and written, without reflection.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    NumberHandling = JsonNumberHandling.Strict)]
[JsonSerializable(typeof(Course))]
[JsonSerializable(typeof(Partner))]
[JsonSerializable(typeof(PartnerProduct))]
[JsonSerializable(typeof(RankingRule))]
[JsonSerializable(typeof(RankingRuleState))]
[JsonSerializable(typeof(RankingRuleStates))]
[JsonSerializable(typeof(Consent))]
[JsonSerializable(typeof(UserView))]
[JsonSerializable(typeof(Dashboard))]
[JsonSerializable(typeof(PriceRequest))]
[JsonSerializable(typeof(CreditBody))]
[JsonSerializable(typeof(OffersBody))]
[JsonSerializable(typeof(CheckoutBody))]
[JsonSerializable(typeof(ReviewAnswerBody))]
[JsonSerializable(typeof(ReviewRequestBody))]
[JsonSerializable(typeof(RecommendationList))]
[JsonSerializable(typeof(CourseList))]
[JsonSerializable(typeof(PriceQuote))]
[JsonSerializable(typeof(CreditDecision))]
[JsonSerializable(typeof(OfferList))]
[JsonSerializable(typeof(CheckoutReceipt))]
[JsonSerializable(typeof(CreditReview))]
[JsonSerializable(typeof(EventsReceipt))]
[JsonSerializable(typeof(CoursesReceipt))]
[JsonSerializable(typeof(NewAccessKey))]
[JsonSerializable(typeof(AccessKeyView))]
[JsonSerializable(typeof(JsonElement))]
internal sealed partial class WireJson : JsonSerializerContext;
