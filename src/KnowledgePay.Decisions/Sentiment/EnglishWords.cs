namespace KnowledgePay.Decisions.Sentiment;

/// <summary>English words that carry sentiment, with inflections written out; each list is of one strength.</summary>
internal static class EnglishWords
{
    public const string StronglyGood =
        "excellent amazing awesome outstanding superb fantastic wonderful brilliant perfect perfectly exceptional incredible incredibly love loved loves best "
        + "phenomenal fabulous magnificent masterpiece marvelous marvellous terrific stellar exquisite delightful flawless unbeatable thrilled delighted adore favorite favourite";

    public const string Good =
        "good great nice enjoy enjoyed enjoys enjoyable enjoying helpful useful clear clearly informative interesting engaging engaged insightful valuable practical recommend "
        + "recommended recommending concise comprehensive thorough thoroughly easy easily well thank thanks grateful appreciate appreciated happy glad pleased satisfied "
        + "satisfying fun effective effectively relevant professional knowledgeable inspiring inspired inspirational motivating motivated rewarding enriching enlightening beneficial "
        + "benefit benefited improved improve structured organized organised understandable accessible friendly quick fast fresh delicious tasty comfortable clean beautiful "
        + "impressive impressed solid strong better worth worthwhile worthy like liked likes gem patient supportive smooth smoothly intuitive rich deep powerful "
        + "fascinating stimulating refreshing succinct straightforward detailed learned learnt gained confident confidence success successful successfully cool super "
        + "positive ideal right bravo congratulations kudos elegant generous reliable convenient exciting excited gratitude admirable remarkable relaxing creative entertaining "
        + "eye-opening well-structured well-organized handy efficient affordable must-take life-changing";

    public const string StronglyBad =
        "terrible horrible awful worst hate hated hates useless garbage pathetic disgusting scam fraud worthless unacceptable abysmal atrocious dreadful rubbish trash "
        + "ridiculous nightmare appalling horrendous joke insult insulting crap disaster";

    public const string Bad =
        "bad poor poorly boring bored confusing confused confuse unclear disappointed disappointing disappointment disappoint slow waste wasted wasting difficult frustrating frustrated "
        + "frustration outdated obsolete shallow superficial lacking lacks lack lacked missing broken bug bugs buggy error errors wrong incorrect mistake mistakes fail failed fails failure "
        + "problem problems issue issues annoying annoyed dull dry tedious repetitive rushed incomplete unfinished irrelevant misleading misled expensive overpriced refund unprofessional rude "
        + "cold stale dirty noisy late messy disorganized disorganised unorganized monotone monotonous mediocre unhelpful uninteresting unsatisfied dissatisfied unhappy sad sadly "
        + "unfortunately regret complaint complain vague weak worse hard impossible inconsistent inaccurate basic lazy stuck struggle struggled struggling ugly unfair unable sorry "
        + "hardly lousy inadequate insufficient inferior limited painful pointless pain redundant ambiguous overwhelming scripted sloppy careless unusable unanswered unresponsive "
        + "nowhere mess crash crashed crashes inaudible unintelligible incomprehensible off-putting time-consuming unnecessary unnecessarily cancel cancelled smelly tiny crowded";

    public const string Negators =
        "not no never none nothing neither nor without cannot can't cant won't wont don't dont doesn't doesnt didn't didnt isn't isnt wasn't wasnt aren't arent weren't werent "
        + "wouldn't wouldnt couldn't couldnt shouldn't shouldnt hasn't haven't hadn't ain't";

    public const string Intensifiers =
        "very really extremely so too absolutely totally highly incredibly super truly quite completely most deeply especially exceptionally particularly remarkably utterly insanely much";

    public const string Softeners = "slightly somewhat little bit kinda kind sort sorta rather fairly partly occasionally sometimes";

    public const string Contrasts = "but however although though yet nevertheless except";
}
