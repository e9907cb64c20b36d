using CsCheck;
using KnowledgePay.Decisions.Profiles;

namespace KnowledgePay.Decisions.Tests.Profiles;

public sealed class RunningMomentsTests
{
    [Fact]
    public void Mean_and_variance_equal_those_of_the_whole_batch() => Gen.Double[-1e6, 1e6].Array[2, 200].Sample(values =>
    {
        RunningMoments moments = Of(values);
        double mean = values.Average();
        double variance = values.Sum(v => (v - mean) * (v - mean)) / (values.Length - 1);
        Assert.Equal(values.Length, moments.Count);
        Assert.InRange(moments.Mean, mean - 1e-6, mean + 1e-6);
        Assert.InRange(moments.Variance, (variance * (1 - 1e-9)) - 1e-6, (variance * (1 + 1e-9)) + 1e-6);
    }, iter: 300);

    [Fact]
    public void A_large_offset_costs_no_precision()
    {
        // The textbook sum of squares loses this variance entirely.
        RunningMoments moments = Of([1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16]);
        Assert.Equal(30, moments.Variance, 1e-6);
    }

    [Fact]
    public void One_value_has_no_variance()
    {
        Assert.Equal(0, Of([42]).Variance);
        Assert.Equal(0, default(RunningMoments).StandardDeviation);
    }

    [Fact]
    public void Before_eight_values_nothing_is_an_outlier()
    {
        RunningMoments seven = Of([1, 1, 1, 1, 1, 1, 1]);
        Assert.Equal(1e9, seven.Within(1e9, 0.1, out bool isOutlier));
        Assert.False(isOutlier);
    }

    [Fact]
    public void From_eight_values_on_a_value_is_drawn_in_to_six_deviations() => Gen.Select(Gen.Double[-100, 100].Array[8, 40], Gen.Double[-1e6, 1e6]).Sample((values, value) =>
    {
        RunningMoments moments = Of(values);
        double kept = moments.Within(value, 0.5, out bool isOutlier);
        double reach = 6 * Math.Max(moments.StandardDeviation, 0.5);
        Assert.InRange(kept, moments.Mean - reach, moments.Mean + reach);
        Assert.Equal(Math.Abs(value - moments.Mean) > reach, isOutlier);
        if (!isOutlier)
        {
            Assert.Equal(value, kept);
        }
    }, iter: 300);

    [Fact]
    public void Eight_equal_values_do_not_make_all_else_an_outlier()
    {
        RunningMoments equal = Of([5, 5, 5, 5, 5, 5, 5, 5]);
        equal.Within(7, 0.5, out bool isOutlier);
        Assert.False(isOutlier);
    }

    [Fact]
    public void A_freak_page_time_moves_the_mean_by_little_and_is_counted()
    {
        var person = new FoldedPerson();
        for (int i = 0; i < 20; i++)
        {
            person.Does(Happening.Viewed(1, 60 + (i % 5)), i);
        }

        double before = person.Profile.ViewSeconds.Mean;
        person.Does(Happening.Viewed(1, 80_000), 21);
        Assert.Equal(1, person.Profile.OutlierValues);
        Assert.InRange(person.Profile.ViewSeconds.Mean, before, before + 3);
    }

    [Fact]
    public void A_lasting_change_of_habit_gets_through()
    {
        var person = new FoldedPerson();
        for (int i = 0; i < 20; i++)
        {
            person.Does(Happening.Viewed(1, 60), i);
        }

        for (int i = 0; i < 200; i++)
        {
            person.Does(Happening.Viewed(1, 600), 20 + i);
        }

        Assert.InRange(person.Profile.ViewSeconds.Mean, 400, 600);
    }

    [Fact]
    public void A_count_that_is_full_goes_on_moving_the_mean()
    {
        var full = new RunningMoments(int.MaxValue, 1, 0);
        Assert.Equal(int.MaxValue, full.Plus(2).Count);
        Assert.True(full.Plus(2).Mean > 1);
    }

    private static RunningMoments Of(double[] values) => values.Aggregate(default(RunningMoments), (m, v) => m.Plus(v));
}
