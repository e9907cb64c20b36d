using System.Collections.Immutable;
using KnowledgePay.Contracts;

namespace KnowledgePay.Server.Answers;

/// <summary>Makes the sentence of a reason.</summary>
public interface IReasonTexts
{
    string Render(Reason reason, SpokenLanguage language);
}

/// <summary>The reason's code as words, then what it names: readable where no better text is at hand.</summary>
public sealed class CodeReasonTexts : IReasonTexts
{
    public string Render(Reason reason, SpokenLanguage language)
    {
        string words = reason.Code.Replace('-', ' ');
        ImmutableArray<string> args = reason.Args.IsDefault ? [] : reason.Args;
        return args.IsEmpty ? words : $"{words}{(language == SpokenLanguage.Chinese ? "：" : ": ")}{string.Join(", ", args)}";
    }
}
