using KnowledgePay.Decisions.Pricing;
using KnowledgePay.Learning.Files;

namespace KnowledgePay.Learning.Demand;

/// <summary>How a course's quotes were answered.</summary>
/// <param name="Expert">What the expert believes of the course before its quotes.</param>
/// <param name="LogReference">ln(reference price ⁄ list price).</param>
/// <param name="Shown">Quotes by rung of the price ladder.</param>
/// <param name="Bought">Of these, bought; no more than were shown.</param>
public sealed record CourseQuotes(string? Category, DemandPrior Expert, double LogReference, int[] Shown, int[] Bought);

/// <summary>Priors and what is known of them.</summary>
/// <param name="LogLoss">Mean negative log-likelihood of a quote's answer, for courses of which no quote was learned from (cross-validation over courses).</param>
/// <param name="ExpertLogLoss">The same by the expert's priors.</param>
/// <param name="Categories">By category: courses, quotes.</param>
public sealed record LearnedDemandPriors(LearnedDemand Demand, double LogLoss, double ExpertLogLoss, int Courses, long Quotes, long Bought, IReadOnlyDictionary<string, (int Courses, long Quotes)> Categories);

/// <summary>Learns priors of courses' demand from how other courses' quotes were answered: empirical Bayes with normal priors, by expectation–maximisation.</summary>
/// <remarks>
/// Each course's intercept and slope are drawn from its category's normal distribution. The expectation is Laplace's approximation around the mode of <see cref="DemandModel"/>; the maximisation sets means
/// and variances to the moments of the modes plus their uncertainty (Carlin and Louis, Bayesian Methods for Data Analysis, 2008, ch. 5). Variances are common to all categories; a category's mean is drawn to the
/// overall one as if by <see cref="PseudoCourses"/> courses there, and a course that says little itself counts for little.
/// </remarks>
public static class DemandPriorTraining
{
    /// <summary>Quotes, bought ones and courses that are needed.</summary>
    public const int FewestQuotes = 200, FewestBought = 20, FewestCourses = 10;

    /// <summary>Courses of the overall mean that a category starts with.</summary>
    public const double PseudoCourses = 3;

    private const int Rounds = 30;
    private const int FoldCount = 5;
    private const double LeastVariance = 0.01;
    private const double MostVariance = 9;

    /// <summary>Where the distributions start; what few quotes do not move.</summary>
    private static readonly DemandPrior Start = DemandPrior.OfLevel(null, 1);

    /// <exception cref="InputException">There are too few quotes, purchases or courses.</exception>
    public static LearnedDemandPriors Train(IReadOnlyList<CourseQuotes> courses, string version, ulong seed, CancellationToken cancellation = default)
    {
        CourseQuotes[] quoted = [.. courses.Where(course => course.Shown.Any(count => count > 0))];
        long quotes = quoted.Sum(course => course.Shown.Sum(count => (long)count)), bought = quoted.Sum(course => course.Bought.Sum(count => (long)count));
        if (quotes < FewestQuotes || bought < FewestBought || quotes - bought < FewestBought || quoted.Length < FewestCourses)
        {
            throw new InputException(
                $"There is too little to learn from: {quotes} quotes of {quoted.Length} courses, {bought} of them bought; expected at least {FewestQuotes} quotes of {FewestCourses} courses, {FewestBought} bought and {FewestBought} not.");
        }

        int[] fold = [.. Enumerable.Range(0, quoted.Length).Select(i => i % FoldCount)];
        new Random(unchecked((int)seed)).Shuffle(fold);
        double loss = 0, expert = 0;
        for (int held = 0; held < FoldCount; held++)
        {
            cancellation.ThrowIfCancellationRequested();
            LearnedDemand learned = Fit([.. quoted.Where((_, i) => fold[i] != held)], version);
            foreach (CourseQuotes course in quoted.Where((_, i) => fold[i] == held))
            {
                loss += Loss(course, learned.Of(course.Category));
                expert += Loss(course, course.Expert);
            }
        }

        return new LearnedDemandPriors(
            Fit(quoted, version), loss / quotes, expert / quotes, quoted.Length, quotes, bought,
            quoted.Where(course => course.Category is not null).GroupBy(course => course.Category!, StringComparer.Ordinal)
                .ToDictionary(group => group.Key, group => (group.Count(), group.Sum(course => course.Shown.Sum(count => (long)count))), StringComparer.Ordinal));
    }

