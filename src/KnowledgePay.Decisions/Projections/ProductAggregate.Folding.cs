using KnowledgePay.Contracts;
using KnowledgePay.Decisions.Profiles;

namespace KnowledgePay.Decisions.Projections;

public sealed partial class ProductAggregate
{
    /// <summary>Days kept; an effect of a day before the oldest of that many counts in the totals only.</summary>
    public const int DaysKept = 400;

    /// <summary>Adds one effect about this product. Effects of other kinds are passed over.</summary>
    public void Apply(in ProjectionEffect effect)
    {
        int segment = Math.Min((int)effect.Segment, Segments.Capacity - 1);
        switch (effect.Kind)
        {
            case EffectKind.OfferEligible:
                DayOf(effect)?.Eligible.Add(effect.Person);
                break;
            case EffectKind.OfferShown:
                ShownBySegment[segment]++;
                DayOf(effect)?.AddShown(effect);
                break;
            case EffectKind.OfferAccepted:
                AcceptedBySegment[segment]++;
                DayOf(effect)?.AddAccepted(effect);
                break;
            case EffectKind.OfferDeclined:
                DeclinedBySegment[segment]++;
                DayOf(effect)?.Declined.Add(effect.Person);
                break;
            case EffectKind.PolicyClaimed:
                Claims++;
                break;
            case EffectKind.LoanInstallmentPaid:
                InstallmentsPaid++;
                break;
            case EffectKind.LoanInstallmentMissed:
                InstallmentsMissed++;
                break;
            case EffectKind.LoanDefaulted:
                Defaults++;
                break;
        }
    }

    /// <summary>Adds what another partition counted of the same product; the other is left as it is.</summary>
    public void Merge(ProductAggregate other)
    {
        for (int i = 0; i < Segments.Capacity; i++)
        {
            ShownBySegment[i] += other.ShownBySegment[i];
            AcceptedBySegment[i] += other.AcceptedBySegment[i];
            DeclinedBySegment[i] += other.DeclinedBySegment[i];
        }

        Claims += other.Claims;
        InstallmentsPaid += other.InstallmentsPaid;
        InstallmentsMissed += other.InstallmentsMissed;
        Defaults += other.Defaults;
        foreach (ProductDay day in other.Days)
        {
            EnsureDay(day.Day)?.Merge(day);
        }
    }

    private ProductDay? DayOf(in ProjectionEffect effect) => EnsureDay((int)(effect.TimeTicks / TimeSpan.TicksPerDay));

    private ProductDay? EnsureDay(int day)
    {
        ProductDay[] days = Days;
        int at = days.Length;
        while (at > 0 && days[at - 1].Day >= day)
        {
            at--;
        }

        if (at < days.Length && days[at].Day == day)
        {
            return days[at];
        }

        if (days.Length == DaysKept && at == 0)
        {
            return null;
        }

        int dropped = days.Length == DaysKept ? 1 : 0;
        var made = new ProductDay { Day = day };
        Days = [.. days.AsSpan(dropped, at - dropped), made, .. days.AsSpan(at)];
        return made;
    }
}

public sealed partial class ProductDay
{
    internal void AddShown(in ProjectionEffect effect)
    {
        Shown.Add(effect.Person);
        RiskMix = Grown(RiskMix, RiskBands.Count);
        SegmentMix = Grown(SegmentMix, Segments.Capacity);
        RiskMix[Math.Min((int)effect.RiskBand, RiskBands.Count - 1)].Add(effect.Person);
        SegmentMix[Math.Min((int)effect.Segment, Segments.Capacity - 1)].Add(effect.Person);
    }

    internal void AddAccepted(in ProjectionEffect effect)
    {
        Accepted.Add(effect.Person);
        if (effect.Amount is { Currency: not null, MinorUnits: not 0 } amount)
        {
            EnsureRevenue(amount).Add(effect.Person);
        }
    }

    internal void Merge(ProductDay other)
    {
        Eligible.Merge(other.Eligible);
        Shown.Merge(other.Shown);
        Accepted.Merge(other.Accepted);
        Declined.Merge(other.Declined);
        RiskMix = Merged(RiskMix, other.RiskMix);
        SegmentMix = Merged(SegmentMix, other.SegmentMix);
        for (int i = 0; i < other.RevenuePeople.Length; i++)
        {
            EnsureRevenue(other.Revenue![i]).Merge(other.RevenuePeople[i]);
        }
    }

    /// <summary>Adds an amount and gives the people of its currency, in step with the sorted sums.</summary>
    private PeopleCount EnsureRevenue(Money amount)
    {
        int before = Revenue?.Length ?? 0;
        Revenue = MoneySums.Add(Revenue, amount)!;
        int at = Array.FindIndex(Revenue, m => m.Currency == amount.Currency);
        if (at < 0)
        {
            return new PeopleCount();
        }

        if (Revenue.Length > before)
        {
            RevenuePeople = [.. RevenuePeople.AsSpan(0, at), new PeopleCount(), .. RevenuePeople.AsSpan(at)];
        }

        return RevenuePeople[at];
    }

    private static PeopleCount[] Merged(PeopleCount[] into, PeopleCount[] other)
    {
        into = Grown(into, other.Length);
        for (int i = 0; i < other.Length; i++)
        {
            into[i].Merge(other[i]);
        }

        return into;
    }

    private static PeopleCount[] Grown(PeopleCount[] counts, int length)
    {
        if (counts.Length >= length)
        {
            return counts;
        }

        var grown = new PeopleCount[length];
        for (int i = 0; i < length; i++)
        {
            grown[i] = i < counts.Length ? counts[i] : new PeopleCount();
        }

        return grown;
    }
}
