using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Catalogue;
using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Contracts.Grains;
using KnowledgePay.Contracts.Partners;
using KnowledgePay.Contracts.People;
using KnowledgePay.Server.Apis;
using KnowledgePay.Server.Audits;
using KnowledgePay.Server.Events;
using KnowledgePay.Server.Models;
using KnowledgePay.Server.Problems;
using KnowledgePay.Server.Requests;

namespace KnowledgePay.Server.Answers;

/// <summary>How answers are written: one set of options a language, built once.</summary>
public static class AnswerJson
{
    private static JsonSerializerOptions[] _byLanguage = Build(new SpokenReasonTexts());

    /// <summary>Sets the reasons' texts; called once, while the host is built.</summary>
    public static void Use(IReasonTexts texts) => _byLanguage = Build(texts);

    public static JsonSerializerOptions Options(SpokenLanguage language) => _byLanguage[(int)language];

    /// <summary>The JSON conventions of every answer, put on any options.</summary>
    public static void Configure(JsonSerializerOptions options, IReasonTexts texts, SpokenLanguage language)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.CamelCase;
        options.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
        options.Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
        options.NumberHandling = JsonNumberHandling.Strict;
        options.Converters.Add(new ReasonConverter(texts, language));
        options.Converters.Add(new ModelVersionsConverter());
        options.Converters.Add(new UtcTimeConverter());
        options.Converters.Add(new FiniteNumberConverter());
        options.Converters.Add(new JsonStringEnumConverter<DecisionKind>(JsonNamingPolicy.CamelCase));
    }

    private static JsonSerializerOptions[] Build(IReasonTexts texts)
    {
        return [Make(SpokenLanguage.English), Make(SpokenLanguage.Chinese)];

        JsonSerializerOptions Make(SpokenLanguage language)
        {
            var options = new JsonSerializerOptions { TypeInfoResolver = AnswerTypes.Default };
            Configure(options, texts, language);
            options.MakeReadOnly();
            return options;
        }
    }
}

/// <summary>Source-generated metadata of all that is answered.</summary>
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(RecommendationAnswer))]
[JsonSerializable(typeof(PathAnswer))]
[JsonSerializable(typeof(PriceAnswer))]
[JsonSerializable(typeof(CreditAnswer))]
[JsonSerializable(typeof(OffersAnswer))]
[JsonSerializable(typeof(CheckoutAnswer))]
[JsonSerializable(typeof(DecisionRecord))]
[JsonSerializable(typeof(ReviewCase))]
[JsonSerializable(typeof(ReviewList))]
[JsonSerializable(typeof(UserView))]
[JsonSerializable(typeof(Consent))]
[JsonSerializable(typeof(Course))]
[JsonSerializable(typeof(CoursesPut))]
[JsonSerializable(typeof(CourseFigures))]
[JsonSerializable(typeof(Partner))]
[JsonSerializable(typeof(PartnerProduct))]
[JsonSerializable(typeof(ProductList))]
[JsonSerializable(typeof(RankingRuleView))]
[JsonSerializable(typeof(RankingRuleList))]
[JsonSerializable(typeof(EventsAnswer))]
[JsonSerializable(typeof(KeyView))]
[JsonSerializable(typeof(KeyMade))]
[JsonSerializable(typeof(KeyList))]
[JsonSerializable(typeof(ModelList))]
[JsonSerializable(typeof(ModelVersion))]
[JsonSerializable(typeof(TrainingRun))]
[JsonSerializable(typeof(TrialReport))]
[JsonSerializable(typeof(DecisionAuditReport))]
[JsonSerializable(typeof(ModelWatchReport))]
[JsonSerializable(typeof(HealthAnswer))]
[JsonSerializable(typeof(ProblemDocument))]
[JsonSerializable(typeof(ImmutableArray<Money>?))]
internal sealed partial class AnswerTypes : JsonSerializerContext;
