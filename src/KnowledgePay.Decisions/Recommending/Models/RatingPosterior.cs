using System.Numerics.Tensors;

namespace KnowledgePay.Decisions.Recommending.Models;

/// <summary>One draw of a biased factor model: <c>r = w₀ + b_u + b_i + p_u·q_i</c>. The last row of each side stands for whom or what training did not see.</summary>
/// <param name="UserRows">Bias, then factors, a user a row.</param>
/// <param name="ItemRows">Bias, then factors, an item a row.</param>
public sealed record RatingDraw(float Mean, float[] UserRows, float[] ItemRows);

/// <summary>Ratings as the mean over draws from the posterior of a factor model; a single draw is a point estimate.</summary>
public sealed class RatingPosterior
{
    private readonly int _width;

    /// <param name="dimensions">Factors; a row has one number more.</param>
    /// <param name="least">Least rating of the scale.</param>
    /// <param name="greatest">Greatest rating of the scale.</param>
    /// <exception cref="ArgumentException">There is no draw, or their shapes differ.</exception>
    public RatingPosterior(int users, int items, int dimensions, float least, float greatest, RatingDraw[] draws)
    {
        _width = dimensions + 1;
        if (draws.Length == 0 || draws.Any(draw => draw.UserRows.Length != (long)(users + 1) * _width || draw.ItemRows.Length != (long)(items + 1) * _width))
        {
            throw new ArgumentException("Draws of one shape are expected, with a row more than users and items.", nameof(draws));
        }

        (Users, Items, Dimensions, Least, Greatest, Draws) = (users, items, dimensions, least, greatest, draws);
    }

    public int Users { get; }

    public int Items { get; }

    public int Dimensions { get; }

    public float Least { get; }

    public float Greatest { get; }

    public RatingDraw[] Draws { get; }

    /// <summary>The expected rating, on the scale. An ordinal of −1 is someone or something that training did not see.</summary>
    public float Predict(int user, int item)
    {
        int u = user < 0 ? Users : user, i = item < 0 ? Items : item;
        double sum = 0;
        foreach (RatingDraw draw in Draws)
        {
            ReadOnlySpan<float> left = draw.UserRows.AsSpan(u * _width, _width), right = draw.ItemRows.AsSpan(i * _width, _width);
            float rating = draw.Mean + left[0] + right[0] + TensorPrimitives.Dot(left[1..], right[1..]);
            sum += Math.Clamp(rating, Least, Greatest);
        }

        return (float)(sum / Draws.Length);
    }
}
