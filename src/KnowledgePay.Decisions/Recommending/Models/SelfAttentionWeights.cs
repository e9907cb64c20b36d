namespace KnowledgePay.Decisions.Recommending.Models;

/// <summary>One block: what is normalised goes to attention and is added, what is normalised again goes to two dense layers and is added.</summary>
/// <param name="Projection">d × 3d: queries, keys and values.</param>
/// <param name="Joining">d × d: from the heads back.</param>
/// <param name="Widening">d × inner.</param>
/// <param name="Narrowing">inner × d.</param>
public sealed record SelfAttentionBlock(
    float[] AttentionGain,
    float[] AttentionBias,
    float[] Projection,
    float[] ProjectionBias,
    float[] Joining,
    float[] JoiningBias,
    float[] InnerGain,
    float[] InnerBias,
    float[] Widening,
    float[] WideningBias,
    float[] Narrowing,
    float[] NarrowingBias)
{
    /// <summary>In the order of the constructor.</summary>
    public float[][] Arrays =>
        [AttentionGain, AttentionBias, Projection, ProjectionBias, Joining, JoiningBias, InnerGain, InnerBias, Widening, WideningBias, Narrowing, NarrowingBias];

    /// <summary>The reverse of <see cref="Arrays"/>.</summary>
    public static SelfAttentionBlock Of(ReadOnlySpan<float[]> a) => new(a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7], a[8], a[9], a[10], a[11]);
}

/// <summary>The weights of a self-attention network over items.</summary>
/// <param name="Heads">Parts of a vector that attend by themselves.</param>
/// <param name="Vectors">items × d; what an item is both where it was taken and where it is ranked.</param>
/// <param name="Places">window × d; added by the place in the history, the oldest of the window first.</param>
/// <param name="ItemBias">One for each item.</param>
public sealed record SelfAttentionWeights(int Heads, float[] Vectors, float[] Places, float[] ItemBias, float[] FinalGain, float[] FinalBias, SelfAttentionBlock[] Blocks)
{
    public const int ArraysOfBlock = 12;

    public int Items => ItemBias.Length;

    public int Dimensions => FinalGain.Length;

    /// <summary>Latest items of a history that are looked at.</summary>
    public int Window => Places.Length / Dimensions;

    public int Inner => Blocks[0].WideningBias.Length;

    /// <summary>What an item's vector is multiplied by before the first block, so that it is as large as a place's.</summary>
    public float VectorScale => MathF.Sqrt(Dimensions);

    /// <exception cref="ArgumentException">The shapes do not fit each other.</exception>
    public void Check()
    {
        int d = FinalGain.Length, inner = Blocks.Length == 0 ? 0 : Inner;
        bool fits = d > 0 && inner > 0 && Heads > 0 && d % Heads == 0 && Vectors.Length == (long)Items * d && Places.Length > 0 && Places.Length % d == 0 && FinalBias.Length == d;
        int[] lengths = [d, d, 3 * d * d, 3 * d, d * d, d, d, d, d * inner, inner, inner * d, d];
        foreach (SelfAttentionBlock block in Blocks)
        {
            fits &= block.Arrays.Select(array => array.Length).SequenceEqual(lengths);
        }

        if (!fits)
        {
            throw new ArgumentException("Self-attention weights whose shapes fit each other are expected.", nameof(Vectors));
        }
    }
}
