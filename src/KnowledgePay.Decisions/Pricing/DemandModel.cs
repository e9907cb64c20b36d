using KnowledgePay.Decisions.Projections;

namespace KnowledgePay.Decisions.Pricing;

/// <summary>A course's demand curve: logit P(buy | price) = <see cref="Intercept"/> − <see cref="Slope"/>·ln(price/reference).</summary>
/// <param name="Intercept">Log-odds of a purchase at the reference price.</param>
/// <param name="Slope">Fall of the log-odds for a price e times as high; at least <see cref="DemandModel.SmallestSlope"/>.</param>
/// <param name="Quotes">Quotes that it was learned from.</param>
/// <param name="Bought">Quotes of these that were bought.</param>
/// <param name="Steps">Newton steps that were taken.</param>
/// <param name="Converged">Whether the last step was below the tolerance.</param>
/// <param name="InterceptCurvature">Curvature of the negative log posterior at the mode (its inverse is the Laplace covariance).</param>
/// <param name="CrossCurvature">As above, intercept by slope.</param>
/// <param name="SlopeCurvature">As above, slope by slope.</param>
/// <param name="Key">What it was estimated from; see <see cref="DemandKey"/>.</param>
public readonly record struct DemandEstimate(
    double Intercept, double Slope, long Quotes, long Bought, int Steps, bool Converged,
    double InterceptCurvature, double CrossCurvature, double SlopeCurvature, DemandKey Key)
{
    /// <summary>Purchase probability at a price, given as ln(price/reference).</summary>
    public double Probability(double logRelativePrice) => DemandModel.Probability(Intercept - (Slope * logRelativePrice));
}

/// <summary>What an estimate depends on. An estimate that carries the same key need not be made again.</summary>
/// <param name="Counts">64-bit FNV-1a hash of the counts by rung.</param>
public readonly record struct DemandKey(DemandPrior Prior, double LogReference, ulong Counts);

/// <summary>Purchase probability by price, learned from a course's quotes: Bayesian logistic regression with two parameters, at its posterior mode.</summary>
/// <remarks>
/// The negative log posterior is strictly convex (binomial likelihood, normal prior), so damped Newton steps reach its one minimum from
/// anywhere (Boyd and Vandenberghe, Convex Optimization, 9.5). No randomness: the same counts give the same estimate to the bit.
/// </remarks>
public static class DemandModel
{
    public const string Version = "logit-1";

    /// <summary>Demand that rises with the price is noise: a learned slope does not go below this.</summary>
    public const double SmallestSlope = 0.05;

    private const int StepsMax = 50;
    private const int HalvingsMax = 40;
    /// <summary>Of the Newton decrement, relative to the loss and the quotes that it sums over: what floating point can still tell.</summary>
    private const double Tolerance = 1e-14;

    private static readonly double[] LogOfRung = MakeLogs();

    /// <summary>Logistic function, safe for any argument.</summary>
    public static double Probability(double logit)
    {
        if (logit >= 0)
        {
            return 1 / (1 + Math.Exp(-logit));
        }

        double e = Math.Exp(logit);
        return e / (1 + e);
    }

    /// <summary>As <see cref="Estimate(in DemandPrior, double, ReadOnlySpan{int}, ReadOnlySpan{int})"/>, but answers <paramref name="cached"/> when it was made from the same, and replaces it when not.</summary>
    public static DemandEstimate Estimate(in DemandPrior prior, double logReference, ReadOnlySpan<int> shown, ReadOnlySpan<int> bought, ref DemandEstimate cached)
    {
        if (cached.Converged && cached.Key == new DemandKey(prior, logReference, Hash(shown, bought)))
        {
            return cached;
        }

        return cached = Estimate(prior, logReference, shown, bought);
    }

