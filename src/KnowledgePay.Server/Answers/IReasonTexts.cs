using KnowledgePay.Contracts;
using KnowledgePay.Decisions.Reasons;

namespace KnowledgePay.Server.Answers;

/// <summary>Makes the sentence of a reason.</summary>
public interface IReasonTexts
{
    string Render(Reason reason, SpokenLanguage language);
}

/// <summary>The engine's own sentences.</summary>
public sealed class SpokenReasonTexts : IReasonTexts
{
    public string Render(Reason reason, SpokenLanguage language) => ReasonTexts.Render(reason, language);
}
