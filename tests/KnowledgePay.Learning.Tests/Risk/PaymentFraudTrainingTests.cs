using KnowledgePay.Decisions.Fraud;
using KnowledgePay.Decisions.Scoring;
using KnowledgePay.Learning.Risk;

namespace KnowledgePay.Learning.Tests.Risk;

public sealed class PaymentFraudTrainingTests
{
    private static readonly string[] Methods = ["card", "wallet", "loan"];

    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("scorecard")]
    [InlineData("boosted")]
    public void A_model_finds_what_chargebacks_follow_and_scores_by_how_much_worse_than_others_a_payment_looks(string algorithm)
    {
        PaymentCase[] cases = Cases(6000, 1), held = Cases(6000, 2);
        LearnedFraudModel learned = PaymentFraudTraining.Train(cases, Methods, algorithm, 7, null, Ending);
        FraudModel served = PaymentFraudTraining.Serving(learned.Model, "one");
        Assert.InRange(learned.Held.Auc, 0.75, 1);
        Assert.InRange(learned.Held.CalibrationError, 0, 0.03);

        // The risk that is served orders payments that it never saw as well as it is said to, and the deaf rolling risk does not.
        byte[] outcomes = [.. held.Select(one => (byte)(one.IsChargedBack ? 1 : 0))];
        double auc = Learning.Evaluation.BinaryMetrics.AucOf([.. held.Select(one => (double)served.Score(one.Values))], outcomes);
        Assert.Equal(learned.Held.Auc, auc, 0.04);
        Assert.InRange(learned.StoodAuc, 0.45, 0.55);

        // A payment of the average odds has a tenth, whatever the rate.
        double rate = cases.Count(one => one.IsChargedBack) / (double)cases.Length;
        Assert.Equal(0.1, served.ScoreOf(Math.Log(rate / (1 - rate))), 1e-3);
        Assert.Equal(0.5, served.ScoreOf(Math.Log(9 * rate / (1 - rate))), 1e-3);

        // A device that never paid is never better than one that did.
        Assert.All(held.Take(500), one =>
        {
            double[] known = [.. one.Values], unknown = [.. one.Values];
            (known[(int)PaymentAttribute.NewDevice], unknown[(int)PaymentAttribute.NewDevice]) = (0, 1);
            Assert.True(served.Score(unknown) >= served.Score(known) - 1e-6);
        });
        Assert.Equal(["gender"], learned.Groups.Select(group => group.Kind).Distinct());
    }

    [Fact]
    public void The_same_payments_and_seed_give_the_same_model_its_file_reads_back_and_too_few_are_refused()
    {
        PaymentCase[] cases = Cases(1500, 3);
        LearnedFraudModel first = PaymentFraudTraining.Train(cases, Methods, "scorecard", 7, null, Ending), again = PaymentFraudTraining.Train(cases, Methods, "scorecard", 7, null, Ending);
        string directory = Directory.CreateTempSubdirectory().FullName;
        try
        {
            RiskModelFile.Write(directory, first.Model);
            FraudModel one = PaymentFraudTraining.Serving(again.Model, "one"), read = PaymentFraudTraining.Serving(RiskModelFile.Read(directory), "read");
            Assert.All(cases, payment => Assert.Equal(one.Score(payment.Values), read.Score(payment.Values)));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }

        Assert.Throws<ArgumentException>(() => PaymentFraudTraining.Train([.. cases.Where(one => !one.IsChargedBack)], Methods, "scorecard", 7, null, Ending));
        Assert.Throws<Learning.Files.InputException>(() => PaymentFraudTraining.Serving(first.Model with { Features = [.. first.Model.Features.Reverse()] }, "other"));
    }

    private static double LogOdds(double[] values) =>
        -4 + (2.2 * (values[(int)PaymentAttribute.NewDevice] == 1 ? 1 : 0)) + (0.7 * Math.Min(4, values[(int)PaymentAttribute.AttemptsLastHour])) + (values[(int)PaymentAttribute.Method] == 1 ? 1.2 : 0);

    private static PaymentCase[] Cases(int count, int seed)
    {
        var random = new Random(seed);
        return
        [
            .. Enumerable.Range(0, count).Select(i =>
            {
                double[] values = [.. Enumerable.Range(0, PaymentAttributes.Count).Select(_ => (double)random.Next(5))];
                values[(int)PaymentAttribute.NewDevice] = random.Next(3) switch { 0 => double.NaN, 1 => 0, _ => 1 };
                values[(int)PaymentAttribute.AttemptsLastHour] = random.NextDouble() * 3;
                values[(int)PaymentAttribute.Method] = random.Next(Methods.Length);
                return new PaymentCase(values, random.NextDouble() < LogOddsModel.Probability(LogOdds(values)), random.NextSingle(), [("gender", i % 2 == 0 ? "female" : "male")]);
            }),
        ];
    }
}
