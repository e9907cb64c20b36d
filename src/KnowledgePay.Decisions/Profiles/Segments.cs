namespace KnowledgePay.Decisions.Profiles;

/// <summary>Named groups of people. A byte in every aggregate; names are what callers see.</summary>
public static class Segments
{
    public const byte Newcomer = 0;
    public const byte YoungLearner = 1;
    public const byte Professional = 2;
    public const byte Homemaker = 3;
    public const byte Senior = 4;
    public const byte Enthusiast = 5;
    public const byte BargainHunter = 6;
    public const byte Casual = 7;
    public const byte Lapsing = 8;
    /// <summary>Refused personalisation, so nobody looks which group this is.</summary>
    public const byte Unprofiled = 9;

    /// <summary>Segments that there can ever be in one aggregate.</summary>
    public const int Capacity = 16;

    private static readonly string[] All =
        ["newcomer", "young-learner", "professional", "homemaker", "senior", "enthusiast", "bargain-hunter", "casual", "lapsing", "unprofiled"];

    public static IReadOnlyList<string> Names => All;

    public static string NameOf(byte segment) => segment < All.Length ? All[segment] : "unknown";
}

/// <summary>Bands of the rolling payment risk.</summary>
public static class RiskBands
{
    public const byte Low = 0;
    public const byte Medium = 1;
    public const byte High = 2;
    public const int Count = 3;

    /// <summary>Where the high band begins.</summary>
    public const float HighFrom = 0.5f;

    private static readonly string[] All = ["low", "medium", "high"];

    public static IReadOnlyList<string> Names => All;

    public static string NameOf(byte band) => All[band];

    /// <summary>Low below 0.2, medium below 0.5, high from there.</summary>
    public static byte Of(float riskScore) => riskScore < 0.2f ? Low : riskScore < HighFrom ? Medium : High;
}
