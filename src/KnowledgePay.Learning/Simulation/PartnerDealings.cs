using System.Globalization;
using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Events;
using KnowledgePay.Contracts.Partners;

namespace KnowledgePay.Learning.Simulation;

/// <summary>What a person does with partners' offers: sees one after a purchase, takes it or not, repays a loan or fails to, claims on a policy.</summary>
internal sealed class PartnerDealings(
    MarketplaceOptions options,
    IReadOnlyList<PartnerProduct> products,
    SeededRandom random,
    Action<DateTimeOffset, Func<MarketplaceDays.Happening?>> schedule)
{
    private const int Installments = 3;
    private const int DaysBetween = 30;

    private long _offers;

    /// <summary>After a course was paid for, somebody who lets partners know of them may be shown one product.</summary>
    public void AfterPurchase(Person person, Money price, DateTimeOffset at)
    {
        if (!person.Consent.PartnerSharing || !random.Chance(0.3))
        {
            return;
        }

        PartnerProduct product = products[random.Next(products.Count)];
        string decision = string.Create(CultureInfo.InvariantCulture, $"sim-{options.Seed}-{_offers++}");
        DateTimeOffset clock = at + TimeSpan.FromSeconds(3);
        Happen(person, clock, new OfferShown { DecisionId = decision, ProductId = product.Id, PartnerId = product.PartnerId });
        clock += TimeSpan.FromSeconds(5 + (40 * random.Exponential()));
        double liking = product.Kind switch
        {
            // Credit draws those who are short of money, cover those who are careful.
            ProductKind.Loan => 0.1 + (0.5 * person.Risk),
            ProductKind.Insurance => 0.25 - (0.2 * person.Risk),
            _ => 0.1 + (0.05 * Math.Min(3, person.Activity)),
        };
        if (!random.Chance(liking))
        {
            if (random.Chance(0.5))
            {
                Happen(person, clock, new OfferDeclined { DecisionId = decision, ProductId = product.Id, PartnerId = product.PartnerId });
            }

            return;
        }

        Happen(person, clock, new OfferAccepted { DecisionId = decision, ProductId = product.Id, PartnerId = product.PartnerId });
        if (product.Kind == ProductKind.Loan)
        {
            Repay(person, "loan-" + decision, price, clock);
        }
        else if (product.Kind == ProductKind.Insurance && random.Chance(0.25))
        {
            Happen(
                person,
                clock + TimeSpan.FromDays(2 + (20 * random.NextDouble())),
                new PolicyClaimed { PolicyId = "policy-" + decision, Amount = price });
        }
    }

    /// <summary>Monthly parts that add up to the price; a missed one is paid late or is the end of it.</summary>
    private void Repay(Person person, string loan, Money price, DateTimeOffset opened)
    {
        long part = price.MinorUnits / Installments;
        if (part == 0)
        {
            return;
        }

        for (int i = 1; i <= Installments; i++)
        {
            DateTimeOffset due = opened + TimeSpan.FromDays(DaysBetween * i);
            Money amount = price with { MinorUnits = i == Installments ? price.MinorUnits - (part * (Installments - 1)) : part };
            if (!random.Chance(0.02 + (0.6 * person.Risk)))
            {
                Happen(person, due, new LoanInstallmentPaid { LoanId = loan, Amount = amount, DaysLate = 0 });
                continue;
            }

            Happen(person, due + TimeSpan.FromDays(1), new LoanInstallmentMissed { LoanId = loan, Amount = amount, DaysLate = 1 });
            if (random.Chance(0.2 + (0.4 * person.Risk)))
            {
                Money owed = price with { MinorUnits = price.MinorUnits - (part * (i - 1)) };
                Happen(person, due + TimeSpan.FromDays(10), new LoanDefaulted { LoanId = loan, Amount = owed, DaysLate = 10 });
                return;
            }

            int late = 2 + random.Next(8);
            Happen(person, due + TimeSpan.FromDays(late), new LoanInstallmentPaid { LoanId = loan, Amount = amount, DaysLate = late });
        }
    }

    private void Happen(Person person, DateTimeOffset at, EventData data) => schedule(at, () => new(person.Id, data));
}
