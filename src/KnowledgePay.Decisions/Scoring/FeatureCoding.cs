namespace KnowledgePay.Decisions.Scoring;

/// <summary>Turns a feature's value into one of at most 256 codes: the bin of a number, or the group of a category. Code 0 is a missing value.</summary>
/// <remarks>
/// A number has code 1 + (how many of <see cref="Bounds"/> lie below it): bin <c>k</c> holds <c>(bound[k−2], bound[k−1]]</c>.
/// A category comes as its level's index in a double; one beyond the table (a level that training did not see) has <see cref="UnseenCode"/>.
/// Trees are grown and walked on codes, so that a row falls the same way in training and in scoring.
/// </remarks>
public sealed class FeatureCoding
{
    public const int CodesMax = 256;

    private readonly double[] _bounds;
    private readonly byte[] _levelCodes;

    private FeatureCoding(double[] bounds, byte[] levelCodes, byte unseenCode, int codes)
    {
        (_bounds, _levelCodes, UnseenCode, Codes) = (bounds, levelCodes, unseenCode, codes);
    }

    /// <summary>Upper bounds of a number's bins, ascending; the last bin has none.</summary>
    public ReadOnlySpan<double> Bounds => _bounds;

    /// <summary>The code of each level of a category.</summary>
    public ReadOnlySpan<byte> LevelCodes => _levelCodes;

    public byte UnseenCode { get; }

    /// <summary>How many codes there are, with 0 for missing.</summary>
    public int Codes { get; }

    public bool IsCategorical => _levelCodes.Length > 0;

    public static FeatureCoding OfNumber(double[] bounds)
    {
        if (bounds.Length > CodesMax - 2)
        {
            throw new ArgumentOutOfRangeException(nameof(bounds), bounds.Length, $"expected at most {CodesMax - 2} bounds.");
        }

        for (int i = 0; i < bounds.Length; i++)
        {
            if (!double.IsFinite(bounds[i]) || (i > 0 && bounds[i] <= bounds[i - 1]))
            {
                throw new ArgumentException("expected finite bounds in ascending order.", nameof(bounds));
            }
        }

        return new FeatureCoding(bounds, [], 0, bounds.Length + 2);
    }

    /// <param name="levelCodes">A code from 1 for each level.</param>
    /// <param name="unseenCode">The code of a level that is not in the table.</param>
    public static FeatureCoding OfCategory(byte[] levelCodes, byte unseenCode)
    {
        if (levelCodes.Length == 0)
        {
            throw new ArgumentException("expected a level.", nameof(levelCodes));
        }

        return new FeatureCoding([], levelCodes, unseenCode, Math.Max(levelCodes.Max(), unseenCode) + 1);
    }

    public byte Code(double value)
    {
        if (double.IsNaN(value))
        {
            return 0;
        }

        if (_levelCodes.Length > 0)
        {
            return value >= 0 && value < _levelCodes.Length ? _levelCodes[(int)value] : UnseenCode;
        }

        // The first bound that is not below the value.
        ReadOnlySpan<double> bounds = _bounds;
        int low = 0;
        int high = bounds.Length;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (bounds[middle] < value)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return (byte)(low + 1);
    }
}
