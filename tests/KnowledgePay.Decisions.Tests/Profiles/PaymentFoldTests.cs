using CsCheck;
using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Events;
using KnowledgePay.Decisions.Profiles;
using KnowledgePay.Decisions.Projections;
using KnowledgePay.Decisions.Rules;

namespace KnowledgePay.Decisions.Tests.Profiles;

public sealed class PaymentFoldTests
{
    private readonly FoldedPerson _person = new();

    private UserProfile Profile => _person.Profile;

    [Fact]
    public void A_payment_counts_as_a_purchase_once_whether_the_order_or_its_own_event_comes_first() => Gen.Bool.Sample(orderFirst =>
    {
        EventData[] both = [Happening.Ordered(2, 9_000), Happening.Paid(9_000)];
        var person = new FoldedPerson();
        foreach (EventData data in orderFirst ? both : both.Reverse())
        {
            person.Does(data);
        }

        Assert.Equal(1, person.Profile.Purchases);
        Assert.Equal([Happening.Cny(9_000)], person.Profile.Spent!);
        Assert.Equal(FoldedPerson.Start.UtcTicks, person.Profile.LastPurchaseTicks);
    }, iter: 10);

    [Fact]
    public void Spending_is_summed_by_currency_and_refunds_take_from_it_down_to_nothing()
    {
        _person.Does(Happening.Paid(9_000)).Does(Happening.Paid(500, id: "pay-2", currency: "USD")).Does(Happening.Paid(1_000, id: "pay-3"));
        Assert.Equal([Happening.Cny(10_000), new Money("USD", 500)], Profile.Spent!);
        _person.Does(Happening.Refunded(4_000)).Does(Happening.ChargedBack(90_000));
        Assert.Equal([Happening.Cny(0), new Money("USD", 500)], Profile.Spent!);
        Assert.Equal((1, 1), (Profile.Refunds, Profile.Chargebacks));
        Assert.Equal(new Money("USD", 500), Profile.LargestSpend());
    }

    [Fact]
    public void Failed_and_abandoned_payments_are_counted_and_no_purchases()
    {
        _person.Does(Happening.Paid(9_000, PaymentOutcome.Failed)).Does(Happening.Paid(9_000, PaymentOutcome.Abandoned)).Does(Happening.Paid(9_000));
        Assert.Equal((1, 1, 1, 1), (Profile.PaymentsFailed, Profile.PaymentsAbandoned, Profile.PaymentsSucceeded, Profile.Purchases));
        Assert.Equal(2 / 3.0, Profile.PaymentFailureRate());
        Assert.Equal(1, Profile.LogPaymentAmount.Count);
    }

    [Fact]
    public void The_payment_risk_stays_between_nothing_and_one() => EventGen.Life.Sample(life =>
    {
        var person = new FoldedPerson();
        foreach (StoredEvent e in life)
        {
            person.Apply(person.Profile.Sequence + 1, e);
            Assert.InRange(person.Profile.CurrentRisk(e.Time), 0f, 1f);
        }
    }, iter: 100);

    [Fact]
    public void Each_bad_sign_raises_the_risk_and_each_good_one_eases_it()
    {
        (EventData Sign, float Weight)[] bad =
        [
            (Happening.Defaulted("l1"), 0.6f), (Happening.ChargedBack(100), 0.5f), (Happening.InstallmentMissed("l1", 5), 0.15f), (Happening.InstallmentMissed("l1", 30), 0.25f),
            (Happening.Paid(100, PaymentOutcome.Failed), 0.08f), (Happening.Paid(100, PaymentOutcome.Abandoned), 0.03f), (Happening.Refunded(100), 0.03f),
        ];
        Assert.All(bad, sign =>
        {
            // Twice: the second takes its share of what is left to one.
            var person = new FoldedPerson().Does(sign.Sign);
            Assert.Equal(sign.Weight, person.Profile.RiskScore, 1e-5);
            if (sign.Sign is not LoanDefaulted)
            {
                person.Does(sign.Sign);
                Assert.Equal(1 - ((1 - sign.Weight) * (1 - sign.Weight)), person.Profile.RiskScore, 1e-5);
            }
        });
        _person.Does(Happening.ChargedBack(100)).Does(Happening.Paid(100));
        Assert.Equal(0.5f * 0.85f, Profile.RiskScore, 1e-5);
        _person.Does(Happening.InstallmentPaid("l1"));
        Assert.Equal(0.5f * 0.85f * 0.9f, Profile.RiskScore, 1e-5);
    }

