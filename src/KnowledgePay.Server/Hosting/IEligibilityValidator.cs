namespace KnowledgePay.Server.Hosting;

/// <summary>Says whether a product's eligibility is a rule that the engine can run.</summary>
public interface IEligibilityValidator
{
    /// <summary>What is wrong, by JSON pointer into the rule; empty when nothing is.</summary>
    IReadOnlyList<(string Pointer, string Message)> Validate(string json);
}
