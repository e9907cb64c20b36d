using System.Text.Json.Serialization;
using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Contracts.Events;
using KnowledgePay.Decisions.Profiles;
using KnowledgePay.Learning.Fairness;
using KnowledgePay.Server.Models;
using KnowledgePay.Storage;
using Microsoft.Extensions.Options;

namespace KnowledgePay.Server.Audits;

/// <summary>Compares what was decided about people of different gender and age, read off the journal; the last report is kept as a document.</summary>
/// <remarks>Groups are those of the moment of the decision, from the person's events folded again. People who have not said what they are belong to no group. Erased people are gone.</remarks>
public sealed class DecisionAuditor(IEngineStore store, JournalEvents journal, JournalReplay replay, IOptions<DecisionAuditOptions> options, TimeProvider time)
{
    /// <summary>A group with fewer decisions is not compared.</summary>
    public const int FewestDecisions = FairnessAudit.SmallGroupRows;

    /// <summary>What the report is kept under.</summary>
    public const string Name = "fairness";

    private const int Format = 1;
    private const int Draws = 1_000;

    private readonly KeptReport<DecisionAuditReport> _kept = new(store, Name, Format, AuditJson.Default.StoredReportDecisionAuditReport);

    /// <summary>The last report; null before the first audit.</summary>
    public Task<DecisionAuditReport?> Last(CancellationToken cancellation) => _kept.Last(cancellation);

    /// <summary>Audits now, and keeps the report.</summary>
    public async Task<DecisionAuditReport> Run(CancellationToken cancellation)
    {
        DateTimeOffset now = time.GetUtcNow(), from = now - options.Value.Window;
        var people = new SortedSet<long>();
        await foreach ((long stream, StoredEvent e) in journal.Read(_ => { }, cancellation))
        {
            if (e.ReceivedAt >= from && e.Data is CreditDecided or PriceQuoted)
            {
                people.Add(stream);
            }
        }

        var cases = new List<Case>();
        foreach (long stream in people)
        {
            await Read(stream, from, cases, cancellation);
        }

        var report = new DecisionAuditReport
        {
            At = now,
            From = from,
            Decisions = cases.Count,
            Compared =
            [
                .. from decision in (string[])["credit", "price"]
                   from attribute in (string[])[PersonGroups.Gender, PersonGroups.Age]
                   select Compare(decision, attribute, [.. cases.Where(one => one.Decision == decision)]),
            ],
        };
        await _kept.Keep(report, cancellation);
        return report;
    }

    private async Task Read(long stream, DateTimeOffset from, List<Case> cases, CancellationToken cancellation)
    {
        await foreach ((StoredEvent e, UserProfile profile) in replay.Of(stream, cancellation))
        {
            if (e.ReceivedAt >= from)
            {
                switch (e.Data)
                {
                    case CreditDecided credit:
                        cases.Add(new Case("credit", credit.Outcome != CreditOutcome.Declined, PersonGroups.Of(profile, e.ReceivedAt)));
                        break;
                    case PriceQuoted quoted:
                        cases.Add(new Case("price", quoted.Price.MinorUnits < quoted.ListPrice.MinorUnits, PersonGroups.Of(profile, e.ReceivedAt)));
                        break;
                    default:
                        break;
                }
            }
        }
    }

    private static AuditedAttribute Compare(string decision, string attribute, Case[] cases)
    {
        string?[] of = [.. cases.Select(one => one.Groups.Where(group => group.Kind == attribute).Select(group => group.Group).FirstOrDefault())];
        string[] names = [.. of.OfType<string>().Distinct().Order(StringComparer.Ordinal)];
        int[] groups = [.. of.Select(name => name is null ? -1 : Array.IndexOf(names, name))];
        bool[] favourable = [.. cases.Select(one => one.IsFavourable)];
        int[] counts = [.. names.Select((_, group) => groups.Count(one => one == group))];
        bool[] isLarge = [.. counts.Select(count => count >= FewestDecisions)];
        var warnings = new List<string>();
        if (groups.Count(group => group < 0) is > 0 and var unknown)
        {
            warnings.Add($"{unknown} of {cases.Length} decisions are about people who did not say.");
        }

        for (int group = 0; group < names.Length; group++)
        {
            if (!isLarge[group])
            {
                warnings.Add($"'{names[group]}' has {counts[group]} decisions and is not compared; expected at least {FewestDecisions}.");
            }
        }

        AttributeFairness? compared = isLarge.Count(large => large) < 2
            ? null
            : FairnessAudit.Compare(attribute, [.. groups.Select(group => group >= 0 && isLarge[group] ? group : -1)], names, new AuditedDecisions(favourable, favourable, null), Draws, seed: 1);
        return new AuditedAttribute(
            decision,
            attribute,
            [
                .. names.Select((name, group) => new AuditedGroup(
                    name,
                    counts[group],
                    Rounded((double)Enumerable.Range(0, groups.Length).Count(i => groups[i] == group && favourable[i]) / counts[group]),
                    compared?.Groups.FirstOrDefault(one => one.Group == name) is { } figures && double.IsFinite(figures.ImpactRatio) ? Rounded(figures.ImpactRatio) : null)),
            ],
            Figure(compared?.All.DisparateImpact),
            Figure(compared?.All.DemographicParityDifference),
            compared is null || double.IsNaN(compared.All.DisparateImpact.Value) ? null : compared.All.PassesFourFifths,
            warnings);
    }

    private static AuditedFigure? Figure(Estimate? estimate) =>
        estimate is { } one && double.IsFinite(one.Value) && double.IsFinite(one.Low) && double.IsFinite(one.High) ? new AuditedFigure(Rounded(one.Value), Rounded(one.Low), Rounded(one.High)) : null;

    private static double Rounded(double value) => Math.Round(value, 6);

    private sealed record Case(string Decision, bool IsFavourable, IReadOnlyList<(string Kind, string Group)> Groups);
}

[JsonSerializable(typeof(StoredReport<DecisionAuditReport>))]
[JsonSerializable(typeof(StoredReport<ModelWatchReport>))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class AuditJson : JsonSerializerContext;
