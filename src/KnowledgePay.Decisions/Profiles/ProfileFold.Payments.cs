using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Events;
using KnowledgePay.Decisions.Projections;

namespace KnowledgePay.Decisions.Profiles;

public static partial class ProfileFold
{
    private static void FoldPayment(UserProfile profile, PaymentAttempted d, in Moment at, ref EffectBuffer effects)
    {
        bool isScored = at.Facts.PaymentRisk is not null;
        if (AddPaymentVelocity(profile, at.Ticks) > PaymentRisk.VelocityThreshold && !isScored)
        {
            PaymentRisk.Raise(profile, at.Ticks, PaymentRisk.Velocity);
        }

        ulong device = SeeDevice(profile, d.DeviceId, at.Ticks, isSign: !isScored);
        if (d.Network is null)
        {
            profile.MissingValues = Next(profile.MissingValues);
        }

        bool hasAmount = d.Amount.IsValidPrice;
        if (!hasAmount)
        {
            profile.OutlierValues = Next(profile.OutlierValues);
        }

        switch (d.Outcome)
        {
            case PaymentOutcome.Succeeded:
                profile.PaymentsSucceeded = Next(profile.PaymentsSucceeded);
                PaymentRisk.Ease(profile, at.Ticks, PaymentRisk.AfterSuccess);
                if (device != 0 && Array.IndexOf(profile.Devices ?? [], device) < 0)
                {
                    profile.Devices = Appended(profile.Devices, device, DevicesKept);
                }

                if (hasAmount)
                {
                    profile.LogPaymentAmount = Plus(profile, profile.LogPaymentAmount, Math.Log(d.Amount.MinorUnits + 1), LeastLogAmountDeviation);
                    CountPurchase(profile, d.PaymentId, d.Amount, at.Ticks);
                    effects.Add(at.Effect(EffectKind.PaymentSucceeded) with { Amount = d.Amount });
                }

                break;
            case PaymentOutcome.Failed:
                profile.PaymentsFailed = Next(profile.PaymentsFailed);
                RaiseUnless(isScored, profile, at.Ticks, PaymentRisk.Failed);
                break;
            case PaymentOutcome.Abandoned:
                profile.PaymentsAbandoned = Next(profile.PaymentsAbandoned);
                RaiseUnless(isScored, profile, at.Ticks, PaymentRisk.Abandoned);
                break;
        }

        if (at.Facts.PaymentRisk is { } score)
        {
            PaymentRisk.AtLeast(profile, at.Ticks, score);
        }
    }

    private static void RaiseUnless(bool isScored, UserProfile profile, long ticks, float weight)
    {
        if (!isScored)
        {
            PaymentRisk.Raise(profile, ticks, weight);
        }
    }

    private static void FoldRefund(UserProfile profile, Money amount, in Moment at, ref EffectBuffer effects)
    {
        profile.Refunds = Next(profile.Refunds);
        PaymentRisk.Raise(profile, at.Ticks, PaymentRisk.Refunded);
        TakeBack(profile, amount, at, ref effects);
    }

    private static void FoldChargeback(UserProfile profile, Money amount, in Moment at, ref EffectBuffer effects)
    {
        profile.Chargebacks = Next(profile.Chargebacks);
        PaymentRisk.Raise(profile, at.Ticks, PaymentRisk.ChargedBack);
        TakeBack(profile, amount, at, ref effects);
    }

    /// <summary>Money that went back: spend falls (not below 0), and where the payment's course is known the taste for it too.</summary>
    /// <remarks>The course stays on the shelf: whether access ends is the platform's to say, and a refunded course is not one to recommend again.</remarks>
    private static void TakeBack(UserProfile profile, Money amount, in Moment at, ref EffectBuffer effects)
    {
        Learn(profile, at, SignalWeights.Refunded);
        if (!amount.IsValidPrice)
        {
            profile.OutlierValues = Next(profile.OutlierValues);
            return;
        }

        foreach (ref Money spent in profile.Spent.AsSpan())
        {
            if (spent.Currency == amount.Currency)
            {
                spent = spent with { MinorUnits = Math.Max(0, spent.MinorUnits - amount.MinorUnits) };
            }
        }

        effects.Add(at.Effect(EffectKind.PaymentRefunded) with { Amount = amount });
    }

