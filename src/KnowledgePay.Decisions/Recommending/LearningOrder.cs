using KnowledgePay.Decisions.Catalogue;

namespace KnowledgePay.Decisions.Recommending;

/// <summary>What comes next for a person: courses that their last ones lead to, and what leads to a course that they want and are not ready for.</summary>
internal sealed class LearningOrder
{
    /// <summary>Courses of a history, newest, of which is said what follows.</summary>
    public const int Newest = 8;
    private const int FollowersOffered = 4;
    private const int MostWanted = 16;
    private const int MostLeads = 64;
    private const int Deepest = 4;
    /// <summary>Courses that are asked what they ask for: a catalogue can have more ways than anybody can walk.</summary>
    private const int MostAsked = 128;
    private const int ChoicesTried = 16;

    /// <summary>How much a course that the person looked at lately is wanted, beside 1 for the best that a model finds.</summary>
    private const float Viewed = 0.8f;
    /// <summary>What is left of the weight with each step away from what is wanted.</summary>
    private const float StepShare = 0.8f;

    private readonly (int Course, float Weight)[] _wanted = new (int, float)[MostWanted];
    private readonly (int Course, int Goal, float Weight)[] _leads = new (int, int, float)[MostLeads];
    private int _wantedCount;
    private int _leadCount;
    private int _asked;

    public void Clear() => _wantedCount = _leadCount = _asked = 0;

    /// <summary>A course that would be in the list were the person ready for it. Of too many those that weigh most are kept.</summary>
    public void Want(int course, float weight)
    {
        foreach (ref (int Course, float Weight) one in _wanted.AsSpan(0, _wantedCount))
        {
            if (one.Course == course)
            {
                one.Weight = Math.Max(one.Weight, weight);
                return;
            }
        }

        if (_wantedCount < MostWanted)
        {
            _wanted[_wantedCount++] = (course, weight);
        }
        else
        {
            int least = 0;
            for (int i = 1; i < MostWanted; i++)
            {
                least = _wanted[i].Weight < _wanted[least].Weight ? i : least;
            }

            if (_wanted[least].Weight < weight)
            {
                _wanted[least] = (course, weight);
            }
        }
    }

    /// <summary>Offers what comes next.</summary>
    public void Gather(in RankingQuestion question)
    {
        ReadOnlySpan<int> history = question.History;
        CourseGraph graph = question.Catalogue.Graph;
        foreach (int course in history[Math.Max(0, history.Length - Newest)..])
        {
            ReadOnlySpan<int> followers = graph.Followers(course);
            foreach (int follower in followers[Math.Max(0, followers.Length - FollowersOffered)..])
            {
                CandidateGathering.Offer(question, follower);
            }
        }

        if (question.Page is { } page && question.IsBlocked(page.Ordinal))
        {
            Want(page.Ordinal, question.Settings.PageLeadsWeight);
        }

        foreach (int viewed in question.Context.Profile.RecentViews ?? [])
        {
            if (question.IsBlocked(viewed))
            {
                Want(viewed, Viewed * question.Settings.LeadsWeight);
            }
        }

        foreach ((int course, float weight) in _wanted.AsSpan(0, _wantedCount))
        {
            Lead(question, course, course, weight, 0);
        }

        foreach ((int course, _, _) in _leads.AsSpan(0, _leadCount))
        {
            CandidateGathering.Offer(question, course);
        }
    }

    /// <summary>What it weighs that a course comes next: as the way to something, or as what follows the newest course that it asks for (half, four courses later).</summary>
    public float WeightOf(in RankingQuestion question, int course) => Math.Max(LeadOf(course).Weight, FollowingOf(question, course).Weight);

    /// <summary>What a course leads to, −1 for nothing.</summary>
    public (int Goal, float Weight) LeadOf(int course)
    {
        (int Goal, float Weight) best = (-1, 0f);
        foreach ((int of, int goal, float weight) in _leads.AsSpan(0, _leadCount))
        {
            if (of == course && weight > best.Weight)
            {
                best = (goal, weight);
            }
        }

        return best;
    }

    /// <summary>Of the courses that a course asks for the one that the person took last, −1 for none of the newest.</summary>
    public static (int Taken, float Weight) FollowingOf(in RankingQuestion question, int course)
    {
        if (!question.Catalogue.Facts[course].HasPrerequisites)
        {
            return (-1, 0f);
        }

        ReadOnlySpan<int> newest = question.History;
        newest = newest[Math.Max(0, newest.Length - Newest)..];
        int last = -1;
        foreach (int[] choices in question.Catalogue.Graph.Requirements(course))
        {
            if (choices.Length == 1)
            {
                last = Math.Max(last, newest.LastIndexOf(choices[0]));
                continue;
            }

            for (int i = newest.Length - 1; i > last && choices.Length <= CourseGraph.MostLeading; i--)
            {
                last = Array.BinarySearch(choices, newest[i]) >= 0 ? i : last;
            }
        }

        return last < 0 ? (-1, 0f) : (newest[last], question.Settings.LeadsWeight * MathF.Pow(0.5f, (newest.Length - 1 - last) / 4f));
    }

    /// <summary>Notes for each thing that a course asks for what of it can be taken now, or else what leads there.</summary>
    private void Lead(in RankingQuestion question, int course, int goal, float weight, int depth)
    {
        if (_asked++ >= MostAsked)
        {
            return;
        }

        foreach (int[] choices in question.Catalogue.Graph.Requirements(course))
        {
            if (question.IsFulfilled(choices))
            {
                continue;
            }

            int best = -1, blocked = -1;
            foreach (int choice in choices.AsSpan(0, Math.Min(ChoicesTried, choices.Length)))
            {
                if (question.IsAdmissible(choice))
                {
                    best = best < 0 || question.Similarity.Degree(choice) > question.Similarity.Degree(best) ? choice : best;
                }
                else if (blocked < 0 && question.IsBlocked(choice))
                {
                    blocked = choice;
                }
            }

            if (best >= 0 && _leadCount < MostLeads)
            {
                _leads[_leadCount++] = (best, goal, weight);
            }
            else if (blocked >= 0 && depth + 1 < Deepest)
            {
                Lead(question, blocked, goal, weight * StepShare, depth + 1);
            }
        }
    }
}
