using System.Collections.Immutable;
using System.Text.Json;
using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Catalogue;
using KnowledgePay.Contracts.Partners;

namespace KnowledgePay.Server.Requests;

/// <summary>Reads courses, partners and products, and says everything that is wrong with them.</summary>
public static class CatalogueDocuments
{
    public const int LongestTitle = 500;
    public const int LongestDescription = 20_000;
    public const int LongestName = 200;
    public const int LongestLabel = 100;
    public const int MostTags = 100;
    public const int MostConcepts = 500;
    public const int MostPrerequisites = 100;
    public const int LongestRuleBytes = 16_384;
    public const int LongestLanguage = 35;
    public const int LongestCourseMinutes = 1_000_000;

    /// <param name="pathId">The id in the path, which the document's must equal where it has one; null where the document's own id is what counts.</param>
    public static Course? Course(ref Utf8JsonReader reader, RequestErrors errors, string? pathId)
    {
        string? id = null, title = null, description = null, category = null, language = null, instructor = null, level = null;
        ImmutableArray<string>? tags = null, prerequisites = null, concepts = null;
        Money? list = null, floor = null, marginal = null, partnerValue = null;
        long? minutes = null;
        DateTimeOffset? published = null;
        CourseEmbeddings? embeddings = null;
        int before = errors.Count;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("id"u8)) id = JsonFields.Id(ref reader, errors, "/id");
            else if (reader.ValueTextEquals("title"u8)) title = JsonFields.Text(ref reader, errors, "/title", LongestTitle);
            else if (reader.ValueTextEquals("description"u8)) description = JsonFields.Text(ref reader, errors, "/description", LongestDescription, 0);
            else if (reader.ValueTextEquals("category"u8)) category = JsonFields.Text(ref reader, errors, "/category", LongestName);
            else if (reader.ValueTextEquals("tags"u8)) tags = JsonFields.Texts(ref reader, errors, "/tags", MostTags, LongestLabel);
            else if (reader.ValueTextEquals("language"u8)) language = JsonFields.Text(ref reader, errors, "/language", LongestLanguage);
            else if (reader.ValueTextEquals("instructor"u8)) instructor = JsonFields.Text(ref reader, errors, "/instructor", LongestTitle);
            else if (reader.ValueTextEquals("level"u8)) level = JsonFields.Text(ref reader, errors, "/level", LongestLabel);
            else if (reader.ValueTextEquals("listPrice"u8)) list = MoneyField.Read(ref reader, errors, "/listPrice");
            else if (reader.ValueTextEquals("floorPrice"u8)) floor = MoneyField.Read(ref reader, errors, "/floorPrice");
            else if (reader.ValueTextEquals("marginalCost"u8)) marginal = MoneyField.Read(ref reader, errors, "/marginalCost");
            else if (reader.ValueTextEquals("partnerValue"u8)) partnerValue = MoneyField.Read(ref reader, errors, "/partnerValue");
            else if (reader.ValueTextEquals("durationMinutes"u8)) minutes = JsonFields.Whole(ref reader, errors, "/durationMinutes", 0, LongestCourseMinutes);
            else if (reader.ValueTextEquals("prerequisites"u8)) prerequisites = JsonFields.Texts(ref reader, errors, "/prerequisites", MostPrerequisites, LongestName);
            else if (reader.ValueTextEquals("concepts"u8)) concepts = JsonFields.Texts(ref reader, errors, "/concepts", MostConcepts, LongestName);
            else if (reader.ValueTextEquals("publishedAt"u8)) published = JsonFields.Time(ref reader, errors, "/publishedAt");
            else if (reader.ValueTextEquals("embeddings"u8)) embeddings = Embeddings(ref reader, errors);
            else JsonFields.Skip(ref reader);
        }

        id = SameId(id, pathId, errors);
        if (title is null) errors.Require("/title");
        if (list is null) errors.Require("/listPrice");
        CheckAgainstList(errors, "/floorPrice", floor, list, atMost: true);
        CheckAgainstList(errors, "/marginalCost", marginal, list, atMost: false);
        CheckAgainstList(errors, "/partnerValue", partnerValue, list, atMost: false);
        if (errors.Count != before)
        {
            return null;
        }

        return new Course
        {
            Id = id!,
            Title = title!,
            Description = description,
            Category = category,
            Tags = tags ?? [],
            Language = language,
            Instructor = instructor,
            Level = level,
            ListPrice = list!.Value,
            FloorPrice = floor,
            MarginalCost = marginal,
            PartnerValue = partnerValue,
            DurationMinutes = (int?)minutes,
            Prerequisites = prerequisites ?? [],
            Concepts = concepts ?? [],
            PublishedAt = published,
            Embeddings = embeddings,
        };
    }

    public static Partner? Partner(ref Utf8JsonReader reader, RequestErrors errors, string pathId)
    {
        string? id = null, name = null, contact = null;
        int before = errors.Count;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("id"u8)) id = JsonFields.Id(ref reader, errors, "/id");
            else if (reader.ValueTextEquals("name"u8)) name = JsonFields.Text(ref reader, errors, "/name", LongestName);
            else if (reader.ValueTextEquals("contact"u8)) contact = JsonFields.Text(ref reader, errors, "/contact", LongestTitle);
            else JsonFields.Skip(ref reader);
        }

        id = SameId(id, pathId, errors);
        if (name is null) errors.Require("/name");
        return errors.Count == before ? new Partner { Id = id!, Name = name!, Contact = contact } : null;
    }

    public static PartnerProduct? Product(ref Utf8JsonReader reader, ReadOnlySpan<byte> body, RequestErrors errors, string partnerId, string productId)
    {
        string? id = null, partner = null, name = null, terms = null, eligibility = null;
        ProductKind? kind = null;
        ImmutableArray<string>? channels = null;
        Money? budget = null;
        DateTimeOffset? from = null, to = null;
        int before = errors.Count;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("id"u8)) id = JsonFields.Id(ref reader, errors, "/id");
            else if (reader.ValueTextEquals("partnerId"u8)) partner = JsonFields.Id(ref reader, errors, "/partnerId");
            else if (reader.ValueTextEquals("kind"u8)) kind = Kind(ref reader, errors);
            else if (reader.ValueTextEquals("name"u8)) name = JsonFields.Text(ref reader, errors, "/name", LongestName);
            else if (reader.ValueTextEquals("terms"u8)) terms = JsonFields.RawObject(ref reader, body, errors, "/terms", LongestRuleBytes);
            else if (reader.ValueTextEquals("eligibility"u8)) eligibility = JsonFields.RawObject(ref reader, body, errors, "/eligibility", LongestRuleBytes);
            else if (reader.ValueTextEquals("channels"u8)) channels = JsonFields.Texts(ref reader, errors, "/channels", 32, 64);
            else if (reader.ValueTextEquals("budget"u8)) budget = MoneyField.Read(ref reader, errors, "/budget");
            else if (reader.ValueTextEquals("validFrom"u8)) from = JsonFields.Time(ref reader, errors, "/validFrom");
            else if (reader.ValueTextEquals("validTo"u8)) to = JsonFields.Time(ref reader, errors, "/validTo");
            else JsonFields.Skip(ref reader);
        }

        SameId(id, productId, errors);
        if (partner is not null && partner != partnerId) errors.Add("/partnerId", $"must be {RequestErrors.Quote(partnerId)}, as in the path.");
        if (kind is null) errors.Require("/kind");
        if (name is null) errors.Require("/name");
        if (terms is null) errors.Require("/terms");
        if (eligibility is null) errors.Require("/eligibility");
        if (from >= to) errors.Add("/validTo", "must be after validFrom.");
        if (errors.Count != before)
        {
            return null;
        }

        return new PartnerProduct
        {
            Id = productId,
            PartnerId = partnerId,
            Kind = kind!.Value,
            Name = name!,
            Terms = terms!,
            Eligibility = eligibility!,
            Channels = channels ?? [],
            Budget = budget,
            ValidFrom = from,
            ValidTo = to,
        };
    }

    private static ProductKind? Kind(ref Utf8JsonReader reader, RequestErrors errors)
    {
        switch (JsonFields.Text(ref reader, errors, "/kind", 20))
        {
            case "membership": return ProductKind.Membership;
            case "loan": return ProductKind.Loan;
            case "insurance": return ProductKind.Insurance;
            case null: return null;
            default: errors.Add("/kind", "must be membership, loan or insurance."); return null;
        }
    }

    private static CourseEmbeddings? Embeddings(ref Utf8JsonReader reader, RequestErrors errors)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null)
        {
            return null;
        }

        if (reader.TokenType != JsonTokenType.StartObject)
        {
            JsonFields.WrongType(ref reader, errors, "/embeddings", "an object with text, image or audio");
            return null;
        }

        ImmutableArray<float>? text = null, image = null, audio = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("text"u8)) text = JsonFields.Vector(ref reader, errors, "/embeddings/text");
            else if (reader.ValueTextEquals("image"u8)) image = JsonFields.Vector(ref reader, errors, "/embeddings/image");
            else if (reader.ValueTextEquals("audio"u8)) audio = JsonFields.Vector(ref reader, errors, "/embeddings/audio");
            else JsonFields.Skip(ref reader);
        }

        return new CourseEmbeddings { Text = text, Image = image, Audio = audio };
    }

    /// <summary>The id in the path; where the document says another, that is an error. Without one in the path the document's own, which then must be there.</summary>
    internal static string? SameId(string? id, string? pathId, RequestErrors errors)
    {
        if (pathId is null)
        {
            if (id is null) errors.Require("/id");
            return id;
        }

        if (id is not null && id != pathId)
        {
            errors.Add("/id", $"must be {RequestErrors.Quote(pathId)}, as in the path, or be left out.");
        }

        return pathId;
    }

    private static void CheckAgainstList(RequestErrors errors, string pointer, Money? amount, Money? list, bool atMost)
    {
        if (amount is not { } a || list is not { } l)
        {
            return;
        }

        if (a.Currency != l.Currency)
        {
            errors.Add(pointer + "/currency", $"must be {l.Currency}, as in listPrice.");
        }
        else if (atMost && a > l)
        {
            errors.Add(pointer + "/minorUnits", "must be at most the list price.");
        }
    }
}
