using KnowledgePay.Decisions.Scoring;

namespace KnowledgePay.Learning.Trees;

/// <summary>Training rows as codes, by column.</summary>
/// <param name="Codings">How each feature is coded in scoring.</param>
/// <param name="Ordered">Whether a feature's codes are in an order that a threshold can cut: numbers, and categories coded by their risk.</param>
/// <param name="Codes">By feature, then by row.</param>
public sealed record CodedColumns(IReadOnlyList<FeatureCoding> Codings, IReadOnlyList<bool> Ordered, byte[][] Codes)
{
    public int Features => Codes.Length;

    public int Rows => Codes[0].Length;
}
