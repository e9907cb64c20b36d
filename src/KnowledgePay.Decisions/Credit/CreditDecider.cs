using System.Collections.Immutable;
using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Contracts.Partners;
using KnowledgePay.Decisions.Catalogue;
using KnowledgePay.Decisions.Offers;
using KnowledgePay.Decisions.Profiles;
using KnowledgePay.Decisions.Reasons;
using KnowledgePay.Decisions.Rules;

namespace KnowledgePay.Decisions.Credit;

/// <summary>Whether, how much and at what rate to lend: knock-out rules, scorecard, affordability, in this order.</summary>
/// <remarks>Deterministic: the same context and request give the same decision. No protected attribute is read but the legal minimum age.</remarks>
public static class CreditDecider
{
    /// <summary>Decides, or says why it will not: 422 for a request that cannot be right, 403 without the consent <c>creditChecks</c>, 404 for an unknown product or course.</summary>
    public static Answer<CreditDecision> Decide(in CreditContext context, CreditRequest request)
    {
        if (CheckShape(request, context.Policy) is { } malformed)
        {
            return malformed;
        }

        if (!context.Decision.Profile.Consent.CreditChecks)
        {
            return Problem.ConsentRequired("creditChecks");
        }

        CourseEntry? course = null;
        if (request.CourseId is { } courseId && (course = context.Decision.Catalogue.FindCourse(courseId)) is null)
        {
            return Problem.NotFound("course", courseId);
        }

        ProductEntry? product = null;
        if (request.ProductId is { } productId && CheckProduct(context, request, productId, out product) is { } refused)
        {
            return refused;
        }

        return Decide(context, request, course, product);
    }

    private static CreditDecision Decide(in CreditContext context, CreditRequest request, CourseEntry? course, ProductEntry? product)
    {
        CreditPolicy policy = context.Policy;
        var facts = new RuleFacts
        {
            Profile = context.Decision.Profile,
            Catalogue = context.Decision.Catalogue,
            Now = context.Decision.Now,
            Course = course,
            AmountMinorUnits = request.Amount.MinorUnits,
            Standing = context.Standing,
            Currency = request.Amount.Currency,
        };
        var traces = ImmutableArray.CreateBuilder<RuleTrace>();
        var declines = new List<Reason>();
        var reviews = new List<Reason>();
        if (product is not null && !product.Eligibility.Trace(facts, "eligibility", traces))
        {
            declines.Add(Reason.Of(ReasonCodes.CreditProductNotEligible, product.Product.Name));
        }

        foreach (KnockOutRule rule in policy.KnockOuts)
        {
            if (rule.When.Trace(facts, rule.Code, traces))
            {
                (rule.Outcome == CreditOutcome.Declined ? declines : reviews).Add(new Reason(rule.Code));
            }
        }

        double[] values = CreditAttributes.Read(context);
        int[] points = new int[values.Length];
        int score = policy.Scorecard.Score(values, points);
        ScoreBand? band = null;
        foreach (ScoreBand candidate in policy.Bands)
        {
            if (score >= candidate.MinimumScore)
            {
                band = candidate;
                break;
            }
        }

        bool thin = values[(int)CreditAttribute.MonthsSinceFirstSeen] < policy.ThinFileMonths || values[(int)CreditAttribute.Purchases] < policy.ThinFilePurchases;
        int? apr = null;
        Affordability? affordability = null;
        if (band is null)
        {
            AddPointsLost(policy, points, declines);
        }
        else
        {
            apr = Math.Min(policy.LegalAprBasisPoints, product?.Terms.AprBasisPoints ?? band.AprBasisPoints);
            affordability = Affordability.Of(context, request, band, apr.Value, product?.Terms.MaximumAmount?.MinorUnits);
            Judge(policy, request, band, affordability, thin, points, declines, reviews);
        }

        CreditOutcome outcome = declines.Count > 0 ? CreditOutcome.Declined : reviews.Count > 0 ? CreditOutcome.Review : CreditOutcome.Approved;
        apr = outcome == CreditOutcome.Declined ? null : apr;
        CreditAnswer answer = Answer(context, request, outcome, score, apr, affordability?.Limit, outcome == CreditOutcome.Declined ? declines : reviews);
        return new CreditDecision(answer, apr, new CreditDecision.Evidence
        {
            Request = request,
            PartnerId = product?.Product.PartnerId ?? request.PartnerId,
            At = context.Decision.Now,
            UserSequence = context.Decision.Profile.Sequence,
            Scorecard = policy.Scorecard,
            Values = values,
            Points = points,
            Rules = traces.ToImmutable(),
            IncomeBand = context.Decision.Profile.IncomeBand,
            IsThinFile = thin,
            Band = band,
            AprBasisPoints = apr,
            Affordability = affordability,
        });
    }

    /// <summary>Compares the amount with the limit, and the band and the file with what a machine may approve alone.</summary>
    private static void Judge(
        CreditPolicy policy, CreditRequest request, ScoreBand band, Affordability affordability, bool thin, ReadOnlySpan<int> points, List<Reason> declines, List<Reason> reviews)
    {
        long limit = affordability.Limit.MinorUnits;
        if (request.Amount.MinorUnits > limit)
        {
            string code = affordability.LimitedByInstallment ? ReasonCodes.CreditInstallmentUnaffordable : ReasonCodes.CreditAmountAboveLimit;
            var reason = Reason.Of(code, affordability.Limit.ToString());
            if (request.Amount.MinorUnits <= limit * (1 + policy.NearLimitShare))
            {
                reviews.Add(reason);
            }
            else
            {
                declines.Add(reason);
                AddPointsLost(policy, points, declines);
            }
        }

        if (band.NeedsReview)
        {
            reviews.Add(new Reason(ReasonCodes.CreditReviewBorderline));
        }

        if (thin && policy.Scale.ToFen(request.Amount) > policy.ThinFileAmountFen)
        {
            reviews.Add(new Reason(ReasonCodes.CreditReviewThinFile));
        }
    }