    [Fact]
    public void A_learned_score_is_the_least_that_the_risk_is_and_stands_for_the_payments_own_signs()
    {
        EventFacts scored = EventFacts.None with { PaymentRisk = 0.4f, PaymentRiskBy = "scorecard/1" };
        for (int i = 0; i < 6; i++)
        {
            _person.Does(Happening.Paid(100, PaymentOutcome.Failed, $"f{i}"), facts: scored);
        }

        // Neither failures nor velocity count on top of the score.
        Assert.Equal(0.4f, Profile.RiskScore, 1e-5);
        Assert.Equal(6, Profile.PaymentsFailed);
        Assert.Equal(0.2f, Profile.CurrentRisk(FoldedPerson.At(30)), 1e-5);

        // A better payment eases it, down to its own score; what others tell later counts as ever.
        _person.Does(Happening.Paid(100, id: "ok"), facts: scored with { PaymentRisk = 0.1f });
        Assert.Equal(0.4f * 0.85f, Profile.RiskScore, 1e-5);
        _person.Does(Happening.ChargedBack(100));
        Assert.Equal(0.34f + (0.5f * 0.66f), Profile.RiskScore, 1e-5);

        // One that arrives late counts as much as it would by now, and no more than one.
        var late = new FoldedPerson().Does(Happening.Paid(100, id: "now"), 30, scored with { PaymentRisk = 0f });
        late.Does(Happening.Paid(100, id: "then"), 0, scored with { PaymentRisk = 7f });
        Assert.Equal(1f, late.Profile.RiskScore, 1e-5);
    }

    [Fact]
    public void The_risk_halves_in_thirty_quiet_days()
    {
        _person.Does(Happening.ChargedBack(100));
        Assert.Equal(0.25f, Profile.CurrentRisk(FoldedPerson.At(30)), 1e-5);
        Assert.Equal(0.125f, Profile.CurrentRisk(FoldedPerson.At(60)), 1e-5);
        Assert.Equal(0.5f, Profile.CurrentRisk(FoldedPerson.At(-5)), 1e-5);
    }

    [Fact]
    public void A_sign_that_arrives_late_weighs_as_much_as_it_would_by_now()
    {
        _person.Does(Happening.Paid(1, PaymentOutcome.Abandoned, id: "x"), 30);
        float before = Profile.RiskScore;
        _person.Does(Happening.ChargedBack(100), 0);
        Assert.Equal(before + (0.25f * (1 - before)), Profile.RiskScore, 1e-5);
    }

    [Fact]
    public void The_fifth_attempt_within_minutes_is_a_sign_and_the_fifth_in_a_day_is_none()
    {
        var quick = new FoldedPerson();
        var slow = new FoldedPerson();
        for (int i = 0; i < 5; i++)
        {
            quick.Does(Happening.Paid(100, PaymentOutcome.Failed, $"q{i}"), i / 1440.0);
            slow.Does(Happening.Paid(100, PaymentOutcome.Failed, $"s{i}"), i / 4.0);
        }

        Assert.InRange(quick.Profile.RiskScore, 1 - (MathF.Pow(0.92f, 5) * 0.9f) - 1e-3f, 1 - (MathF.Pow(0.92f, 5) * 0.9f) + 1e-3f);
        Assert.InRange(slow.Profile.RiskScore, 0.3f, 1 - MathF.Pow(0.92f, 5));
    }

    [Fact]
    public void A_device_that_never_paid_is_a_sign_only_when_others_did()
    {
        _person.Does(Happening.Paid(100, device: "phone"));
        Assert.Equal(0f, Profile.RiskScore);
        _person.Does(Happening.Paid(100, PaymentOutcome.Failed, "p2", device: "stranger"));
        Assert.Equal(1 - (0.95f * 0.92f), Profile.RiskScore, 1e-5);
        Assert.Single(Profile.Devices!);
    }

    [Fact]
    public void A_missing_device_and_network_are_counted_as_missing()
    {
        _person.Does(new PaymentAttempted { PaymentId = "p", Amount = Happening.Cny(5), Method = "card", Outcome = PaymentOutcome.Failed });
        Assert.Equal(2, Profile.MissingValues);
    }

    [Fact]
    public void An_amount_that_cannot_be_is_no_purchase()
    {
        _person.Does(Happening.Paid(-5)).Does(Happening.Paid(Money.LargestMinorUnits + 1, id: "p2")).Does(Happening.Paid(5, id: "p3", currency: "XYZ"));
        Assert.Equal(0, Profile.Purchases);
        Assert.Null(Profile.Spent);
        Assert.Equal(3, Profile.OutlierValues);
        Assert.Empty(_person.AllEffects);
    }

