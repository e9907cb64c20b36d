using KnowledgePay.Decisions.Catalogue;

namespace KnowledgePay.Decisions.Trials;

/// <summary>Which of two models decides about a person while one of them is on trial: always the same one, on every silo, by a hash of who it is.</summary>
public static class TrialArms
{
    /// <param name="trial">Names the trial, so that another trial divides people anew.</param>
    /// <param name="share">Of the people who get the challenger, 0 to 1.</param>
    public static bool IsChallengers(string userId, string trial, double share) =>
        (HashProjection.Mix(Profiles.StableHash.Of(userId) ^ HashProjection.Mix(Profiles.StableHash.Of(trial))) >> 11) * (1.0 / (1UL << 53)) < share;
}
