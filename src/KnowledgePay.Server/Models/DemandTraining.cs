using System.Globalization;
using System.Text.Json;
using KnowledgePay.Decisions.Catalogue;
using KnowledgePay.Decisions.Pricing;
using KnowledgePay.Decisions.Projections;
using KnowledgePay.Grains.Catalogue;
using KnowledgePay.Grains.Models;
using KnowledgePay.Grains.Users;
using KnowledgePay.Learning.Demand;

namespace KnowledgePay.Server.Models;

/// <summary>Learns from how all courses' quotes were answered what to believe of a course's demand before its own quotes speak.</summary>
/// <remarks>It reads the sums over the journal that decisions read (quotes and purchases by rung of each course), of all partitions.</remarks>
public sealed class DemandTraining(ICatalogue catalogue, LiveSignals signals, ServedModels served, DecisionSettings settings, TimeProvider time) : IModelTraining
{
    private const string EmpiricalBayes = "empirical-bayes";

    public string Kind => ModelKinds.Demand;

    public IReadOnlyList<string> Algorithms { get; } = [EmpiricalBayes];

    public string DefaultAlgorithm => EmpiricalBayes;

    public string IntendedUse => "Says what is believed of a course's demand before its own quotes speak, by category; each course's quotes then move it. For personal prices, which guard-rails bound: never above the list price.";

    public IReadOnlyList<string> Limitations { get; } =
    [
        "Quotes were shown at prices that the engine chose, by an experiment that is the same for everybody on a day; who asked for a price had some interest already.",
        "It learns of courses and nothing of persons.",
    ];

    public async Task<LearnedModel> Learn(string algorithm, long seed, Action<double, string> progress, CancellationToken cancellation)
    {
        long started = time.GetTimestamp();
        List<CourseQuotes> courses = Read();
        progress(0.1, "learning");
        LearnedDemandPriors learned = await Task.Factory.StartNew(
            () => DemandPriorTraining.Train(courses, algorithm, unchecked((ulong)seed), cancellation), cancellation, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        progress(0.96, "storing the model");
        byte[] bytes = DemandFormat.Write(learned.Demand);
        string report = JsonSerializer.Serialize(new
        {
            kind = Kind,
            algorithm,
            seed,
            courses = learned.Courses,
            quotes = learned.Quotes,
            bought = learned.Bought,
            logLoss = Math.Round(learned.LogLoss, 6),
            expertLogLoss = Math.Round(learned.ExpertLogLoss, 6),
            overall = Rounded(learned.Demand.Overall),
            categories = learned.Demand.ByCategory.OrderBy(one => one.Key, StringComparer.Ordinal).Select(one => new
            {
                name = one.Key,
                courses = learned.Categories[one.Key].Courses,
                quotes = learned.Categories[one.Key].Quotes,
                prior = Rounded(one.Value),
            }),
            seconds = Math.Round(time.GetElapsedTime(started).TotalSeconds, 2),
        }, JsonSerializerOptions.Web);
        return new LearnedModel(
            bytes,
            report,
            new TrainedOn(0, 0, learned.Courses, 0, null, null) { Quotes = learned.Quotes },
            new HoldoutMetrics(null, null, null, 0) { LogLoss = Math.Round(learned.LogLoss, 6) },
            new HoldoutMetrics(null, null, null, 0) { LogLoss = Math.Round(learned.ExpertLogLoss, 6) });
    }

    public string? Gate(ModelVersion version) => version.Metrics?.LogLoss is not { } loss || version.Baseline?.LogLoss is not { } expert
        ? "Nothing is known of how well it does on courses that it did not see."
        : loss > expert
            ? string.Create(CultureInfo.InvariantCulture, $"Its log loss on held-out courses' quotes is {loss:F4}; the expert's priors have {expert:F4} there.")
            : null;

    public void Serve(ModelVersion version, byte[] bytes) =>
        served.Demand = DemandFormat.Read(bytes, version.Name);

    private List<CourseQuotes> Read()
    {
        CatalogueSnapshot now = catalogue.Current;
        var courses = new List<CourseQuotes>();
        foreach (CourseEntry? entry in now.Courses)
        {
            if (entry is not null && signals.Course(entry.Ordinal) is { QuotesShown: { } shownNow } crowd)
            {
                int[] shown = [.. shownNow];
                int[] bought = [.. shown.Select((count, rung) => Math.Min(count, crowd.QuotesBought is { } all && rung < all.Length ? all[rung] : 0))];
                double reference = MarketReference.Of(entry.Course.ListPrice, crowd.Market, time.GetUtcNow(), settings.Pricing.MarketWindow).LogRatio;
                courses.Add(new CourseQuotes(entry.Course.Category, DemandPrior.OfCourse(entry.Course, null), reference, shown, bought));
            }
        }

        return courses;
    }

    private static object Rounded(DemandPrior prior) => new
    {
        intercept = Math.Round(prior.Intercept, 4),
        slope = Math.Round(prior.Slope, 4),
        interceptDeviation = Math.Round(1 / Math.Sqrt(prior.InterceptPrecision), 4),
        slopeDeviation = Math.Round(1 / Math.Sqrt(prior.SlopePrecision), 4),
    };
}