    [Fact]
    public void Instalments_are_counted_by_loan_and_over_all_loans_ever()
    {
        _person.Does(Happening.Ordered(1, 9_000, loan: Happening.Loan("l0")));
        for (int i = 0; i < 40; i++)
        {
            _person.Does(Happening.InstallmentMissed($"l{i}", i)).Does(Happening.InstallmentPaid($"l{i}"));
        }

        _person.Does(Happening.Defaulted("l3")).Does(Happening.Defaulted("l39")).Does(Happening.Defaulted("l39"));
        Assert.Equal(ProfileFold.LoansKept, Profile.Loans!.Length);
        Assert.Equal((40, 40), (Profile.InstallmentsPaid, Profile.InstallmentsMissed));
        Assert.Equal(2, Profile.LoansDefaulted);
        Assert.Equal((40, 40, 2), (LoanBook.Paid(Profile), LoanBook.Missed(Profile), LoanBook.Defaults(Profile)));
        // The loan whose terms are known did not give way to those of which only payments are.
        LoanState known = Profile.Loans.Single(l => l.LoanId == "l0");
        Assert.Equal((12, 1, 1, 1_000L), (known.TermMonths, known.Paid, known.Missed, known.PaidMinorUnits));
    }

    [Fact]
    public void A_loan_event_may_come_before_the_order_that_opened_the_loan()
    {
        _person.Does(Happening.InstallmentPaid("l1"), 40).Does(Happening.Ordered(1, 9_000, loan: Happening.Loan("l1")), 0);
        LoanState loan = Assert.Single(Profile.Loans!);
        Assert.Equal((12, 1, 1_000L), (loan.TermMonths, loan.Paid, loan.PaidMinorUnits));
    }

    [Fact]
    public void A_paid_off_loan_gives_way_first()
    {
        for (int i = 0; i < ProfileFold.LoansKept; i++)
        {
            _person.Does(Happening.Ordered(i, 9_000, $"pay-{i}", Happening.Loan($"l{i}", months: 1)));
        }

        _person.Does(Happening.InstallmentPaid("l7")).Does(Happening.Ordered(50, 9_000, "pay-50", Happening.Loan("new")));
        Assert.DoesNotContain(Profile.Loans!, l => l.LoanId == "l7");
        Assert.Contains(Profile.Loans!, l => l.LoanId == "l0");
    }

    [Fact]
    public void A_claim_is_counted_and_told()
    {
        _person.Does(new PolicyClaimed { PolicyId = "x", Amount = Happening.Cny(700) });
        Assert.Equal(1, Profile.Claims);
        Assert.Equal((EffectKind.PolicyClaimed, Happening.Cny(700)), (_person.Effects[0].Kind, _person.Effects[0].Amount));
    }

    [Fact]
    public void An_order_uses_its_credit_decision_up()
    {
        _person.Does(Happening.Credit("d-credit")).Does(Happening.Credit("d-other"));
        _person.Does(Happening.Ordered(1, 12_000, loan: Happening.Loan("l1", decision: "d-credit")));
        Assert.Equal([true, false], Profile.Credit!.Select(c => c.Used));
    }

    [Fact]
    public void The_answer_to_a_review_replaces_the_standing_and_does_not_free_one_that_was_used()
    {
        _person.Does(Happening.Credit("d1", Contracts.Decisions.CreditOutcome.Review)).Does(Happening.Credit("d1"));
        Assert.Equal(Contracts.Decisions.CreditOutcome.Approved, Assert.Single(Profile.Credit!).Outcome);
        _person.Does(Happening.Ordered(1, 12_000, loan: Happening.Loan("l1", decision: "d1"))).Does(Happening.Credit("d1"));
        Assert.True(Assert.Single(Profile.Credit!).Used);
    }

    [Fact]
    public void A_standing_that_cannot_be_drawn_on_gives_way_before_a_live_one()
    {
        _person.Does(Happening.Credit("live", expiresDay: 90)).Does(Happening.Credit("stale", expiresDay: 1));
        for (int i = 0; i < ProfileFold.StandingsKept - 1; i++)
        {
            _person.Does(Happening.Credit($"d{i}", expiresDay: 90), 2);
        }

        Assert.Contains(Profile.Credit!, c => c.DecisionId == "live");
        Assert.DoesNotContain(Profile.Credit!, c => c.DecisionId == "stale");
    }

    [Fact]
    public void An_order_is_remembered_so_that_a_repeated_checkout_finds_it()
    {
        for (int i = 0; i < 20; i++)
        {
            _person.Does(Happening.Ordered(i, 9_000, $"pay-{i}", i == 19 ? Happening.Loan("l9") : null), i);
        }

        Assert.Equal(ProfileFold.OrdersKept, Profile.Orders!.Length);
        OrderMemory last = Profile.Orders[^1];
        Assert.Equal(("o-pay-19", "q-pay-19", "c19", Happening.Cny(9_000), "l9"), (last.OrderId, last.QuoteId, last.CourseId, last.Charged, last.LoanId));
        Assert.Equal("o-pay-4", Profile.Orders[0].OrderId);
    }
}
