namespace KnowledgePay.Decisions.Reasons;

/// <summary>The sentences, by family of codes.</summary>
internal static class ReasonSentences
{
    public static IEnumerable<ReasonSentence> All =>
    [
        // Recommendation.
        new(ReasonCodes.BecauseYouTook, "Because you took “{0}”.", "因为您学过《{0}》。", "Because of a course that you took.", "因为您学过的一门课程。"),
        new(ReasonCodes.PeopleLikeYou, "People who study what you study took this.", "与您学习方向相近的人学了这门课。"),
        new(ReasonCodes.PeopleAlsoTook, "People who took “{0}” also took this.", "学过《{0}》的人也学了这门课。", "People who took what you took also took this.", "和您学过相同课程的人也学了这门课。"),
        new(ReasonCodes.SimilarTo, "Similar to “{0}”.", "与《{0}》内容相近。", "Similar to what you like.", "与您喜欢的内容相近。"),
        new(ReasonCodes.Trending, "Many people are taking this right now.", "近期热门。"),
        new(ReasonCodes.Popular, "Popular with many learners.", "深受众多学员喜爱。"),
        new(ReasonCodes.New, "New in the catalogue.", "新上架的课程。"),
        new(ReasonCodes.InCategory, "In “{0}”, a category that you like.", "属于您感兴趣的“{0}”分类。", "In a category that you like.", "属于您感兴趣的分类。"),
        new(ReasonCodes.Exploration, "Something different, to find out what else you may like.", "换个口味，看看您是否也喜欢。"),
        new(ReasonCodes.Interest, "You said that you are interested in {0}.", "您表示过对“{0}”感兴趣。", "It fits the interests that you named.", "符合您填写的兴趣。"),
        new(ReasonCodes.FollowsOn, "The next step after “{0}”.", "学完《{0}》之后的下一步。", "The next step after a course that you took.", "您学过的课程之后的下一步。"),
        new(ReasonCodes.LeadsTo, "Leads to “{0}”, which asks for it.", "学习《{0}》需要先学这门课。", "Leads to a course that you want.", "通往您想学的课程。"),
        new(ReasonCodes.RelatedConcept, "Related to “{0}”, which you are learning about.", "与您正在学习的“{0}”相关。", "Related to what you are learning about.", "与您正在学习的内容相关。"),
        new(ReasonCodes.PopularInRegion, "Many people in {0} take it.", "“{0}”的许多人都在学。", "Many people where you live take it.", "您所在地区的许多人都在学。"),
        new(ReasonCodes.EditorsChoice, "Our editors chose it for this place.", "编辑推荐。"),
        new(ReasonCodes.Sponsored, "Advertisement: somebody pays for this place.", "广告：此位置为付费推广。"),
        new(ReasonCodes.Personalised, "This list was made for you.", "此列表为您量身推荐。"),
        new(ReasonCodes.Newcomer, "We do not know you yet, so this is what many people like.", "我们对您还不了解，先为您展示大家喜欢的课程。"),
        new(ReasonCodes.NotPersonalised, "This list is not personalised, as you chose.", "按照您的选择，此列表未作个性化推荐。"),
        // Paths.
        new(ReasonCodes.PathNeededFor, "Needed for “{0}”.", "学习《{0}》之前需要先学这门课。", "Needed for what comes after.", "后续课程需要先学这门课。"),
        new(ReasonCodes.PathGoal, "This is where you want to get to.", "这是您的目标课程。"),
        // Price.
        new(ReasonCodes.PriceStandard, "This is the standard price.", "这是标准价格。"),
        new(ReasonCodes.PriceList, "This is the list price.", "这是标价。"),
        new(ReasonCodes.PricePersonal, "This price was made for you and is never above the list price.", "这是为您定制的价格，绝不会高于标价。"),
        new(ReasonCodes.PriceMarket, "The price takes into account what {0} charges.", "价格参考了{0}的售价。", "The price takes into account what others charge.", "价格参考了市场上的售价。"),
        new(ReasonCodes.PriceNoConsent, "You have not agreed to personal prices, so this is the standard price.", "您未同意个性化定价，因此显示标准价格。"),
        new(ReasonCodes.PriceFloor, "This is the lowest price that is allowed for this course.", "这已是该课程允许的最低价格。"),
        new(ReasonCodes.PriceSameDay, "This is the price that you were already shown today.", "这与您今天已看到的价格一致。"),
        // Credit.
        new(ReasonCodes.CreditApproved, "The loan of {0} is approved.", "{0}的贷款申请已通过。", "The loan is approved.", "贷款申请已通过。"),
        new(ReasonCodes.CreditUnderAge, "Loans are only for people of legal age.", "仅向成年人提供贷款。"),
        new(ReasonCodes.CreditAgeUnconfirmed, "A person must confirm that you are of legal age.", "需要人工确认您已成年。"),
        new(ReasonCodes.CreditLoanDefaulted, "An earlier loan was not paid back.", "以往有贷款未能偿还。"),
        new(ReasonCodes.CreditChargebacks, "Payments were charged back.", "曾有付款被拒付撤回。"),
        new(ReasonCodes.CreditMissedPayments, "Instalments were missed.", "曾有分期款逾期未付。"),
        new(ReasonCodes.CreditProductNotEligible, "The conditions of “{0}” are not met.", "不符合“{0}”的申请条件。", "The conditions of this product are not met.", "不符合该产品的申请条件。"),
        new(ReasonCodes.CreditShortHistory, "You have been with us for a short time.", "您加入的时间还较短。"),
        new(ReasonCodes.CreditFewPurchases, "There are few purchases so far.", "目前的购买次数较少。"),
        new(ReasonCodes.CreditLowSpend, "Little has been spent so far.", "目前的消费金额较低。"),
        new(ReasonCodes.CreditPaymentFailures, "Payments have failed, or too few are known.", "曾有付款失败，或付款记录不足。"),
        new(ReasonCodes.CreditRefunds, "Purchases were refunded, or too few are known.", "曾有退款，或购买记录不足。"),
        new(ReasonCodes.CreditPaymentRisk, "Recent payments show a raised risk.", "近期的付款情况显示风险偏高。"),
        new(ReasonCodes.CreditNoLoanHistory, "Few instalments have been paid back so far.", "目前的还款记录较少。"),
        new(ReasonCodes.CreditLowCompletion, "Few of the courses taken were completed.", "已完成的课程较少。"),
        new(ReasonCodes.CreditLowActivity, "There was little activity lately.", "近期的学习活动较少。"),
        new(ReasonCodes.CreditOpenExposure, "Other loans are still to be paid back.", "仍有其他贷款尚未还清。"),
        new(ReasonCodes.CreditIncome, "The income that was stated is low or not known.", "填写的收入较低或未填写。"),
        new(ReasonCodes.CreditAmountAboveLimit, "The amount is above the limit of {0}.", "申请金额超过了{0}的额度。", "The amount is above the limit.", "申请金额超过了额度。"),
        new(ReasonCodes.CreditInstallmentUnaffordable, "The instalments would be too high; up to {0} is affordable.", "每期还款金额过高，可承受的贷款金额最多为{0}。", "The instalments would be too high.", "每期还款金额过高。"),
        new(ReasonCodes.CreditReviewBorderline, "The case is close to the line, so a person decides.", "情况处于临界范围，将由人工审核。"),
        new(ReasonCodes.CreditReviewThinFile, "Little is known yet, so a person decides.", "目前掌握的信息较少，将由人工审核。"),
        new(ReasonCodes.CreditReviewed, "A person reviewed the case.", "该申请已由人工审核。"),
        // Offer.
        new(ReasonCodes.OfferFitsFrequentLearner, "A membership pays off for somebody who learns as often as you do.", "您经常学习，会员更划算。"),
        new(ReasonCodes.OfferForMembers, "A membership for all who like to learn.", "适合所有热爱学习的人的会员。"),
        new(ReasonCodes.OfferSpreadsPayment, "It spreads the payment for “{0}” over several months.", "可将《{0}》的费用分摊到数月支付。", "It spreads a larger payment over several months.", "可将较大的费用分摊到数月支付。"),
        new(ReasonCodes.OfferProtectsPurchase, "It protects your purchase of “{0}”.", "为您购买的《{0}》提供保障。", "It protects your purchase.", "为您的购买提供保障。"),
        new(ReasonCodes.OfferPopularWithPeers, "Learners like you often choose it.", "与您相似的学员常常选择它。"),
        new(ReasonCodes.OfferFitsCourse, "It goes with “{0}”.", "与《{0}》搭配。", "It goes with this course.", "与这门课程搭配。"),
        new(ReasonCodes.OfferPersonalPremium, "This premium was made for you from the claims that are expected; it is below the list price.", "此保费根据预期理赔为您个人确定，低于标准价格。"),
        new(ReasonCodes.OfferGeneral, "It is offered to everybody here; nothing about you was used.", "此产品面向所有人提供，未使用您的任何个人信息。"),
        new(ReasonCodes.OfferEligible, "You meet its conditions.", "您符合其条件。"),
        new(ReasonCodes.OfferNoConsent, "Without your consent only offers that need nothing of you are shown.", "未经您同意，仅显示无需您个人信息的产品。"),
        new(ReasonCodes.OfferNone, "There is no suitable offer right now.", "目前没有合适的产品。"),
        // Checkout.
        new(ReasonCodes.CheckoutPaid, "Paid in full: {0}.", "已全额支付：{0}。", "Paid in full.", "已全额支付。"),
        new(ReasonCodes.CheckoutFinanced, "Paid by a loan over {1} months: {0}.", "已通过{1}个月分期贷款支付：{0}。", "Paid by a loan.", "已通过贷款支付。"),
    ];
}

/// <summary>One code's sentence in each language.</summary>
/// <param name="English">With <c>{0}</c>, <c>{1}</c> where the arguments go.</param>
/// <param name="EnglishBare">For a reason without arguments; null when the sentence takes none.</param>
internal sealed record ReasonSentence(string Code, string English, string Chinese, string? EnglishBare = null, string? ChineseBare = null);