    private static void FoldOrder(UserProfile profile, OrderPlaced d, in Moment at, ref EffectBuffer effects)
    {
        Take(profile, at, ref effects, out _);
        Learn(profile, at, SignalWeights.Ordered);
        BuyQuoted(profile, d, at);
        CountPurchase(profile, d.PaymentId, d.Charged, at.Ticks);
        profile.Orders = Appended(profile.Orders, new OrderMemory
        {
            OrderId = d.OrderId,
            QuoteId = d.QuoteId,
            PaymentId = d.PaymentId,
            CourseId = d.CourseId,
            Charged = d.Charged,
            PlacedTicks = at.Ticks,
            LoanId = d.Loan?.LoanId,
        }, OrdersKept);

        if (d.Loan is { } loan)
        {
            OpenLoan(profile, loan, at.Ticks);
            UseCredit(profile, loan.DecisionId);
        }

        EmitCourse(at.Effect(EffectKind.OrderPlaced) with { Amount = d.Charged, ListPrice = d.ListPrice, Value = d.Rung }, ref effects);
        if (d.AcceptedOffers.IsDefaultOrEmpty)
        {
            return;
        }

        int accepted = Math.Min(Math.Min(d.AcceptedOffers.Length, at.Facts.AcceptedProducts.Length), AcceptedProductsFolded);
        for (int i = 0; i < accepted; i++)
        {
            if (at.Facts.AcceptedProducts[i] is var product and >= 0)
            {
                Accept(profile, product, d.AcceptedOffers[i].DecisionId, d.AcceptedOffers[i].Revenue, at, ref effects);
            }
        }
    }

    /// <summary>Counts a payment as a purchase, once for its id, whether the order or the payment's own event comes first.</summary>
    private static void CountPurchase(UserProfile profile, string paymentId, Money amount, long ticks)
    {
        ulong payment = StableHash.Of(paymentId);
        if (Array.IndexOf(profile.OrderPayments ?? [], payment) >= 0)
        {
            return;
        }

        profile.OrderPayments = Appended(profile.OrderPayments, payment, PaymentsKept);
        profile.Purchases = Next(profile.Purchases);
        profile.LastPurchaseTicks = Math.Max(profile.LastPurchaseTicks, ticks);
        if (amount.IsValidPrice)
        {
            profile.Spent = MoneySums.Add(profile.Spent, amount, CurrenciesKept);
        }
    }

    private static float AddPaymentVelocity(UserProfile profile, long ticks)
    {
        float old = (float)Decay.Factor(ticks - profile.PaymentVelocityTicks, Decay.Hour);
        float weight = (float)Decay.Factor(profile.PaymentVelocityTicks - ticks, Decay.Hour);
        profile.PaymentVelocity = (profile.PaymentVelocity * old) + weight;
        profile.PaymentVelocityTicks = Math.Max(profile.PaymentVelocityTicks, ticks);
        return profile.PaymentVelocity;
    }

    /// <param name="isSign">Whether a device that never paid before raises the risk.</param>
    /// <returns>The device's hash, 0 for none.</returns>
    private static ulong SeeDevice(UserProfile profile, string? deviceId, long ticks, bool isSign)
    {
        if (string.IsNullOrEmpty(deviceId))
        {
            profile.MissingValues = Next(profile.MissingValues);
            return 0;
        }

        ulong device = StableHash.Of(deviceId);
        if (isSign && profile.Devices is { } devices && Array.IndexOf(devices, device) < 0)
        {
            PaymentRisk.Raise(profile, ticks, PaymentRisk.NewDevice);
        }

        return device;
    }
}
