namespace KnowledgePay.Decisions.Recommending;

/// <summary>How co-occurrence counts become neighbour weights.</summary>
public enum SimilarityKernel : byte
{
    /// <summary>
    /// Half of the expected co-occurrence is taken off, what is left is sharpened and damped by the target's popularity:
    /// <c>y = n_ij − 0.5·d_i·d_j/N</c>, <c>k = y^q / (d_i + 100)^(0.2·q)</c>, weights of a source sum to 1.
    /// q is 3.5 from 1,000 people on and 2 for a handful (see <see cref="ItemSimilarity.ExponentFor"/>).
    /// </summary>
    Residual = 0,

    /// <summary>Salton's cosine: <c>n_ij / √(d_i·d_j)</c>, not normalised by source.</summary>
    Cosine = 1,

    /// <summary>
    /// The source document's §4.1.2: <c>r_ji / Σ_k r_kj</c>, each co-occurrence divided by the sum over the source's row.
    /// Its denominator √Σ(r_uj / Σ_k r_kj)² is the same for all courses that are ranked for one person, so it changes no ranking and is left out.
    /// </summary>
    SourceNormalised = 2,
}
