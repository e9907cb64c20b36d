namespace KnowledgePay.Learning.Ranking;

/// <summary>Something that was taken from a place of a list into which chance had put it.</summary>
/// <param name="Place">1 for the first.</param>
/// <param name="First">With <paramref name="Last"/>: the places among which chance chose, each as likely as the others.</param>
public readonly record struct RandomPlace(int Place, int First, int Last);

/// <summary>How much less a place is looked at the lower it is: <c>θ_k = k^(−η)</c> of the first (the propensity model of Joachims, Swaminathan and Schnabel 2017).</summary>
/// <param name="Exponent">η, 0 to <see cref="LargestExponent"/>; 0 where there is no sign of a bias.</param>
/// <param name="StandardError">Of η, the prior with it.</param>
/// <param name="Observations">What it was learned from.</param>
public readonly record struct PlaceBias(double Exponent, double StandardError, int Observations)
{
    public const double LargestExponent = 3;

    /// <summary>Weight of an interaction at most, so that a few from far down do not drown all others.</summary>
    public const double LargestWeight = 10;

    /// <summary>η is believed to be near 0 until there is more to go by: its prior deviation.</summary>
    private const double PriorDeviation = 0.5;

    private const int MostSteps = 50;

    /// <summary>
    /// η from places that chance chose: where what is there has nothing to do with the place, what is taken from place k is taken in proportion to θ_k, and
    /// <c>P(k | taken) = k^(−η) / Σ_j j^(−η)</c> over the places that it could have had. The posterior mode by Newton's method.
    /// </summary>
    public static PlaceBias Learn(ReadOnlySpan<RandomPlace> taken)
    {
        double exponent = 0, curvature = 0;
        for (int step = 0; step < MostSteps; step++)
        {
            double slope = -exponent / (PriorDeviation * PriorDeviation);
            curvature = 1 / (PriorDeviation * PriorDeviation);
            foreach (RandomPlace one in taken)
            {
                (double mean, double variance) = LogPlaces(one, exponent);
                slope += mean - Math.Log(one.Place);
                curvature += variance;
            }

            double next = Math.Clamp(exponent + (slope / curvature), 0, LargestExponent);
            if (Math.Abs(next - exponent) < 1e-9)
            {
                break;
            }

            exponent = next;
        }

        return new PlaceBias(exponent, 1 / Math.Sqrt(curvature), taken.Length);
    }

    /// <summary>How much something that was taken from a place counts: one over how much the place is looked at, beside the first.</summary>
    public float WeightOf(int place) => (float)Math.Min(LargestWeight, Math.Pow(place, Exponent));

    private static (double Mean, double Variance) LogPlaces(RandomPlace one, double exponent)
    {
        double sum = 0, first = 0, second = 0;
        for (int place = one.First; place <= one.Last; place++)
        {
            double log = Math.Log(place), share = Math.Exp(-exponent * log);
            sum += share;
            first += share * log;
            second += share * log * log;
        }

        double mean = first / sum;
        return (mean, (second / sum) - (mean * mean));
    }
}
