using KnowledgePay.Decisions.Recommending.Models;
using KnowledgePay.Decisions.Trials;
using KnowledgePay.Learning.Evaluation;
using KnowledgePay.Learning.Interactions;
using KnowledgePay.Learning.Recommenders;

namespace KnowledgePay.Server.Models;

/// <summary>Compares a recommender on trial with the one that serves, by what people took since the trial began.</summary>
public sealed class RecommenderTrialReport(JournalTakings journal, ModelStore models, RecommenderFiles files)
{
    /// <summary>Length of the lists that are compared.</summary>
    public const int Cut = 10;

    /// <summary>Takings that are ranked at most, the latest: each costs both models a scoring.</summary>
    public const int MostRanked = 20_000;

    /// <summary>Where the tests are sharpest: at about a thousand takings, of which a list's gain varies by a twentieth or so.</summary>
    private const double SharpestGains = 5, SharpestTakings = 100;

    public async Task<TrialReport> Make(ModelVersion challenger, ModelTrial trial, CancellationToken cancellation)
    {
        ModelVersion? champion = await models.Champion(challenger.Kind, cancellation);
        Takings takings = await journal.Read(cancellation);
        Ranker second = new(files.Read(await models.Read(challenger, cancellation)), takings.Courses);
        Ranker? first = champion is null ? null : new(files.Read(await models.Read(champion, cancellation)), takings.Courses);
        return new TrialReport
        {
            Kind = challenger.Kind,
            Version = challenger.Version,
            Champion = champion?.Version,
            Trial = trial,
            Watched = Watch(takings, trial, first, second, cancellation),
            Served = trial.Share > 0 ? Serve(takings, trial) : null,
        };
    }

    private static TrialComparison? Watch(Takings takings, ModelTrial trial, Ranker? first, Ranker second, CancellationToken cancellation)
    {
        int since = takings.All.Count(one => one.ReceivedAt > trial.StartedAt);
        int passed = Math.Max(0, since - MostRanked);
        var histories = new Dictionary<long, List<int>>();
        int[] popularity = new int[takings.Courses.Count];
        var differences = new Dictionary<long, double>();
        double champion = 0, challenger = 0;
        int ranked = 0;
        foreach (Taking one in takings.All)
        {
            List<int> history = histories.TryGetValue(one.Person, out List<int>? known) ? known : histories[one.Person] = [];
            if (one.ReceivedAt > trial.StartedAt && --passed < 0 && history.Count > 0)
            {
                cancellation.ThrowIfCancellationRequested();
                double before = first?.Gain(history, one.Course) ?? GainOf(RankByPopularity(popularity, history, one.Course));
                double after = second.Gain(history, one.Course);
                champion += before;
                challenger += after;
                differences[one.Person] = differences.GetValueOrDefault(one.Person) + after - before;
                ranked++;
            }

            history.Add(one.Course);
            popularity[one.Course]++;
        }

        if (ranked == 0)
        {
            return null;
        }

        // A person's takings are of one mind: the sum's variance is that of people.
        SequentialResult test = SequentialTest.Of(challenger - champion, differences.Values.Sum(d => d * d), SharpestGains);
        return TrialComparison.Of(champion / ranked, challenger / ranked, (challenger - champion) / ranked, test, ranked, differences.Count, ranked);
    }

    private static TrialComparison? Serve(Takings takings, ModelTrial trial)
    {
        var taken = new Dictionary<long, int>();
        foreach (Taking one in takings.All)
        {
            if (one.ReceivedAt > trial.StartedAt)
            {
                taken[one.Person] = taken.GetValueOrDefault(one.Person) + 1;
            }
        }

        (int People, int Taken) champion = default, challenger = default;
        double sum = 0, variance = 0;
        foreach ((long person, string userId) in takings.UserIds)
        {
            int count = taken.GetValueOrDefault(person);
            bool isChallengers = TrialArms.IsChallengers(userId, trial.Name, trial.Share);
            // Weighted by how seldom one falls to that side, so that the sum is 0 on average when it does not matter to which.
            double weighted = isChallengers ? count / trial.Share : -count / (1 - trial.Share);
            sum += weighted;
            variance += weighted * weighted;
            if (isChallengers)
            {
                challenger = (challenger.People + 1, challenger.Taken + count);
            }
            else
            {
                champion = (champion.People + 1, champion.Taken + count);
            }
        }

        if (challenger.People == 0 || champion.People == 0)
        {
            return null;
        }

        SequentialResult test = SequentialTest.Of(sum, variance, SharpestTakings * ((1 / trial.Share) + (1 / (1 - trial.Share))));
        double of = (double)challenger.Taken / challenger.People, than = (double)champion.Taken / champion.People;
        int people = champion.People + challenger.People;
        return TrialComparison.Of(than, of, sum / people, test, people, people, champion.Taken + challenger.Taken);
    }

    private static int RankByPopularity(int[] popularity, List<int> history, int taken)
    {
        int above = 0;
        for (int course = 0; course < popularity.Length && above < Cut; course++)
        {
            above += course != taken && popularity[course] > popularity[taken] && !history.Contains(course) ? 1 : 0;
        }

        return above;
    }

    private static double GainOf(int rank) => rank < Cut ? 1 / Math.Log2(rank + 2) : 0;

    /// <summary>Ranks one course among all that a person has not got.</summary>
    private sealed class Ranker
    {
        private readonly IHistoryScorer _scorer;
        private readonly int[] _itemOf;
        private readonly float[] _scores;

        public Ranker(RecommenderModel model, IdTable courses)
        {
            _scorer = model.Scorer;
            _itemOf = [.. courses.Ids.Select(id => model.Items.Find(id))];
            _scores = new float[model.Items.Count];
        }

        /// <summary>NDCG@10 of a list in which the one course that was taken is right: 0 for one that the model does not know.</summary>
        public double Gain(List<int> history, int taken)
        {
            int item = _itemOf[taken];
            HistoryEntry[] known = [.. history.Select(course => _itemOf[course]).Where(one => one >= 0).Select(one => new HistoryEntry(one, float.NaN, HistoryEntry.NoTime))];
            if (item < 0 || known.Length == 0)
            {
                return 0;
            }

            _scorer.Score(known, _scores);
            float own = _scores[item];
            foreach (HistoryEntry entry in known)
            {
                _scores[entry.Item] = float.NegativeInfinity;
            }

            int above = 0;
            for (int other = 0; other < _scores.Length && above < Cut; other++)
            {
                above += other != item && _scores[other] > own ? 1 : 0;
            }

            return GainOf(above);
        }
    }
}
