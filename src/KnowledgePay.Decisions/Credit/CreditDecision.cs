using System.Collections.Immutable;
using KnowledgePay.Contracts.Decisions;

namespace KnowledgePay.Decisions.Credit;

/// <summary>A credit decision and everything that made it. Holds nothing that changes later.</summary>
public sealed class CreditDecision
{
    private readonly Evidence _evidence;
    private DecisionRecord? _record;

    internal CreditDecision(CreditAnswer answer, int? aprBasisPoints, Evidence evidence)
    {
        Answer = answer;
        AprBasisPoints = aprBasisPoints;
        _evidence = evidence;
    }

    public CreditAnswer Answer { get; }

    /// <summary>The annual rate of an approval, or what a review would be approved at; null for a decline.</summary>
    public int? AprBasisPoints { get; }

    /// <summary>The partner and product that were asked for; null when none was.</summary>
    public string? PartnerId => _evidence.PartnerId;

    public string? ProductId => _evidence.Request.ProductId;

    /// <summary>The stored record, built when first asked for.</summary>
    public DecisionRecord Record => _record ??= _evidence.ToRecord(Answer);

    /// <summary>What the decision saw, copied when it was made.</summary>
    internal sealed class Evidence
    {
        public required CreditRequest Request { get; init; }
        public required string? PartnerId { get; init; }
        public required DateTimeOffset At { get; init; }
        public required long UserSequence { get; init; }
        public required CreditScorecard Scorecard { get; init; }
        public required double[] Values { get; init; }
        public required int[] Points { get; init; }
        public required ImmutableArray<RuleTrace> Rules { get; init; }
        public required string? IncomeBand { get; init; }
        public required bool IsThinFile { get; init; }
        public required ScoreBand? Band { get; init; }
        public required int? AprBasisPoints { get; init; }
        public required Affordability? Affordability { get; init; }

        public DecisionRecord ToRecord(CreditAnswer answer)
        {
            var inputs = ImmutableArray.CreateBuilder<NamedValue>();
            inputs.Add(new("amountMinorUnits", (double)Request.Amount.MinorUnits));
            inputs.Add(new("currency", Request.Amount.Currency));
            inputs.Add(new("termMonths", (double)Request.TermMonths));
            inputs.Add(new("partnerId", PartnerId));
            inputs.Add(new("productId", Request.ProductId));
            inputs.Add(new("courseId", Request.CourseId));
            inputs.Add(new("incomeBand", IncomeBand));
            inputs.Add(new("thinFile", IsThinFile ? "true" : "false"));
            inputs.Add(new("band", Band?.Name));
            if (AprBasisPoints is { } apr)
            {
                inputs.Add(new("aprBasisPoints", (double)apr));
            }

            Affordability?.AddTo(inputs);
            var contributions = ImmutableArray.CreateBuilder<Contribution>(Points.Length + 1);
            contributions.Add(new("base", Scorecard.BasePoints));
            for (int i = 0; i < Points.Length; i++)
            {
                ScoreAttribute attribute = Scorecard.Attributes[i];
                double value = Values[i];
                inputs.Add(double.IsNaN(value) ? new(attribute.Name, (string?)null) : new NamedValue(attribute.Name, value));
                inputs.Add(new("bin." + attribute.Name, attribute.Describe(value)));
                contributions.Add(new(attribute.Name, Points[i], double.IsNaN(value) ? null : value));
            }

            return new DecisionRecord
            {
                DecisionId = answer.DecisionId,
                Kind = DecisionKind.Credit,
                UserId = Request.UserId,
                At = At,
                UserSequence = UserSequence,
                ModelVersions = answer.ModelVersions,
                Inputs = inputs.ToImmutable(),
                Candidates = [new CandidateRecord("credit", answer.Score, contributions.MoveToImmutable(), null)],
                Rules = Rules,
                Reasons = answer.Reasons,
                Outcome = NameOf(answer.Outcome),
            };
        }
    }

    internal static string NameOf(CreditOutcome outcome) => outcome switch
    {
        CreditOutcome.Approved => "approved",
        CreditOutcome.Review => "review",
        _ => "declined",
    };
}
