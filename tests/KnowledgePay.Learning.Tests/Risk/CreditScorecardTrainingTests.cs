using KnowledgePay.Decisions.Credit;
using KnowledgePay.Decisions.Scoring;
using KnowledgePay.Learning.Risk;

namespace KnowledgePay.Learning.Tests.Risk;

public sealed class CreditScorecardTrainingTests
{
    [Fact]
    public void A_card_has_points_that_are_the_probabilities_and_directions_of_the_field()
    {
        CreditCase[] cases = Cases(4000, 1), held = Cases(4000, 2);
        LearnedCreditScorecard learned = CreditScorecardTraining.Train(cases, 7, TestContext.Current.CancellationToken);
        Span<int> points = stackalloc int[CreditScorecard.AttributeCount];
        double predicted = 0, apart = 0;
        foreach (CreditCase one in held)
        {
            double probability = CreditScorecard.ProbabilityOfDefault(learned.Card.Score(one.Values, points));
            predicted += probability / held.Length;
            apart += Math.Abs(probability - LogOddsModel.Probability(LogOdds(one.Values))) / held.Length;
            Assert.All(points.ToArray(), own => Assert.True(own >= 0));
        }

        Assert.Equal(held.Count(one => one.IsBad) / (double)held.Length, predicted, 0.02);
        Assert.InRange(apart, 0, 0.05);
        Assert.True(learned.Held.Auc > learned.Expert.Auc);

        // More missed instalments never give points, nor do fewer months.
        int[] missed = [.. learned.Card.Attributes[(int)CreditAttribute.InstallmentsMissed].Bins.Select(bin => bin.Points)];
        int[] months = [.. learned.Card.Attributes[(int)CreditAttribute.MonthsSinceFirstSeen].Bins.Select(bin => bin.Points)];
        Assert.Equal(missed.OrderDescending(), missed);
        Assert.Equal(months.Order(), months);
        Assert.True(missed[0] > missed[^1]);
        Assert.Equal(["gender"], learned.Groups.Select(group => group.Kind).Distinct());
        Assert.Equal(4000, learned.Groups.Sum(group => group.Cases));
    }

    [Fact]
    public void The_same_loans_and_seed_give_the_same_card_and_too_few_are_refused()
    {
        CreditCase[] cases = Cases(400, 3);
        LearnedCreditScorecard first = CreditScorecardTraining.Train(cases, 7, TestContext.Current.CancellationToken), again = CreditScorecardTraining.Train(cases, 7, TestContext.Current.CancellationToken);
        Assert.Equal(first.Card.BasePoints, again.Card.BasePoints);
        Assert.Equal(first.Card.Attributes.SelectMany(attribute => attribute.Bins), again.Card.Attributes.SelectMany(attribute => attribute.Bins));
        Assert.Throws<ArgumentException>(() => CreditScorecardTraining.Train([.. cases.Where(one => !one.IsBad)], 7, TestContext.Current.CancellationToken));
    }

    private static double LogOdds(double[] values) =>
        -1.5 + (0.8 * Math.Min(3, values[(int)CreditAttribute.InstallmentsMissed])) - (0.06 * values[(int)CreditAttribute.MonthsSinceFirstSeen]) + (2 * (double.IsNaN(values[(int)CreditAttribute.PaymentFailureRate]) ? 0.3 : values[(int)CreditAttribute.PaymentFailureRate]));

    private static CreditCase[] Cases(int count, int seed)
    {
        var random = new Random(seed);
        return
        [
            .. Enumerable.Range(0, count).Select(i =>
            {
                var values = new double[CreditScorecard.AttributeCount];
                for (int k = 0; k < values.Length; k++)
                {
                    values[k] = random.Next(5);
                }

                values[(int)CreditAttribute.MonthsSinceFirstSeen] = random.NextDouble() * 40;
                values[(int)CreditAttribute.InstallmentsMissed] = Math.Max(0, random.Next(8) - 4);
                values[(int)CreditAttribute.PaymentFailureRate] = random.Next(6) == 0 ? double.NaN : random.NextDouble();
                return new CreditCase(values, random.NextDouble() < LogOddsModel.Probability(LogOdds(values)), [("gender", i % 2 == 0 ? "female" : "male")]);
            }),
        ];
    }
}
