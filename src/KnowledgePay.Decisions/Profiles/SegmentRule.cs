namespace KnowledgePay.Decisions.Profiles;

/// <summary>The named segment of a person, by rules in this order; the first that holds decides.</summary>
/// <remarks>
/// <list type="number">
/// <item>unprofiled: refused personalisation.</item>
/// <item>newcomer: has no course and no purchase, and fewer than 5 views.</item>
/// <item>lapsing: not seen for 60 days.</item>
/// <item>bargain-hunter: at least 2 recent purchases (decayed), 30 % mean discount, and at most a third at full price.</item>
/// <item>enthusiast: monthly activity of 20 events or more, or 5 courses completed, with a course that is theirs.</item>
/// <item>senior: 60 years or older. homemaker, young-learner (a student): by occupation. young-learner: under 25. professional: a stated occupation, or 25 to 59 years.</item>
/// <item>casual: everybody else.</item>
/// </list>
/// Segments serve reports, offers and the learning of propensities. They are no input to prices and credit.
/// </remarks>
public static class SegmentRule
{
    public const int NewcomerViews = 5;
    public const int LapsingDays = 60;
    public const float BargainPurchases = 2;
    public const double BargainDiscount = 0.3;
    public const double BargainFullPriceShare = 1.0 / 3;
    public const float EnthusiastActivity = 20;
    public const int EnthusiastCompletions = 5;
    public const int SeniorAge = 60;
    public const int YoungAge = 25;

    private static readonly string[] Homemakers = ["homemaker", "housewife", "househusband", "stay-at-home", "家庭主妇", "家庭主夫", "全职妈妈", "全职爸爸", "宝妈", "主妇"];
    private static readonly string[] Students = ["student", "pupil", "undergraduate", "学生", "研究生", "大学生"];
    private static readonly string[] Retired = ["retired", "retiree", "pensioner", "退休"];

    public static byte Of(UserProfile profile, DateTimeOffset now) => Of(profile, now.UtcTicks);

    public static byte Of(UserProfile profile, long nowTicks)
    {
        if (!profile.Consent.Personalisation)
        {
            return Segments.Unprofiled;
        }

        if (profile.Shelf.Count == 0 && profile.Purchases == 0 && profile.Views < NewcomerViews)
        {
            return Segments.Newcomer;
        }

        if (nowTicks - profile.LastSeenTicks >= LapsingDays * Decay.Day)
        {
            return Segments.Lapsing;
        }

        if (IsBargainHunter(profile, nowTicks))
        {
            return Segments.BargainHunter;
        }

        float monthly = (float)(profile.Activity.Month * Decay.Factor(nowTicks - profile.LastSeenTicks, Decay.Month));
        return profile.Shelf.Count > 0 && (monthly >= EnthusiastActivity || profile.Completions >= EnthusiastCompletions)
            ? Segments.Enthusiast
            : ByDeclaration(profile, nowTicks);
    }

    private static bool IsBargainHunter(UserProfile profile, long nowTicks)
    {
        PriceResponse prices = profile.PriceResponse;
        return prices.Bought > 0
            && prices.Bought * Decay.Factor(nowTicks - prices.Ticks, Decay.PriceHalfLife) >= BargainPurchases
            && prices.DiscountBoughtSum / prices.Bought >= BargainDiscount
            && prices.FullPriceBought / prices.Bought <= BargainFullPriceShare;
    }

    private static byte ByDeclaration(UserProfile profile, long nowTicks)
    {
        int age = profile.BirthYear > 0 ? new DateTime(Math.Max(0, nowTicks), DateTimeKind.Utc).Year - profile.BirthYear : -1;
        if (age >= SeniorAge || Names(profile.Occupation, Retired))
        {
            return Segments.Senior;
        }

        if (Names(profile.Occupation, Homemakers))
        {
            return Segments.Homemaker;
        }

        if (Names(profile.Occupation, Students) || age is >= 0 and < YoungAge)
        {
            return Segments.YoungLearner;
        }

        return profile.Occupation is not null || age >= YoungAge ? Segments.Professional : Segments.Casual;
    }

    private static bool Names(string? occupation, string[] words)
    {
        foreach (string word in words)
        {
            if (occupation is not null && occupation.Contains(word, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}
