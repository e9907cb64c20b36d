using KnowledgePay.Decisions.Trials;

namespace KnowledgePay.Decisions.Tests.Trials;

public sealed class TrialArmsTests
{
    private const int People = 20_000;

    [Theory]
    [InlineData(0)]
    [InlineData(0.05)]
    [InlineData(0.5)]
    [InlineData(1)]
    public void A_share_of_the_people_falls_to_the_challenger(double share)
    {
        int challengers = Enumerable.Range(0, People).Count(user => TrialArms.IsChallengers($"u{user}", "recommender/2/1", share));
        Assert.InRange((double)challengers / People, share - 0.015, share + 0.015);
    }

    [Fact]
    public void A_larger_share_keeps_who_was_there_and_another_trial_divides_anew()
    {
        int both = 0;
        for (int user = 0; user < People; user++)
        {
            bool small = TrialArms.IsChallengers($"u{user}", "a", 0.1);
            Assert.True(!small || TrialArms.IsChallengers($"u{user}", "a", 0.3));
            both += small && TrialArms.IsChallengers($"u{user}", "b", 0.1) ? 1 : 0;
        }

        Assert.InRange((double)both / People, 0.006, 0.014);
    }
}
