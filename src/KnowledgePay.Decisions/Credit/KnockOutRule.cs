using System.Collections.Immutable;
using System.Text.Json;
using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Decisions.Rules;

namespace KnowledgePay.Decisions.Credit;

/// <summary>A rule that decides by itself when it holds, whatever the score.</summary>
/// <param name="Code">The reason that is named.</param>
/// <param name="Outcome">Declined, or review.</param>
public sealed record KnockOutRule(string Code, CreditOutcome Outcome, CompiledRule When)
{
    /// <summary>
    /// Minimum legal age, defaulted loan, two charge-backs, three missed instalments. Somebody of unknown birth year passes (the lender establishes identity and age
    /// before it pays out); somebody who turns 18 in this calendar year goes to a person, since only the year is known.
    /// </summary>
    public const string DefaultJson =
        """
        [
          {"code":"credit-under-age","outcome":"declined","when":{"maxAge":17}},
          {"code":"credit-loan-defaulted","outcome":"declined","when":{"minDefaults":1}},
          {"code":"credit-chargebacks","outcome":"declined","when":{"minChargebacks":2}},
          {"code":"credit-missed-payments","outcome":"declined","when":{"minMissedInstallments":3}},
          {"code":"credit-age-unconfirmed","outcome":"review","when":{"minAge":18,"maxAge":18}}
        ]
        """;

    /// <summary>At most this many.</summary>
    public const int LargestCount = 50;

    /// <summary>Compiles a list of <c>{"code","outcome","when"}</c>; <c>outcome</c> is <c>declined</c> (the default) or <c>review</c>, <c>when</c> a rule.</summary>
    /// <param name="errors">What is wrong, by JSON pointer; empty when all is well.</param>
    public static ImmutableArray<KnockOutRule> Parse(string json, out ImmutableArray<RuleError> errors)
    {
        var rules = ImmutableArray.CreateBuilder<KnockOutRule>();
        var found = ImmutableArray.CreateBuilder<RuleError>();
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            if (document.RootElement.ValueKind != JsonValueKind.Array || document.RootElement.GetArrayLength() > LargestCount)
            {
                found.Add(new RuleError("", $"Expected a list of at most {LargestCount} rules."));
            }
            else
            {
                int index = 0;
                foreach (JsonElement item in document.RootElement.EnumerateArray())
                {
                    Read(item, $"/{index++}", rules, found);
                }
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            found.Add(new RuleError("", "Expected a JSON list of rules."));
        }

        errors = found.ToImmutable();
        return errors.IsEmpty ? rules.ToImmutable() : [];
    }

    private static void Read(JsonElement item, string pointer, ImmutableArray<KnockOutRule>.Builder rules, ImmutableArray<RuleError>.Builder errors)
    {
        if (item.ValueKind != JsonValueKind.Object
            || !item.TryGetProperty("code", out JsonElement code) || code.ValueKind != JsonValueKind.String || code.GetString() is not { Length: > 0 and <= 64 } name)
        {
            errors.Add(new RuleError(pointer + "/code", "Expected a reason code of 1 to 64 characters."));
            return;
        }

        string outcome = item.TryGetProperty("outcome", out JsonElement said) && said.ValueKind == JsonValueKind.String ? said.GetString()! : "declined";
        if (outcome is not ("declined" or "review"))
        {
            errors.Add(new RuleError(pointer + "/outcome", "Expected 'declined' or 'review'."));
            return;
        }

        if (!item.TryGetProperty("when", out JsonElement when))
        {
            errors.Add(new RuleError(pointer + "/when", "Expected a rule; it is missing."));
            return;
        }

        RuleCompilation compiled = RuleCompiler.Compile(when.GetRawText());
        foreach (RuleError error in compiled.Errors)
        {
            errors.Add(new RuleError(pointer + "/when" + error.Pointer, error.Message));
        }

        if (compiled.Succeeded)
        {
            rules.Add(new KnockOutRule(name, outcome == "review" ? CreditOutcome.Review : CreditOutcome.Declined, compiled.Rule));
        }
    }
}
