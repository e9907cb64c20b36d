using BenchmarkDotNet.Attributes;
using KnowledgePay.Decisions.Recommending.Models;
using KnowledgePay.Learning.Interactions;
using KnowledgePay.Learning.Recommenders;

namespace KnowledgePay.Benchmarks.Models;

/// <summary>Learned recommenders fold a person in from a history of a hundred items and score all of 2,000: what a decision pays for each.</summary>
[MemoryDiagnoser]
public class HistoryScorerBenchmarks
{
    private const int Items = 2_000;
    private const int People = 3_000;
    private const int HistoryLength = 100;

    private readonly float[] _scores = new float[Items];
    private HistoryEntry[] _history = [];
    private IHistoryScorer _scorer = null!;

    [Params("item-cf", "ease", "ials", "transitions", "linear-sequence", "self-attention", "two-tower")]
    public string Algorithm { get; set; } = "";

    [GlobalSetup]
    public void Prepare()
    {
        var random = new Random(1);
        var entries = new List<HistoryEntry>();
        var starts = new List<int> { 0 };
        for (int person = 0; person < People; person++)
        {
            int taste = random.Next(40);
            var taken = new HashSet<int>();
            while (taken.Count < 12)
            {
                taken.Add(random.Next(3) > 0 ? (taste * 50) + random.Next(50) : random.Next(Items));
            }

            entries.AddRange(taken.Select((item, at) => new HistoryEntry(item, float.NaN, 1_700_000_000_000L + (at * 864_000_000L))));
            starts.Add(entries.Count);
        }

        var data = new TrainingData(new InteractionMatrix(Items, [.. starts], [.. entries]), null, 1);
        IRecommenderLearner learner = Algorithm switch
        {
            "item-cf" => new ItemNeighbourLearner(),
            "ease" => new EaseLearner(),
            "ials" => new ImplicitFactorLearner(),
            "transitions" => new TransitionLearner(),
            "linear-sequence" => new LinearSequenceLearner(),
            "self-attention" => new SelfAttentionLearner(),
            _ => new TwoTowerLearner(),
        };
        Hyperparameters settings = learner.Choices(data)[0];
        _scorer = learner.Fit(data, settings.Values.ContainsKey("epochs") ? settings.With(new Dictionary<string, double> { ["epochs"] = 1 }) : settings);
        _history = [.. Enumerable.Range(0, HistoryLength).Select(k => new HistoryEntry(k * 17 % Items, float.NaN, 1_700_000_000_000L + k))];
    }

    [Benchmark]
    public float Score()
    {
        _scorer.Score(_history, _scores);
        return _scores[0];
    }
}
