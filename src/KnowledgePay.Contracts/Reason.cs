using System.Collections.Immutable;

namespace KnowledgePay.Contracts;

/// <summary>Why something was decided: a stable code and its arguments; the text is made when a person reads it.</summary>
/// <param name="Code">Stable kebab-case code, for example <c>because-you-finished</c>.</param>
/// <param name="Args">What the code's sentence names (course titles, amounts), in the sentence's order.</param>
[GenerateSerializer, Immutable, Alias("kp.Reason")]
public sealed record Reason([property: Id(0)] string Code, [property: Id(1)] ImmutableArray<string> Args)
{
    public Reason(string code)
        : this(code, [])
    {
    }

    public static Reason Of(string code, params ImmutableArray<string> args) => new(code, args);
}

/// <summary>The languages that the engine speaks to people.</summary>
public enum SpokenLanguage : byte
{
    English = 0,
    Chinese = 1,
}
