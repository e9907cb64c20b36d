namespace KnowledgePay.Decisions.Scoring;

/// <summary>A node of a flattened tree. A leaf has <see cref="Feature"/> −1.</summary>
/// <param name="Feature">The feature that decides, or −1.</param>
/// <param name="Threshold">Of a number: codes from 1 to this go left; 0 is missing and goes by <paramref name="MissingLeft"/>.</param>
/// <param name="MissingLeft">Whether a missing number goes left.</param>
/// <param name="CategorySet">Of a category: which set of codes (with that of missing) goes left; −1 for a number.</param>
/// <param name="Left">Index of the left child; the right one follows it.</param>
/// <param name="Value">What a leaf adds; of an inner node, the mean of its leaves by cover.</param>
/// <param name="Cover">Training weight that passed the node.</param>
public readonly record struct TreeNode(short Feature, byte Threshold, bool MissingLeft, int CategorySet, int Left, double Value, double Cover)
{
    public bool IsLeaf => Feature < 0;

    /// <summary>Where a split sends a row whose feature has a code.</summary>
    internal static bool GoesLeft(CodeSet[] categorySets, int categorySet, byte threshold, bool missingLeft, byte code) =>
        categorySet >= 0 ? categorySets[categorySet].Contains(code)
        : code == 0 ? missingLeft
        : code <= threshold;
}
