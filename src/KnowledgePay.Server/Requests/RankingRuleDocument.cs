using System.Text.Json;
using KnowledgePay.Contracts.Catalogue;
using KnowledgePay.Decisions.Rules;

namespace KnowledgePay.Server.Requests;

/// <summary>Reads a ranking rule, compiles both of its rules, and says everything that is wrong.</summary>
public static class RankingRuleDocument
{
    public const double LargestWeight = 10;
    public const int LastPosition = 100;

    public static RankingRule? Read(ref Utf8JsonReader reader, ReadOnlySpan<byte> body, RequestErrors errors, string pathId)
    {
        string? id = null, name = null, courses = null, when = null;
        RankingEffect? effect = null;
        RankingLabel? label = null;
        double? weight = null;
        long? position = null;
        DateTimeOffset? from = null, to = null;
        int before = errors.Count;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("id"u8)) id = JsonFields.Id(ref reader, errors, "/id");
            else if (reader.ValueTextEquals("name"u8)) name = JsonFields.Text(ref reader, errors, "/name", CatalogueDocuments.LongestName);
            else if (reader.ValueTextEquals("effect"u8)) effect = Effect(ref reader, errors);
            else if (reader.ValueTextEquals("courses"u8)) courses = JsonFields.RawObject(ref reader, body, errors, "/courses", CatalogueDocuments.LongestRuleBytes);
            else if (reader.ValueTextEquals("when"u8)) when = JsonFields.RawObject(ref reader, body, errors, "/when", CatalogueDocuments.LongestRuleBytes);
            else if (reader.ValueTextEquals("weight"u8)) weight = JsonFields.Number(ref reader, errors, "/weight", -LargestWeight, LargestWeight);
            else if (reader.ValueTextEquals("position"u8)) position = JsonFields.Whole(ref reader, errors, "/position", 1, LastPosition);
            else if (reader.ValueTextEquals("label"u8)) label = Label(ref reader, errors);
            else if (reader.ValueTextEquals("validFrom"u8)) from = JsonFields.Time(ref reader, errors, "/validFrom");
            else if (reader.ValueTextEquals("validTo"u8)) to = JsonFields.Time(ref reader, errors, "/validTo");
            else JsonFields.Skip(ref reader);
        }

        CatalogueDocuments.SameId(id, pathId, errors);
        if (name is null) errors.Require("/name");
        if (effect is null) errors.Require("/effect");
        if (courses is null) errors.Require("/courses");
        if (from >= to) errors.Add("/validTo", "must be after validFrom.");
        if (effect == RankingEffect.Boost && weight is null) errors.Require("/weight");
        if (weight == 0) errors.Add("/weight", "must not be 0: the rule would do nothing.");
        if (effect is RankingEffect.Hide or RankingEffect.Pin && weight is not null) errors.Add("/weight", "belongs to a boost.");
        if (effect == RankingEffect.Pin && position is null) errors.Require("/position");
        if (effect is RankingEffect.Hide or RankingEffect.Boost && position is not null) errors.Add("/position", "belongs to a pin.");
        if (label is not null && (effect == RankingEffect.Hide || weight < 0)) errors.Add("/label", "belongs to a rule that moves courses up.");
        Compile(courses, RuleUse.Courses, "/courses", errors);
        Compile(when, RuleUse.Ranking, "/when", errors);
        if (errors.Count != before)
        {
            return null;
        }

        return new RankingRule
        {
            Id = pathId,
            Name = name!,
            Effect = effect!.Value,
            Courses = courses!,
            When = when ?? "{}",
            Weight = weight,
            Position = (int?)position,
            Label = effect == RankingEffect.Hide || weight < 0 ? null : label ?? RankingLabel.EditorsChoice,
            ValidFrom = from,
            ValidTo = to,
        };
    }

    private static void Compile(string? rule, RuleUse use, string pointer, RequestErrors errors)
    {
        foreach (RuleError wrong in rule is null ? [] : RuleCompiler.Compile(rule, use).Errors)
        {
            errors.Add(pointer + wrong.Pointer, wrong.Message);
        }
    }

    private static RankingEffect? Effect(ref Utf8JsonReader reader, RequestErrors errors)
    {
        switch (JsonFields.Text(ref reader, errors, "/effect", 20))
        {
            case "hide": return RankingEffect.Hide;
            case "boost": return RankingEffect.Boost;
            case "pin": return RankingEffect.Pin;
            case null: return null;
            default: errors.Add("/effect", "must be hide, boost or pin."); return null;
        }
    }

    private static RankingLabel? Label(ref Utf8JsonReader reader, RequestErrors errors)
    {
        switch (JsonFields.Text(ref reader, errors, "/label", 20))
        {
            case "editors-choice": return RankingLabel.EditorsChoice;
            case "sponsored": return RankingLabel.Sponsored;
            case null: return null;
            default: errors.Add("/label", "must be editors-choice or sponsored."); return null;
        }
    }
}