    /// <param name="logReference">ln(reference price/list price), see <see cref="MarketReference.LogRatio"/>.</param>
    /// <param name="shown">Quotes by rung; at most <see cref="PriceLadder.Rungs"/>, empty for none.</param>
    /// <param name="bought">Purchases by rung. More than were shown count as all that were shown.</param>
    public static DemandEstimate Estimate(in DemandPrior prior, double logReference, ReadOnlySpan<int> shown, ReadOnlySpan<int> bought)
    {
        Span<double> n = stackalloc double[PriceLadder.Rungs];
        Span<double> k = stackalloc double[PriceLadder.Rungs];
        Span<double> x = stackalloc double[PriceLadder.Rungs];
        int count = 0;
        long quotes = 0;
        long purchases = 0;
        for (int rung = 0; rung < Math.Min(shown.Length, PriceLadder.Rungs); rung++)
        {
            int seen = shown[rung];
            if (seen > 0)
            {
                int taken = rung < bought.Length ? Math.Clamp(bought[rung], 0, seen) : 0;
                n[count] = seen;
                k[count] = taken;
                x[count++] = LogOfRung[rung] - logReference;
                quotes += seen;
                purchases += taken;
            }
        }

        n = n[..count];
        k = k[..count];
        x = x[..count];
        var key = new DemandKey(prior, logReference, Hash(shown, bought));
        double a = prior.Intercept;
        double b = prior.Slope;
        (double haa, double hab, double hbb) = (prior.InterceptPrecision, 0, prior.SlopePrecision);
        int steps = 0;
        bool converged = count == 0;
        double loss = Loss(prior, n, k, x, a, b);
        while (!converged && steps < StepsMax)
        {
            steps++;
            double ga = prior.InterceptPrecision * (a - prior.Intercept);
            double gb = prior.SlopePrecision * (b - prior.Slope);
            (haa, hab, hbb) = (prior.InterceptPrecision, 0, prior.SlopePrecision);
            for (int i = 0; i < n.Length; i++)
            {
                double p = Probability(a - (b * x[i]));
                double residual = (n[i] * p) - k[i];
                double w = n[i] * p * (1 - p);
                ga += residual;
                gb -= x[i] * residual;
                haa += w;
                hab -= w * x[i];
                hbb += w * x[i] * x[i];
            }

            double determinant = (haa * hbb) - (hab * hab);
            double da = -((hbb * ga) - (hab * gb)) / determinant;
            double db = -((haa * gb) - (hab * ga)) / determinant;
            converged = -((ga * da) + (gb * db)) <= Tolerance * (1 + Math.Abs(loss) + quotes);
            double step = 1;
            for (int halving = 0; ; halving++, step /= 2)
            {
                double next = Loss(prior, n, k, x, a + (step * da), b + (step * db));
                if (next <= loss)
                {
                    loss = next;
                    a += step * da;
                    b += step * db;
                    break;
                }

                if (halving == HalvingsMax)
                {
                    // No step lowers the loss any further in floating point: this is the minimum.
                    converged = true;
                    break;
                }
            }
        }

        return new DemandEstimate(a, Math.Max(b, SmallestSlope), quotes, purchases, steps, converged, haa, hab, hbb, key);
    }

    /// <summary>Negative log posterior of intercept and slope, without its constant; what <see cref="Estimate(in DemandPrior, double, ReadOnlySpan{int}, ReadOnlySpan{int})"/> minimises.</summary>
    public static double Loss(in DemandPrior prior, ReadOnlySpan<double> shown, ReadOnlySpan<double> bought, ReadOnlySpan<double> logRelativePrice, double intercept, double slope)
    {
        double da = intercept - prior.Intercept;
        double db = slope - prior.Slope;
        double loss = 0.5 * ((prior.InterceptPrecision * da * da) + (prior.SlopePrecision * db * db));
        for (int i = 0; i < shown.Length; i++)
        {
            double logit = intercept - (slope * logRelativePrice[i]);
            double softplus = Math.Max(logit, 0) + Math.Log(1 + Math.Exp(-Math.Abs(logit)));
            loss += (shown[i] * softplus) - (bought[i] * logit);
        }

        return loss;
    }

    /// <summary>ln(1 − 0.05·rung).</summary>
    public static double LogRelativeToList(int rung) => LogOfRung[rung];

    private static double[] MakeLogs()
    {
        var logs = new double[CourseAggregate.Rungs];
        for (int rung = 0; rung < logs.Length; rung++)
        {
            logs[rung] = Math.Log(1 - (0.05 * rung));
        }

        return logs;
    }

    private static ulong Hash(ReadOnlySpan<int> shown, ReadOnlySpan<int> bought)
    {
        ulong hash = 14695981039346656037;
        foreach (int count in shown)
        {
            hash = (hash ^ (uint)count) * 1099511628211;
        }

        foreach (int count in bought)
        {
            hash = (hash ^ (uint)count) * 1099511628211;
        }

        return hash;
    }
}
