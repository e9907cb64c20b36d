using System.Globalization;
using System.Numerics.Tensors;
using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Events;

namespace KnowledgePay.Learning.Simulation;

/// <summary>One visit of a person: looking around, perhaps buying, and what follows over the next days.</summary>
internal sealed class Visit(
    MarketplaceOptions options,
    SimulatedCourse[] courses,
    SeededRandom random,
    Action<DateTimeOffset, Func<MarketplaceDays.Happening?>> schedule)
{
    private readonly PartnerDealings _partners = new(options, PartnerWorld.Products(options.Currency), random, schedule);
    private readonly double _unit = Math.Pow(10, Currencies.ExponentOf(options.Currency));
    private long _payments;

    /// <param name="latest">Nothing of the visit itself is later; what follows on other days may be.</param>
    public void Start(Person person, bool newcomer, DateTimeOffset at, DateTimeOffset latest)
    {
        DateTimeOffset clock = at;
        if (newcomer)
        {
            UserProfiled profile = person.Profile();
            schedule(clock, () => new(person.Id, profile));
            if (random.Chance(0.2))
            {
                UserSocialLinked social = person.Social(random);
                Later(ref clock, 20, latest);
                schedule(clock, () => new(person.Id, social));
            }
        }

        int looks = 1 + random.Next(4);
        for (int i = 0; i < looks; i++)
        {
            Later(ref clock, 60, latest);
            int course = Choose(person, clock);
            var viewed = new CourseViewed
            {
                CourseId = courses[course].Course.Id,
                Seconds = Math.Round(Math.Min(86_400, Math.Exp(3.2 + random.Normal())), 1),
                Surface = random.Chance(0.5) ? "home" : random.Chance(0.5) ? "search" : "course",
            };
            schedule(clock, () => new(person.Id, viewed));
            if (!person.Taken.ContainsKey(course) && MayTake(person, course) && Buy(person, course, ref clock, latest))
            {
                break;
            }
        }
    }

    /// <summary>The most wanted of a dozen courses that came into view; low indices are the popular ones, unless the options say which are when.</summary>
    private int Choose(Person person, DateTimeOffset at)
    {
        double passed = 1 - ((options.End - at) / TimeSpan.FromDays(options.Days));
        int best = 0;
        double bestUtility = double.NegativeInfinity;
        for (int i = 0; i < 12; i++)
        {
            int candidate = options.Popularity is { } popularity ? popularity.Draw(passed, random) : Falling();
            double utility = Affinity(person, candidate) + (random.Normal() * 0.5) - (person.Taken.ContainsKey(candidate) ? 2 : 0);
            if (utility > bestUtility)
            {
                (best, bestUtility) = (candidate, utility);
            }
        }

        return best;
    }

    private int Falling()
    {
        double u = random.NextDouble();
        return (int)(courses.Length * u * u);
    }

    private double Affinity(Person person, int course)
    {
        SimulatedCourse candidate = courses[course];
        double match = TensorPrimitives.Dot(person.Taste, candidate.Latent) / SimulatedCourse.Dimensions;
        return (match * 2) + (candidate.Quality * 0.4) - (candidate.InChinese && !person.ReadsChinese ? 1.5 : 0);
    }

    private bool MayTake(Person person, int course)
    {
        int needed = courses[course].Prerequisite;
        return needed < 0 || (person.Taken.TryGetValue(needed, out Person.Taking? taking) && taking.Completed);
    }

    /// <summary>Decides whether to buy at today's price, and pays; true when the course is the person's.</summary>
    private bool Buy(Person person, int course, ref DateTimeOffset clock, DateTimeOffset latest)
    {
        SimulatedCourse wanted = courses[course];
        Money list = wanted.Course.ListPrice;

        // Public promotions of 10 and 20 per cent, so that demand can be learnt from what was paid.
        Money price = list with { MinorUnits = list.MinorUnits * random.Pick<int>([100, 100, 90, 80]) / 100 };
        double dear = Math.Log(price.MinorUnits / _unit / person.Budget);
        double wish = -0.9 + (1.3 * Affinity(person, course)) - (person.PriceSensitivity * dear);
        if (!random.Chance(1 / (1 + Math.Exp(-wish))))
        {
            return false;
        }

        string paymentId = "";
        PaymentOutcome outcome = PaymentOutcome.Abandoned;
        for (int tries = 0; tries < 3 && outcome != PaymentOutcome.Succeeded; tries++)
        {
            Later(ref clock, 90, latest);
            paymentId = string.Create(CultureInfo.InvariantCulture, $"pay-{options.Seed}-{_payments++}");
            outcome = random.Chance(0.08) ? PaymentOutcome.Abandoned
                : random.Chance(0.02 + (0.6 * person.Risk)) ? PaymentOutcome.Failed
                : PaymentOutcome.Succeeded;
            var attempted = new PaymentAttempted
            {
                PaymentId = paymentId,
                Amount = price,
                Method = random.Pick<string>(["alipay", "wechat-pay", "card"]),
                DeviceId = person.Device,
                Network = random.Chance(0.7) ? "wifi" : "mobile",
                Outcome = outcome,
            };
            schedule(clock, () => new(person.Id, attempted));
            if (outcome == PaymentOutcome.Abandoned)
            {
                return false;
            }
        }

        if (outcome != PaymentOutcome.Succeeded)
        {
            return false;
        }

        person.Taken[course] = new Person.Taking();
        Later(ref clock, 2, latest);
        var enrolled = new CourseEnrolled { CourseId = wanted.Course.Id, Price = price };
        schedule(clock, () => new(person.Id, enrolled));
        Follow(person, course, paymentId, price, clock);
        _partners.AfterPurchase(person, price, clock);
        return true;
    }

    /// <summary>What the next weeks bring: progress, an end, an opinion, or the money back.</summary>
    private void Follow(Person person, int course, string paymentId, Money price, DateTimeOffset enrolledAt)
    {
        Person.Taking taking = person.Taken[course];
        string courseId = courses[course].Course.Id;
        double liking = Math.Clamp(3.4 + (0.8 * Affinity(person, course)) + (random.Normal() * 0.6), 0.5, 5);
        double stars = Math.Round(liking * 2) / 2;

        bool wantsMoneyBack = liking < 2.2 && random.Chance(0.5);
        bool chargesBack = !wantsMoneyBack && random.Chance(0.08 * person.Risk);
        DateTimeOffset clock = enrolledAt;
        double fraction = 0;
        while (fraction < 1)
        {
            clock += Days(0.3 + (2 * random.Exponential()));
            fraction = Math.Min(1, Math.Round(fraction + 0.05 + (random.NextDouble() * 0.4), 2));
            double reached = fraction;
            schedule(clock, () => Progress(person, taking, courseId, reached));
            if (!random.Chance(Math.Min(0.98, person.Persistence + (0.1 * liking))))
            {
                break;
            }
        }

        bool completes = fraction >= 1;
        DateTimeOffset opinionAt = clock + Days(random.Exponential() * 0.5);
        if (random.Chance(completes ? 0.6 : 0.15))
        {
            schedule(opinionAt, () => taking.GivenBack ? null : new(person.Id, new CourseRated { CourseId = courseId, Stars = stars }));
            if (random.Chance(0.4))
            {
                CourseCommented comment = Comment(person, course, stars);
                schedule(opinionAt + TimeSpan.FromSeconds(40), () => taking.GivenBack ? null : new(person.Id, comment));
            }
        }

        if (wantsMoneyBack)
        {
            schedule(enrolledAt + Days(1 + (random.NextDouble() * 6)), () =>
            {
                if (taking.Completed) return null;
                taking.GivenBack = true;
                return new(person.Id, new PaymentRefunded { PaymentId = paymentId, Amount = price, Reason = "not-as-expected" });
            });
        }
        else if (chargesBack)
        {
            schedule(enrolledAt + Days(5 + (random.NextDouble() * 40)), () =>
            {
                taking.GivenBack = true;
                return new(person.Id, new PaymentChargedBack { PaymentId = paymentId, Amount = price, Reason = "unrecognised" });
            });
        }
    }

    private static MarketplaceDays.Happening? Progress(Person person, Person.Taking taking, string courseId, double fraction)
    {
        if (taking.GivenBack)
        {
            return null;
        }

        taking.Fraction = fraction;
        taking.Completed = fraction >= 1;
        return new(person.Id, taking.Completed
            ? new CourseCompleted { CourseId = courseId, Fraction = 1 }
            : new CourseProgressed { CourseId = courseId, Fraction = fraction });
    }

    private CourseCommented Comment(Person person, int course, double stars)
    {
        bool chinese = person.ReadsChinese && courses[course].InChinese;
        string[] words = stars >= 4 ? (chinese ? CourseWords.ChinesePraise : CourseWords.EnglishPraise)
            : stars <= 2.5 ? (chinese ? CourseWords.ChineseComplaints : CourseWords.EnglishComplaints)
            : chinese ? CourseWords.ChineseShrugs : CourseWords.EnglishShrugs;
        return new CourseCommented { CourseId = courses[course].Course.Id, Text = random.Pick<string>(words), Language = chinese ? "zh" : "en" };
    }

    private void Later(ref DateTimeOffset clock, double meanSeconds, DateTimeOffset latest)
    {
        DateTimeOffset later = clock + TimeSpan.FromSeconds(0.5 + (meanSeconds * random.Exponential()));
        clock = later < latest ? later : latest;
    }

    private static TimeSpan Days(double days) => TimeSpan.FromDays(days);
}
