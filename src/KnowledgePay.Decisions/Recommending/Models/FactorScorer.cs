using System.Buffers;
using System.Numerics.Tensors;

namespace KnowledgePay.Decisions.Recommending.Models;

/// <summary>Implicit matrix factorisation (Hu, Koren and Volinsky 2008, in the form of Rendle et al. 2022): a person's vector is one least-squares solve over the history.</summary>
/// <remarks>
/// <c>p = (Σ_i y_i·y_iᵀ + α₀·YᵀY + λ(h + α₀·n)^ν·I)⁻¹ Σ_i y_i</c>, and a score is <c>p·y_j</c>: the same solve that learning ends with.
/// h·d²/2 + d³/6 multiply-adds for the vector, n·d for all scores.
/// </remarks>
public sealed class FactorScorer : IHistoryScorer
{
    private readonly float[] _gram;

    /// <param name="factors">y, an item a row.</param>
    /// <param name="dimensions">d, a multiple of <see cref="NormalEquations.DimensionStep"/>.</param>
    public FactorScorer(float[] factors, int dimensions, float unobservedWeight, float regularisation, float frequencyPower)
    {
        if (dimensions <= 0 || dimensions % NormalEquations.DimensionStep != 0 || factors.Length % dimensions != 0)
        {
            throw new ArgumentException($"Whole rows of a multiple of {NormalEquations.DimensionStep} dimensions are expected.", nameof(factors));
        }

        (Factors, Dimensions, UnobservedWeight, Regularisation, FrequencyPower) = (factors, dimensions, unobservedWeight, regularisation, frequencyPower);
        _gram = WeightedGram(factors, dimensions, unobservedWeight);
    }

    public int Items => Factors.Length / Dimensions;

    public float[] Factors { get; }

    public int Dimensions { get; }

    /// <summary>α₀, the weight of a pair that was not observed; an observed one has 1.</summary>
    public float UnobservedWeight { get; }

    /// <summary>λ.</summary>
    public float Regularisation { get; }

    /// <summary>ν.</summary>
    public float FrequencyPower { get; }

    public ReadOnlySpan<float> FactorsOf(int item) => Factors.AsSpan(item * Dimensions, Dimensions);

    public void Score(ReadOnlySpan<HistoryEntry> history, Span<float> scores)
    {
        Span<float> person = stackalloc float[Dimensions];
        FoldIn(history, person);
        scores.Clear();
        RowProducts.Add(Factors, person, scores);
    }

    /// <summary>Writes the vector of whoever has this history.</summary>
    public void FoldIn(ReadOnlySpan<HistoryEntry> history, Span<float> person)
    {
        int d = Dimensions;
        float[] rented = ArrayPool<float>.Shared.Rent((history.Length * d) + (d * d));
        Span<float> rows = rented.AsSpan(0, history.Length * d), system = rented.AsSpan(rows.Length, d * d);
        for (int k = 0; k < history.Length; k++)
        {
            FactorsOf(history[k].Item).CopyTo(rows[(k * d)..]);
        }

        SolveOne(_gram, rows, system, person, Penalty(Regularisation, FrequencyPower, UnobservedWeight, history.Length, Items));
        ArrayPool<float>.Shared.Return(rented);
    }

    /// <summary>λ(h + α₀·n)^ν for one row of h observations against n others.</summary>
    public static float Penalty(float regularisation, float frequencyPower, float unobservedWeight, int observed, int others) =>
        regularisation * MathF.Pow(observed + (unobservedWeight * others), frequencyPower);

    /// <summary>One least-squares solve: <c>(gram + Σ y·yᵀ + (penalty + pull)·I) x = Σ t·y + pull·anchor</c>.</summary>
    /// <param name="system">Scratch, d × d.</param>
    /// <param name="targets">t of each row; none when all are 1.</param>
    /// <param name="anchor">Where x is drawn to; none for nowhere, and then <paramref name="pull"/> does nothing.</param>
    public static void SolveOne(ReadOnlySpan<float> gram, ReadOnlySpan<float> rows, Span<float> system, Span<float> x, float penalty, ReadOnlySpan<float> targets = default, ReadOnlySpan<float> anchor = default, float pull = 0)
    {
        int d = x.Length;
        gram.CopyTo(system);
        NormalEquations.AddOuterProducts(system, rows, d);
        x.Clear();
        for (int at = 0; at < rows.Length; at += d)
        {
            TensorPrimitives.MultiplyAdd(rows.Slice(at, d), targets.IsEmpty ? 1f : targets[at / d], x, x);
        }

        if (anchor.IsEmpty)
        {
            pull = 0;
        }
        else
        {
            TensorPrimitives.MultiplyAdd(anchor, pull, x, x);
        }

        for (int k = 0; k < d; k++)
        {
            system[(k * d) + k] += penalty + pull;
        }

        if (!NormalEquations.Solve(system, x))
        {
            x.Clear();
        }
    }

    /// <summary><c>weight · YᵀY</c>, summed in a fixed order.</summary>
    public static float[] WeightedGram(float[] factors, int dimensions, float weight)
    {
        var gram = new float[dimensions * dimensions];
        const int Chunk = 256;
        for (int at = 0; at < factors.Length; at += Chunk * dimensions)
        {
            NormalEquations.AddOuterProducts(gram, factors.AsSpan(at, Math.Min(Chunk * dimensions, factors.Length - at)), dimensions);
        }

        TensorPrimitives.Multiply(gram, weight, gram);
        return gram;
    }
}