    private static LearnedDemand Fit(CourseQuotes[] courses, string version)
    {
        string[] categories = [.. courses.Select(course => course.Category).OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        int[] categoryOf = [.. courses.Select(course => course.Category is { } own ? Array.BinarySearch(categories, own, StringComparer.Ordinal) : -1)];
        DemandPrior overall = Start;
        DemandPrior[] own = [.. categories.Select(_ => Start)];
        var estimates = new Posterior[courses.Length];
        for (int round = 0; round < Rounds; round++)
        {
            for (int i = 0; i < courses.Length; i++)
            {
                DemandPrior prior = categoryOf[i] >= 0 ? own[categoryOf[i]] : overall;
                estimates[i] = Posterior.Of(DemandModel.Estimate(prior, courses[i].LogReference, courses[i].Shown, courses[i].Bought), prior);
            }

            (double intercept, double slope) = Mean(estimates, (overall.Intercept, overall.Slope), 0);
            var centres = new (double Intercept, double Slope)[categories.Length];
            for (int c = 0; c < categories.Length; c++)
            {
                centres[c] = Mean([.. estimates.Where((_, i) => categoryOf[i] == c)], (intercept, slope), PseudoCourses);
            }

            double interceptVariance = 0, slopeVariance = 0;
            for (int i = 0; i < courses.Length; i++)
            {
                (double a, double b) = categoryOf[i] >= 0 ? centres[categoryOf[i]] : (intercept, slope);
                interceptVariance += (((estimates[i].Intercept - a) * (estimates[i].Intercept - a)) + estimates[i].InterceptVariance) / courses.Length;
                slopeVariance += (((estimates[i].Slope - b) * (estimates[i].Slope - b)) + estimates[i].SlopeVariance) / courses.Length;
            }

            double interceptPrecision = 1 / Math.Clamp(interceptVariance, LeastVariance, MostVariance), slopePrecision = 1 / Math.Clamp(slopeVariance, LeastVariance, MostVariance);
            overall = Prior(intercept, slope);
            own = [.. centres.Select(centre => Prior(centre.Intercept, centre.Slope))];
            DemandPrior Prior(double a, double b) => new(a, Math.Max(b, DemandModel.SmallestSlope), interceptPrecision, slopePrecision);
        }

        return new LearnedDemand(version, overall, categories.Index().ToDictionary(one => one.Item, one => own[one.Index], StringComparer.Ordinal));
    }

    /// <summary>The mean of what courses say, each by how much of its prior's uncertainty it removed, with some weight on a start.</summary>
    private static (double Intercept, double Slope) Mean(IReadOnlyList<Posterior> courses, (double Intercept, double Slope) start, double weightOfStart)
    {
        double interceptWeight = weightOfStart, slopeWeight = weightOfStart;
        (double intercept, double slope) = (weightOfStart * start.Intercept, weightOfStart * start.Slope);
        foreach (Posterior course in courses)
        {
            interceptWeight += course.InterceptReliability;
            slopeWeight += course.SlopeReliability;
            intercept += course.InterceptReliability * course.InterceptAlone;
            slope += course.SlopeReliability * course.SlopeAlone;
        }

        return (interceptWeight > 1e-9 ? intercept / interceptWeight : start.Intercept, slopeWeight > 1e-9 ? slope / slopeWeight : start.Slope);
    }

    private static double Loss(CourseQuotes course, in DemandPrior prior)
    {
        double[] relative = [.. Enumerable.Range(0, course.Shown.Length).Select(rung => DemandModel.LogRelativeToList(rung) - course.LogReference)];
        // At its own means a prior costs nothing: what is left is the quotes'.
        return DemandModel.Loss(prior, [.. course.Shown.Select(count => (double)count)], [.. course.Bought.Select(count => (double)count)], relative, prior.Intercept, prior.Slope);
    }

    /// <summary>A course's intercept and slope after its quotes.</summary>
    private readonly record struct Posterior(double Intercept, double Slope, double InterceptVariance, double SlopeVariance, double InterceptReliability, double SlopeReliability, double InterceptAlone, double SlopeAlone)
    {
        public static Posterior Of(in DemandEstimate estimate, in DemandPrior prior)
        {
            double determinant = (estimate.InterceptCurvature * estimate.SlopeCurvature) - (estimate.CrossCurvature * estimate.CrossCurvature);
            double interceptVariance = estimate.SlopeCurvature / determinant, slopeVariance = estimate.InterceptCurvature / determinant;
            // A share r of the prior's variance was removed: the mode is the prior's mean and what the course says alone, mixed as 1 − r to r.
            double r = Math.Clamp(1 - (interceptVariance * prior.InterceptPrecision), 0, 1), s = Math.Clamp(1 - (slopeVariance * prior.SlopePrecision), 0, 1);
            return new Posterior(
                estimate.Intercept, estimate.Slope, interceptVariance, slopeVariance, r, s,
                r > 1e-6 ? prior.Intercept + ((estimate.Intercept - prior.Intercept) / r) : prior.Intercept,
                s > 1e-6 ? prior.Slope + ((estimate.Slope - prior.Slope) / s) : prior.Slope);
        }
    }
}
