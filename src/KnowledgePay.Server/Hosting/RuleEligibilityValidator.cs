using KnowledgePay.Decisions.Rules;

namespace KnowledgePay.Server.Hosting;

/// <summary>Compiles the rule, which is how the engine will run it.</summary>
public sealed class RuleEligibilityValidator : IEligibilityValidator
{
    public IReadOnlyList<(string Pointer, string Message)> Validate(string json) =>
        [.. RuleCompiler.Compile(json).Errors.Select(e => (e.Pointer, e.Message))];
}