    /// <summary>Fills up with the attributes that lost the most points against their maximum.</summary>
    private static void AddPointsLost(CreditPolicy policy, ReadOnlySpan<int> points, List<Reason> reasons)
    {
        var lost = new List<(int Points, int Index)>(points.Length);
        for (int i = 0; i < points.Length; i++)
        {
            int missing = policy.Scorecard.Attributes[i].LargestPoints - points[i];
            if (missing > 0)
            {
                lost.Add((missing, i));
            }
        }

        foreach ((_, int index) in lost.OrderByDescending(l => l.Points).ThenBy(l => l.Index))
        {
            string code = policy.Scorecard.Attributes[index].ReasonCode;
            if (reasons.Count >= policy.LargestReasonCount)
            {
                return;
            }

            if (!reasons.Exists(r => r.Code == code))
            {
                reasons.Add(new Reason(code));
            }
        }
    }

    private static CreditAnswer Answer(
        in CreditContext context, CreditRequest request, CreditOutcome outcome, int score, int? apr, Money? limit, List<Reason> reasons)
    {
        DecisionContext decision = context.Decision;
        bool approved = outcome == CreditOutcome.Approved;
        var today = DateOnly.FromDateTime(decision.Now.UtcDateTime);
        return new CreditAnswer
        {
            DecisionId = decision.DecisionId,
            Outcome = outcome,
            Score = score,
            ProbabilityOfDefault = CreditScorecard.ProbabilityOfDefault(score),
            Limit = limit is { MinorUnits: > 0 } ? limit : null,
            Apr = apr / 10_000m,
            Installments = approved ? AmortisationSchedule.Equal(request.Amount, apr!.Value, request.TermMonths, today.AddMonths(1)) : null,
            Reasons = approved
                ? [Reason.Of(ReasonCodes.CreditApproved, request.Amount.ToString())]
                : [.. reasons.Take(context.Policy.LargestReasonCount)],
            ModelVersions = new ModelVersions(ImmutableSortedDictionary<string, string>.Empty
                .Add("catalogue", decision.Catalogue.Version.ToString(System.Globalization.CultureInfo.InvariantCulture))
                .Add("creditPolicy", context.Policy.Version)
                .Add("risk", context.Policy.Scorecard.Version)),
            Appeal = approved ? null : "/v1/reviews?decisionId=" + decision.DecisionId,
            ExpiresAt = approved ? decision.Now + context.Policy.ApprovalLifetime : null,
            ReviewId = outcome == CreditOutcome.Review ? "review-" + decision.DecisionId : null,
        };
    }

    private static Problem? CheckShape(CreditRequest request, CreditPolicy policy)
    {
        if (!Currencies.IsKnown(request.Amount.Currency) || !policy.Scale.Knows(request.Amount.Currency))
        {
            return Problem.Invalid("/amount/currency", $"Credit is given in {policy.Scale.Known}.");
        }

        if (request.Amount.MinorUnits is <= 0 or > Money.LargestMinorUnits)
        {
            return Problem.Invalid("/amount/minorUnits", $"Expected more than 0 and at most {Money.LargestMinorUnits}.");
        }

        return request.TermMonths < 1 || request.TermMonths > policy.LongestTermMonths
            ? Problem.Invalid("/termMonths", $"Expected 1 to {policy.LongestTermMonths} months.")
            : null;
    }

    private static Problem? CheckProduct(in CreditContext context, CreditRequest request, string productId, out ProductEntry? product)
    {
        product = context.Decision.Catalogue.FindProduct(request.PartnerId, productId);
        if (product is null)
        {
            bool several = request.PartnerId is null && Array.Exists(context.Decision.Catalogue.Products, p => p?.Product.Id == productId);
            return several
                ? Problem.Invalid("/partnerId", $"Several partners have a product '{productId}'; name the partner.")
                : Problem.NotFound("product", productId);
        }

        ProductTerms terms = product.Terms;
        if (product.Product.Kind != ProductKind.Loan)
        {
            return Problem.Invalid("/productId", $"'{productId}' is not a loan.");
        }

        if (!product.IsValid(context.Decision.Now))
        {
            return Problem.Invalid("/productId", $"'{productId}' is not on offer now.");
        }

        if ((terms.MaximumAmount ?? terms.MinimumAmount) is { } priced && priced.Currency != request.Amount.Currency)
        {
            return Problem.Invalid("/amount/currency", $"'{productId}' is lent in {priced.Currency}.");
        }

        if (request.TermMonths < terms.MinimumTermMonths || request.TermMonths > terms.MaximumTermMonths)
        {
            return Problem.Invalid("/termMonths", $"'{productId}' runs {terms.MinimumTermMonths ?? 1} to {terms.MaximumTermMonths ?? context.Policy.LongestTermMonths} months.");
        }

        return (terms.MinimumAmount is { } least && request.Amount < least) || (terms.MaximumAmount is { } most && request.Amount > most)
            ? Problem.Invalid("/amount/minorUnits", $"'{productId}' lends {terms.MinimumAmount?.ToString() ?? "any amount"} to {terms.MaximumAmount?.ToString() ?? "any amount"}.")
            : null;
    }
}
