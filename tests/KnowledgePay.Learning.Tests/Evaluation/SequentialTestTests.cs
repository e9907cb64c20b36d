using KnowledgePay.Learning.Evaluation;

namespace KnowledgePay.Learning.Tests.Evaluation;

public sealed class SequentialTestTests
{
    private const double Sharpest = 100;

    /// <summary>A test of fixed size that is looked at after every step would cry wolf in most of these histories.</summary>
    [Fact]
    public void Whoever_looks_after_every_step_is_misled_no_more_often_than_promised()
    {
        var random = new Random(7);
        int misled = 0;
        const int histories = 2_000;
        for (int history = 0; history < histories; history++)
        {
            double sum = 0;
            bool settled = false;
            for (int step = 1; step <= 1_000 && !settled; step++)
            {
                sum += random.Next(2) == 0 ? 1 : -1;
                settled = SequentialTest.Of(sum, step, Sharpest).IsSettled;
            }

            misled += settled ? 1 : 0;
        }

        Assert.InRange(misled, 1, (int)(histories * SequentialResult.Level));
    }

    [Fact]
    public void A_difference_that_is_there_is_found_and_lies_within_the_interval()
    {
        var random = new Random(8);
        int found = 0, covered = 0;
        const int histories = 200, steps = 2_000;
        for (int history = 0; history < histories; history++)
        {
            double sum = 0, squares = 0;
            for (int step = 0; step < steps; step++)
            {
                double difference = random.NextDouble() - 0.4;
                sum += difference;
                squares += difference * difference;
            }

            SequentialResult result = SequentialTest.Of(sum, squares, Sharpest);
            found += result.IsSettled ? 1 : 0;
            covered += Math.Abs((sum / steps) - 0.1) <= result.Margin / steps ? 1 : 0;
        }

        Assert.InRange(found, histories - 1, histories);
        Assert.InRange(covered, histories * 19 / 20, histories);
    }

    [Fact]
    public void The_interval_leaves_nothing_out_exactly_when_the_test_is_settled()
    {
        for (double sum = 0; sum < 200; sum += 0.37)
        {
            SequentialResult result = SequentialTest.Of(sum, 250, Sharpest);
            Assert.Equal(result.PValue <= SequentialResult.Level, sum >= result.Margin);
            Assert.InRange(result.PValue, 0, 1);
        }

        Assert.Equal(1, SequentialTest.Of(0, 0, Sharpest).PValue);
        Assert.Throws<ArgumentOutOfRangeException>(() => SequentialTest.Of(1, 1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => SequentialTest.Of(1, -1, 1));
    }
}
