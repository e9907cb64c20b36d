using KnowledgePay.Contracts;
using KnowledgePay.Decisions.Catalogue;
using KnowledgePay.Decisions.Projections;

namespace KnowledgePay.Decisions.Offers;

/// <summary>Spreads a product's monthly budget over the days of the calendar month (UTC).</summary>
/// <remarks>
/// Spent = shown × costPerShow + accepted × costPerAcceptance, from the product's terms, month to date. By the end of day d of D, d/D of the budget may be spent.
/// While the share of today's allowance that is left is at least the share of today that is left, every chance is taken; below, only that fraction of them.
/// Nothing is shown that could take the month over the budget, were it accepted.
/// </remarks>
public static class BudgetPacing
{
    /// <summary>Probability with which to let the product through now, 0 to 1; 1 without a budget or without costs.</summary>
    public static double Throttle(ProductEntry product, ProductAggregate? aggregate, DateTimeOffset now)
    {
        if (product.Product.Budget is not { } budget)
        {
            return 1;
        }

        ProductTerms terms = product.Terms;
        if (terms.CostPerShow is null && terms.CostPerAcceptance is null)
        {
            return 1;
        }

        if ((terms.CostPerShow ?? budget).Currency != budget.Currency || (terms.CostPerAcceptance ?? budget).Currency != budget.Currency)
        {
            // Costs that cannot be compared with the budget cannot be kept within it.
            return 0;
        }

        decimal show = terms.CostPerShow?.MinorUnits ?? 0;
        decimal acceptance = terms.CostPerAcceptance?.MinorUnits ?? 0;
        decimal spent = Spent(aggregate, now, show, acceptance);
        if (spent + show + acceptance > budget.MinorUnits)
        {
            return 0;
        }

        DateTime at = now.UtcDateTime;
        int days = DateTime.DaysInMonth(at.Year, at.Month);
        decimal daily = (decimal)budget.MinorUnits / days;
        decimal left = (daily * at.Day) - spent;
        if (left <= 0)
        {
            return 0;
        }

        double shareLeft = (double)(left / daily);
        double dayLeft = 1 - at.TimeOfDay.TotalDays;
        return shareLeft >= dayLeft ? 1 : shareLeft / dayLeft;
    }

    /// <summary>Minor units spent in the calendar month so far.</summary>
    internal static decimal Spent(ProductAggregate? aggregate, DateTimeOffset now, decimal show, decimal acceptance)
    {
        ProductDay[] days = aggregate?.Days ?? [];
        DateTime at = now.UtcDateTime;
        int first = new DateOnly(at.Year, at.Month, 1).DayNumber;
        decimal spent = 0;
        for (int i = days.Length - 1; i >= 0 && days[i].Day >= first; i--)
        {
            spent += (days[i].Shown.Count * show) + (days[i].Accepted.Count * acceptance);
        }

        return spent;
    }
}
