using System.Collections.Immutable;
using System.Globalization;
using KnowledgePay.Contracts.Events;
using KnowledgePay.Contracts.People;

namespace KnowledgePay.Learning.Simulation;

/// <summary>A simulated person: traits that do not change, and what they have taken so far.</summary>
internal sealed class Person
{
    /// <summary>What happened with one taken course.</summary>
    internal sealed class Taking
    {
        public double Fraction { get; set; }
        public bool Completed { get; set; }
        public bool GivenBack { get; set; }
    }

    private readonly int _birthYear;
    private readonly string? _gender;
    private readonly ImmutableArray<string> _interests;
    private readonly string? _incomeBand;
    private readonly string _occupation;
    private readonly string _region;
    private readonly string? _education;

    public Person(MarketplaceOptions options, int index)
    {
        SeededRandom random = SeededRandom.For(options.Seed, 3, (ulong)index);
        Id = IdOf(index);
        int age = 18 + (int)(random.NextDouble() * random.NextDouble() * 55);
        _birthYear = options.End.Year - age;
        _gender = random.Chance(0.8) ? (random.Chance(0.5) ? "female" : "male") : null;
        _occupation = age < 23 ? "student" : random.Pick<string>(CourseWords.Occupations);
        _region = random.Pick<string>(CourseWords.Regions);
        _education = random.Chance(0.7) ? random.Pick<string>(CourseWords.Educations) : null;
        ReadsChinese = _region.StartsWith("CN", StringComparison.Ordinal) || random.Chance(0.3);

        int main = random.Next(CourseWords.Subjects.Length);
        int second = random.Next(CourseWords.Subjects.Length);
        Taste = new float[SimulatedCourse.Dimensions];
        SeededRandom mainCentre = SeededRandom.For(options.Seed, 2, (ulong)main);
        SeededRandom secondCentre = SeededRandom.For(options.Seed, 2, (ulong)second);
        for (int i = 0; i < Taste.Length; i++)
        {
            Taste[i] = (float)((mainCentre.Normal() * 0.8) + (secondCentre.Normal() * 0.4) + (random.Normal() * 0.25));
        }

        _interests = main == second ? [CourseWords.Subjects[main].Slug] : [CourseWords.Subjects[main].Slug, CourseWords.Subjects[second].Slug];
        double income = Math.Exp((random.Normal() * 0.6) + (_occupation is "student" or "retired" ? -0.6 : 0.1));
        Budget = 90 * income;
        _incomeBand = random.Chance(0.5) ? (income < 0.7 ? "low" : income < 1.5 ? "middle" : "high") : null;
        PriceSensitivity = 0.6 + (random.NextDouble() * 1.6);
        Activity = Math.Exp(random.Normal());
        Persistence = Math.Clamp(0.45 + (random.Normal() * 0.25), 0.02, 0.97);

        // Few are risky: cubing a uniform puts the median at 1/8.
        Risk = Math.Pow(random.NextDouble(), 3) * (income < 0.7 ? 1 : 0.7);
        Device = string.Create(CultureInfo.InvariantCulture, $"dev-{random.NextUInt64() >> 32:x8}");
        bool personalisation = random.Chance(0.94);
        Consent = new Consent
        {
            Personalisation = personalisation,
            PersonalPricing = personalisation && random.Chance(0.7),
            CreditChecks = random.Chance(0.6),
            PartnerSharing = random.Chance(0.65),
            Marketing = new MarketingConsent { Email = random.Chance(0.5), Sms = random.Chance(0.25), Social = random.Chance(0.2) },
        };
    }

    public string Id { get; }

    public bool ReadsChinese { get; }

    public float[] Taste { get; }

    /// <summary>What feels affordable for one course, in major units.</summary>
    public double Budget { get; }

    /// <summary>How fast the wish to buy falls with the logarithm of price over budget.</summary>
    public double PriceSensitivity { get; }

    /// <summary>Relative frequency of sessions; log-normal.</summary>
    public double Activity { get; }

    /// <summary>Chance of going on with a course after each step.</summary>
    public double Persistence { get; }

    /// <summary>0–1: chance that a payment goes wrong.</summary>
    public double Risk { get; }

    public string Device { get; }

    public Consent Consent { get; }

    /// <summary>Courses taken, by index.</summary>
    public Dictionary<int, Taking> Taken { get; } = [];

    public static string IdOf(int index) => string.Create(CultureInfo.InvariantCulture, $"u{index}");

    public UserProfiled Profile() => new()
    {
        BirthYear = _birthYear,
        Gender = _gender,
        Occupation = _occupation,
        Region = _region,
        Education = _education,
        IncomeBand = _incomeBand,
        Interests = _interests,
    };

    public UserSocialLinked Social(SeededRandom random) => new()
    {
        Network = random.Chance(0.6) ? "wechat" : "weibo",
        Interests = _interests,
        Followers = (long)Math.Exp(3 + (random.Normal() * 1.5)),
    };
}
