namespace KnowledgePay.Learning.Interactions;

/// <summary>Least and greatest rating.</summary>
public sealed record RatingScale(double Least, double Greatest)
{
    /// <summary>Scales in use, narrowest first.</summary>
    private static readonly RatingScale[] Usual = [new(0, 1), new(0, 5), new(0, 10), new(-10, 10), new(0, 100)];

    /// <summary>Share of the ratings that a scale must hold to be taken for theirs.</summary>
    private const double EnoughShare = 0.9;

    public bool Holds(double rating) => rating >= Least && rating <= Greatest;

    public double Clip(double rating) => Math.Clamp(rating, Least, Greatest);

    /// <summary>
    /// The narrowest usual scale that holds nine in ten of the ratings, drawn in to the least and greatest of those that it holds; a rating beyond it is taken for a slip.
    /// Without such a scale, what is there. Null without ratings.
    /// </summary>
    public static RatingScale? Infer(ReadOnlySpan<float> ratings)
    {
        float least = float.PositiveInfinity, greatest = float.NegativeInfinity;
        Span<long> held = stackalloc long[Usual.Length];
        long count = 0;
        foreach (float rating in ratings)
        {
            if (float.IsNaN(rating))
            {
                continue;
            }

            count++;
            (least, greatest) = (Math.Min(least, rating), Math.Max(greatest, rating));
            for (int s = 0; s < Usual.Length; s++)
            {
                held[s] += Usual[s].Holds(rating) ? 1 : 0;
            }
        }

        if (count == 0)
        {
            return null;
        }

        for (int s = 0; s < Usual.Length; s++)
        {
            if (held[s] >= EnoughShare * count)
            {
                return Within(ratings, Usual[s]);
            }
        }

        return new RatingScale(least, greatest);
    }

    private static RatingScale Within(ReadOnlySpan<float> ratings, RatingScale usual)
    {
        double least = usual.Greatest, greatest = usual.Least;
        foreach (float rating in ratings)
        {
            if (usual.Holds(rating))
            {
                (least, greatest) = (Math.Min(least, rating), Math.Max(greatest, rating));
            }
        }

        return new RatingScale(least, greatest);
    }
}
