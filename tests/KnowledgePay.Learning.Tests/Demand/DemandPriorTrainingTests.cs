using KnowledgePay.Decisions.Pricing;
using KnowledgePay.Learning.Demand;
using KnowledgePay.Learning.Files;

namespace KnowledgePay.Learning.Tests.Demand;

public sealed class DemandPriorTrainingTests
{
    /// <summary>Of each category: mean intercept and slope of its courses.</summary>
    private static readonly (string Name, double Intercept, double Slope)[] Categories = [("art", -1.2, 1.0), ("code", -2.5, 3.0), ("law", -3.0, 0.6)];

    [Fact]
    public void Priors_are_the_distributions_that_courses_were_drawn_from_and_foretell_new_courses()
    {
        LearnedDemandPriors learned = DemandPriorTraining.Train(Courses(120, 300, 1), "one", 1, TestContext.Current.CancellationToken);
        foreach ((string name, double intercept, double slope) in Categories)
        {
            DemandPrior prior = learned.Demand.Of(name);
            Assert.Equal(intercept, prior.Intercept, 0.2);
            Assert.Equal(slope, prior.Slope, 0.5);
            Assert.Equal(0.4, 1 / Math.Sqrt(prior.InterceptPrecision), 0.15);
        }

        Assert.True(learned.LogLoss < learned.ExpertLogLoss - 0.01, $"{learned.LogLoss} and {learned.ExpertLogLoss}");
        Assert.Equal(120L * 3 * 300, learned.Quotes);
        Assert.Equal(learned.Demand.Overall, learned.Demand.Of("never seen"));

        // Courses that are drawn later are foretold as well as cross-validation says.
        double loss = 0, quotes = 0;
        foreach (CourseQuotes course in Courses(120, 300, 2))
        {
            DemandPrior prior = learned.Demand.Of(course.Category);
            for (int rung = 0; rung < course.Shown.Length; rung++)
            {
                double p = DemandModel.Probability(prior.Intercept - (prior.Slope * DemandModel.LogRelativeToList(rung)));
                loss -= (course.Bought[rung] * Math.Log(p)) + ((course.Shown[rung] - course.Bought[rung]) * Math.Log(1 - p));
                quotes += course.Shown[rung];
            }
        }

        Assert.Equal(learned.LogLoss, loss / quotes, 0.02);
    }

    [Fact]
    public void A_category_of_few_quotes_stays_near_all_others_and_one_of_none_is_them()
    {
        CourseQuotes[] most = [.. Courses(60, 200, 3).Where(course => course.Category != "law")];
        var few = new CourseQuotes("law", DemandPrior.OfLevel(null, 1), 0, Rungs(0, 3), Rungs(0, 3));
        LearnedDemandPriors learned = DemandPriorTraining.Train([.. most, few], "one", 1, TestContext.Current.CancellationToken);
        DemandPrior law = learned.Demand.Of("law");
        Assert.Equal(learned.Demand.Overall.Intercept, law.Intercept, 0.6);
        Assert.Equal(learned.Demand.Overall.Slope, law.Slope, 0.6);
        Assert.Equal(learned.Demand.ByCategory, DemandPriorTraining.Train([.. most, few], "one", 1, TestContext.Current.CancellationToken).Demand.ByCategory);
    }

    [Fact]
    public void Too_few_quotes_purchases_or_courses_are_refused()
    {
        CourseQuotes[] courses = Courses(20, 100, 4);
        Assert.Throws<InputException>(() => DemandPriorTraining.Train(courses[..5], "one", 1, default));
        Assert.Throws<InputException>(() => DemandPriorTraining.Train([.. courses.Select(course => course with { Bought = new int[19] })], "one", 1, default));
        Assert.Throws<InputException>(() => DemandPriorTraining.Train([.. courses.Select(course => course with { Bought = course.Shown })], "one", 1, default));
        Assert.Throws<InputException>(() => DemandPriorTraining.Train([], "one", 1, default));
    }

    private static int[] Rungs(int rung, int count)
    {
        int[] counts = new int[19];
        counts[rung] = count;
        return counts;
    }

    private static CourseQuotes[] Courses(int each, int quotes, int seed)
    {
        var random = new Random(seed);
        double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        return
        [
            .. Categories.SelectMany(category => Enumerable.Range(0, each).Select(_ =>
            {
                double intercept = category.Intercept + (0.4 * Normal()), slope = Math.Max(0.05, category.Slope + (0.3 * Normal()));
                int[] shown = new int[19], bought = new int[19];
                for (int i = 0; i < quotes; i++)
                {
                    int rung = random.Next(9);
                    shown[rung]++;
                    bought[rung] += random.NextDouble() < DemandModel.Probability(intercept - (slope * DemandModel.LogRelativeToList(rung))) ? 1 : 0;
                }

                return new CourseQuotes(category.Name, DemandPrior.OfLevel(null, 1), 0, shown, bought);
            })),
        ];
    }
}
