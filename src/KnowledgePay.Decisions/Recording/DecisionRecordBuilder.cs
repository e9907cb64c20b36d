using System.Collections.Immutable;
using System.Runtime.InteropServices;
using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Decisions;

namespace KnowledgePay.Decisions.Recording;

/// <summary>Makes a record of what it is told.</summary>
public struct DecisionRecordBuilder : IDecisionRecordWriter
{
    private DecisionRecord? _record;
    private NamedValue[] _inputs;
    private CandidateRecord[] _candidates;
    private Contribution[] _contributions;
    private RuleTrace[] _rules;
    private StageCount[] _stages;
    private int _input;
    private int _candidate;
    private int _contribution;
    private int _rule;
    private int _stage;
    private string _id;
    private double _score;

    public static DecisionRecord Of(IRecordedDecision decision)
    {
        var builder = new DecisionRecordBuilder { _inputs = [], _candidates = [], _contributions = [], _rules = [], _stages = [], _id = "" };
        decision.WriteTo(ref builder);
        return builder._record ?? throw new InvalidOperationException("The decision did not end its record.");
    }

    public void Begin(string decisionId, DecisionKind kind, string userId, DateTimeOffset at, long userSequence, ModelVersions modelVersions) => _record = new DecisionRecord
    {
        DecisionId = decisionId,
        Kind = kind,
        UserId = userId,
        At = at,
        UserSequence = userSequence,
        ModelVersions = modelVersions,
        Inputs = [],
        Candidates = [],
    };

    public void Inputs(int count) => _inputs = new NamedValue[count];

    public void Input(string name, double number) => _inputs[_input++] = new NamedValue(name, number);

    public void Input(string name, scoped ReadOnlySpan<char> text) => _inputs[_input++] = new NamedValue(name, text.ToString());

    public void Candidates(int count) => _candidates = new CandidateRecord[count];

    public void Candidate(scoped ReadOnlySpan<char> id, double score, int contributions) => (_id, _score, _contributions, _contribution) = (id.ToString(), score, new Contribution[contributions], 0);

    public void Contribution(string name, double value, double? input = null) => _contributions[_contribution++] = new Contribution(name, value, input);

    public void EndCandidate(double? propensity) => _candidates[_candidate++] = new CandidateRecord(_id, _score, Whole(_contributions, _contribution), propensity);

    public void Rules(int count) => _rules = new RuleTrace[count];

    public void Rule(string rule, scoped ReadOnlySpan<char> condition, scoped ReadOnlySpan<char> saw, bool passed) => Rule(new RuleTrace(rule, condition.ToString(), saw.ToString(), passed));

    public void Rule(in RuleTrace rule) => _rules[_rule++] = rule;

    public void Stages(int count) => _stages = new StageCount[count];

    public void Stage(string name, int left) => _stages[_stage++] = new StageCount(name, left);

    public void End(ImmutableArray<Reason> reasons, string outcome) => _record = _record! with
    {
        Inputs = Whole(_inputs, _input),
        Candidates = Whole(_candidates, _candidate),
        Rules = Whole(_rules, _rule),
        Stages = Whole(_stages, _stage),
        Reasons = reasons,
        Outcome = outcome,
    };

    /// <summary>A count that is not kept would make the stored record unreadable.</summary>
    private static ImmutableArray<T> Whole<T>(T[] items, int written) =>
        written == items.Length
            ? ImmutableCollectionsMarshal.AsImmutableArray(items)
            : throw new InvalidOperationException($"{items.Length} × {typeof(T).Name} were announced and {written} followed.");
}
